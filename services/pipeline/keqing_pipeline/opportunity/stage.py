"""Stages of intent (意向阶段) and the signals that show them."""

from collections.abc import Iterable
from enum import StrEnum

from keqing_shared.domain import Term


class Stage(StrEnum):
    """How far from a yes; in this order."""

    REFUSED = "refused"
    UNAWARE = "0"
    LISTENING = "1"
    ASKING = "2"
    CONSIDERING = "3"
    SURE = "4"

    @property
    def rank(self) -> int:
        """-1 for refused, else the stage's number."""
        return -1 if self is Stage.REFUSED else int(self.value)


class Outcome(Term):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Signal(Term):
    """What one saw or heard, in the order of the stages."""

    HOSTILE = "hostile"
    ASKED_NOT_TO_CALL = "asked_not_to_call"
    TOLERATES_CALL = "tolerates_call"
    COMPLAINS = "complains"
    UNAWARE = "unaware"
    BUSY_NOW = "busy_now"
    ANSWERS_QUESTIONS = "answers_questions"
    CONVERSES = "converses"
    ASKS_BASICS = "asks_basics"
    ASKS_RESULTS = "asks_results"
    COMPARES_RIVALS = "compares_rivals"
    ASKS_RELATED = "asks_related"
    ASKS_PRICE = "asks_price"
    ASKS_METHOD = "asks_method"
    ASKS_AFTER_SALES = "asks_after_sales"
    ACCEPTS_CONTRACT_DRAFT = "accepts_contract_draft"
    AGREES_BUT_AWAY = "agrees_but_away"
    AGREES_WEIGHING_AMOUNT = "agrees_weighing_amount"
    AGREES_BLOCKED_BY_OTHER = "agrees_blocked_by_other"


SIGNALS: dict[Stage, tuple[Signal, ...]] = {
    Stage.REFUSED: (Signal.HOSTILE, Signal.ASKED_NOT_TO_CALL),
    Stage.UNAWARE: (Signal.TOLERATES_CALL, Signal.COMPLAINS, Signal.UNAWARE, Signal.BUSY_NOW),
    Stage.LISTENING: (Signal.ANSWERS_QUESTIONS, Signal.CONVERSES),
    Stage.ASKING: (Signal.ASKS_BASICS, Signal.ASKS_RESULTS, Signal.COMPARES_RIVALS, Signal.ASKS_RELATED),
    Stage.CONSIDERING: (
        Signal.ASKS_PRICE,
        Signal.ASKS_METHOD,
        Signal.ASKS_AFTER_SALES,
        Signal.ACCEPTS_CONTRACT_DRAFT,
    ),
    Stage.SURE: (Signal.AGREES_BUT_AWAY, Signal.AGREES_WEIGHING_AMOUNT, Signal.AGREES_BLOCKED_BY_OTHER),
}


def showing(stage: Stage) -> tuple[Signal, ...]:
    """The signals of this stage or above."""
    return tuple(signal for at, signals in SIGNALS.items() if at.rank >= stage.rank for signal in signals)


def is_shown(stage: Stage, seen: Iterable[Signal]) -> bool:
    """Whether one of the signals seen is of this stage or above."""
    return not set(showing(stage)).isdisjoint(seen)

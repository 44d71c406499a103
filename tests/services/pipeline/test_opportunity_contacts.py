"""Calls and visits: when they may be logged, what they show, and when the next touch is due."""

from datetime import date, timedelta

import msgspec
import pytest

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import ChangeStage, LogCall, LogMessage, LogVisit, NoteMissedTouch
from keqing_pipeline.opportunity.contact import (
    Call,
    Channel,
    CloseKind,
    ContactOutcome,
    Message,
    OpeningKind,
    Visit,
    VisitSteps,
)
from keqing_pipeline.opportunity.facts import (
    CallLogged,
    DealLost,
    DealWon,
    FollowUpMissed,
    MessageLogged,
    StageReceded,
    VisitLogged,
)
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.opportunity.stage import Signal, Stage
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Money
from keqing_shared.testing import given
from tests.services.pipeline.history import OPENED, advanced, at, called, having

BRIEF = Call(outcome=ContactOutcome.BRIEF)


def missed(due: date, in_a_row: int, watch: date | None) -> FollowUpMissed:
    level = "manager" if in_a_row >= 3 else "owner"
    return FollowUpMissed(owner="li.wei", due_on=due, in_a_row=in_a_row, level=level, watch_on=watch)


def test_a_call_without_a_time_was_made_now() -> None:
    having(OPENED).when(LogCall(call=BRIEF, at=at(3), by="li.wei")).then(
        CallLogged(call=BRIEF, at=at(3), on=date(2026, 3, 3), by="li.wei", next_touch_on=date(2026, 3, 18))
    )


def test_a_late_evening_call_belongs_to_the_business_day_in_shanghai() -> None:
    [fact] = having(OPENED).when(LogCall(call=BRIEF, at=at(3, hour=17), by="li.wei")).outcome()
    assert fact.on == date(2026, 3, 4)


def test_a_visit_keeps_its_eight_steps_its_opening_and_its_close() -> None:
    visit = Visit(
        outcome=ContactOutcome.APPOINTMENT,
        minutes=45,
        with_whom=("王总",),
        signals=(Signal.ASKS_PRICE,),
        steps=VisitSteps(target=True, preparation=True, opening=True, presentation=True),
        opening=OpeningKind.CURIOSITY,
        close=CloseKind.CHOICE,
        next_on=date(2026, 3, 6),
    )
    tried = having(OPENED).when(LogVisit(visit=visit, at=at(3), by="li.wei"))
    tried.then(
        VisitLogged(visit=visit, at=at(3), on=date(2026, 3, 3), by="li.wei", next_touch_on=date(2026, 3, 6))
    )
    assert tried.state().signals == (Signal.ASKS_PRICE,)
    [fact] = tried.outcome()
    assert msgspec.json.decode(msgspec.json.encode(fact), type=VisitLogged) == fact


def test_a_message_counts_as_a_touch() -> None:
    message = Message(outcome=ContactOutcome.BRIEF, channel=Channel.WECHAT)
    having(OPENED).when(LogMessage(message=message, at=at(3), by="li.wei")).then(
        MessageLogged(
            message=message, at=at(3), on=date(2026, 3, 3), by="li.wei", next_touch_on=date(2026, 3, 18)
        )
    )


def test_what_was_only_written_proves_no_stage() -> None:
    message = Message(outcome=ContactOutcome.INTERACTIVE, signals=(Signal.ASKS_PRICE,))
    [written] = having(OPENED).when(LogMessage(message=message, at=at(3), by="li.wei")).outcome()
    rise = ChangeStage(to=Stage.CONSIDERING, at=at(4))
    having(OPENED, written).when(rise).refused(no.EvidenceMissing)
    having(OPENED, written, called(3, Signal.ASKS_PRICE)).when(rise).outcome()


@pytest.mark.parametrize(
    ("outcome", "said", "reached"),
    [
        ("interactive", None, True),
        ("brief", None, True),
        ("no_answer", None, False),
        ("wrong_person", None, False),
        ("interactive", False, False),
        ("brief", True, True),
    ],
)
def test_a_decider_was_reached_as_said_or_else_as_the_outcome_has_it(
    outcome: str, said: bool | None, reached: bool
) -> None:
    assert Call(outcome=ContactOutcome(outcome), with_decider=said).reached_decider is reached


@pytest.mark.parametrize("outcome", [ContactOutcome.NO_ANSWER, ContactOutcome.WRONG_PERSON])
def test_nobody_decides_who_was_not_reached(outcome: ContactOutcome) -> None:
    call = Call(outcome=outcome, with_decider=True)
    having(OPENED).when(LogCall(call=call, at=at(3), by="li.wei")).refused(
        no.DeciderNeedsAnswer, field="with_decider"
    )


@pytest.mark.parametrize(
    ("outcome", "effective"),
    [
        ("no_answer", False),
        ("wrong_person", False),
        ("refused", False),
        ("brief", False),
        ("interactive", True),
        ("appointment", True),
    ],
)
def test_a_call_is_effective_when_something_came_of_it(outcome: str, effective: bool) -> None:
    assert ContactOutcome(outcome).effective is effective


def test_a_contact_of_the_future_is_refused_whatever_its_kind() -> None:
    at_once = {"outcome": ContactOutcome.BRIEF, "at": at(3) + timedelta(seconds=1)}
    for command in (
        LogCall(call=Call(**at_once), at=at(3), by="li.wei"),
        LogVisit(visit=Visit(**at_once), at=at(3), by="li.wei"),
        LogMessage(message=Message(**at_once), at=at(3), by="li.wei"),
    ):
        having(OPENED).when(command).refused(no.ContactInFuture, field="at")


def test_a_call_older_than_thirty_days_is_refused_and_of_thirty_days_is_not() -> None:
    now = at(31)
    at_the_edge = Call(outcome=ContactOutcome.BRIEF, at=now - timedelta(days=30))
    assert len(having(OPENED).when(LogCall(call=at_the_edge, at=now, by="li.wei")).outcome()) == 1
    beyond = Call(outcome=ContactOutcome.BRIEF, at=now - timedelta(days=30, seconds=1))
    having(OPENED).when(LogCall(call=beyond, at=now, by="li.wei")).refused(no.ContactTooOld, days=30)


def test_the_next_touch_is_not_promised_for_before_the_contact() -> None:
    call = Call(outcome=ContactOutcome.BRIEF, next_on=date(2026, 3, 2))
    having(OPENED).when(LogCall(call=call, at=at(3), by="li.wei")).refused(
        no.PromiseBeforeContact, field="next_on"
    )


@pytest.mark.parametrize("outcome", [ContactOutcome.NO_ANSWER, ContactOutcome.WRONG_PERSON])
def test_who_was_not_reached_shows_no_signals(outcome: ContactOutcome) -> None:
    call = Call(outcome=outcome, signals=(Signal.CONVERSES,))
    having(OPENED).when(LogCall(call=call, at=at(3), by="li.wei")).refused(
        no.SignalsNeedAnswer, field="signals"
    )


@pytest.mark.parametrize(
    ("stage", "due"),
    [
        (Stage.UNAWARE, date(2026, 3, 18)),  # Tuesday the 3rd and fifteen days: a Wednesday
        (Stage.LISTENING, date(2026, 3, 10)),
        (Stage.ASKING, date(2026, 3, 10)),
        (Stage.CONSIDERING, date(2026, 3, 6)),
        (Stage.SURE, date(2026, 3, 6)),
    ],
)
def test_each_stage_sets_its_pace(stage: Stage, due: date) -> None:
    opened = msgspec.structs.replace(OPENED, stage=stage)
    [fact] = having(opened).when(LogCall(call=BRIEF, at=at(3), by="li.wei")).outcome()
    assert fact.next_touch_on == due


def test_a_touch_due_on_a_saturday_waits_for_monday() -> None:
    opened = msgspec.structs.replace(OPENED, stage=Stage.SURE)
    [fact] = having(opened).when(LogCall(call=BRIEF, at=at(4), by="li.wei")).outcome()
    assert fact.next_touch_on == date(2026, 3, 9)  # the 4th and three days is Saturday the 7th


def test_a_sooner_promise_counts_and_a_later_one_does_not() -> None:
    sooner = Call(outcome=ContactOutcome.BRIEF, next_on=date(2026, 3, 5))
    later = Call(outcome=ContactOutcome.BRIEF, next_on=date(2026, 5, 5))
    [fact] = having(OPENED).when(LogCall(call=sooner, at=at(3), by="li.wei")).outcome()
    assert fact.next_touch_on == date(2026, 3, 5)
    [fact] = having(OPENED).when(LogCall(call=later, at=at(3), by="li.wei")).outcome()
    assert fact.next_touch_on == date(2026, 3, 18)


def promising(
    day: int, *, outcome: ContactOutcome = ContactOutcome.BRIEF, promised: int | None = None
) -> LogCall:
    next_on = None if promised is None else date(2026, 3, promised)
    return LogCall(call=Call(outcome=outcome, next_on=next_on), at=at(day), by="li.wei")


def test_a_promise_stands_until_its_day_whatever_is_said_in_between() -> None:
    """Agreed for Friday the 6th; a message of Wednesday confirms it, a call of Thursday rings out."""
    told = having(OPENED).when(promising(3, promised=6)).outcome()
    told += (
        having(OPENED, *told)
        .when(LogMessage(message=Message(outcome=ContactOutcome.BRIEF), at=at(4), by="li.wei"))
        .outcome()
    )
    told += having(OPENED, *told).when(promising(5, outcome=ContactOutcome.NO_ANSWER)).outcome()
    assert [fact.next_touch_on for fact in told] == [date(2026, 3, 6)] * 3
    [kept] = having(OPENED, *told).when(promising(6)).outcome()
    assert kept.next_touch_on == date(2026, 3, 23), "15 days on is Saturday the 21st"
    [other] = having(OPENED, *told).when(promising(5, promised=12)).outcome()
    assert other.next_touch_on == date(2026, 3, 12), "a new promise takes the place of the old one"


def test_with_the_deal_the_promise_is_lost() -> None:
    [call] = having(OPENED).when(promising(3, promised=16)).outcome()
    lost = DealLost(owner="li.wei", reason="price", rival=None, lost_on=date(2026, 3, 4))
    [after] = having(OPENED, call, lost).when(promising(5)).outcome()
    assert after.next_touch_on is None


def test_a_call_logged_late_does_not_slow_a_later_one_down() -> None:
    earlier = Call(outcome=ContactOutcome.BRIEF, at=at(3), next_on=date(2026, 3, 4))
    history = (OPENED, called(5, due=date(2026, 3, 9), next_on=date(2026, 3, 9)))
    tried = having(*history).when(LogCall(call=earlier, at=at(6), by="li.wei"))
    assert tried.state().next_touch_on == date(2026, 3, 9)
    assert tried.state().last_contact_on == date(2026, 3, 5)


def test_who_refuses_contact_is_touched_again_only_when_promised() -> None:
    refused = StageReceded(
        before=Stage.UNAWARE, after=Stage.REFUSED, on=date(2026, 3, 3), owner="li.wei", reason="hostile"
    )
    [fact] = having(OPENED, refused).when(LogCall(call=BRIEF, at=at(4), by="li.wei")).outcome()
    assert fact.next_touch_on is None
    promised = Call(outcome=ContactOutcome.BRIEF, next_on=date(2026, 3, 7))
    [fact] = having(OPENED, refused).when(LogCall(call=promised, at=at(4), by="li.wei")).outcome()
    assert fact.next_touch_on == date(2026, 3, 9)


def test_a_winner_is_touched_twice_a_month_and_a_lost_one_not_at_all() -> None:
    won = DealWon(owner="li.wei", amount=Money(amount=9), won_on=date(2026, 3, 3))  # type: ignore[arg-type]
    [fact] = having(OPENED, won).when(LogCall(call=BRIEF, at=at(4), by="li.wei")).outcome()
    assert fact.next_touch_on == date(2026, 3, 19)
    lost = DealLost(owner="li.wei", reason="price", lost_on=date(2026, 3, 3))
    [fact] = having(OPENED, lost).when(LogCall(call=BRIEF, at=at(4), by="li.wei")).outcome()
    assert fact.next_touch_on is None


def test_a_touch_is_missed_the_day_after_it_was_due() -> None:
    having(OPENED).when(NoteMissedTouch(today=date(2026, 3, 17))).then()
    having(OPENED).when(NoteMissedTouch(today=date(2026, 3, 18))).then(
        missed(date(2026, 3, 17), 1, date(2026, 4, 1))
    )


def test_a_due_date_is_missed_once() -> None:
    once = missed(date(2026, 3, 17), 1, date(2026, 4, 1))
    having(OPENED, once).when(NoteMissedTouch(today=date(2026, 3, 19))).then()
    having(OPENED, once).when(NoteMissedTouch(today=date(2026, 4, 1))).then()


def test_misses_in_a_row_are_counted_until_a_touch_in_time() -> None:
    history = [OPENED, advanced(3, Stage.UNAWARE, Stage.LISTENING, due=date(2026, 3, 10))]
    history += having(*history).when(NoteMissedTouch(today=date(2026, 3, 11))).outcome()
    assert history[-1] == missed(date(2026, 3, 10), 1, date(2026, 3, 17))
    history += having(*history).when(NoteMissedTouch(today=date(2026, 3, 18))).outcome()
    assert history[-1] == missed(date(2026, 3, 17), 2, date(2026, 3, 24))
    # A call at last, but late: the next miss is the third in a row.
    history += having(*history).when(LogCall(call=BRIEF, at=at(19), by="li.wei")).outcome()
    history += having(*history).when(NoteMissedTouch(today=date(2026, 3, 27))).outcome()
    assert history[-1] == missed(date(2026, 3, 26), 3, date(2026, 4, 2))
    # In time: counting begins anew.
    history += having(*history).when(LogCall(call=BRIEF, at=at(27), by="li.wei")).outcome()
    history += having(*history).when(LogCall(call=BRIEF, at=at(30), by="li.wei")).outcome()
    history += having(*history).when(NoteMissedTouch(today=date(2026, 4, 9))).outcome()
    assert history[-1].in_a_row == 1


def test_how_many_in_a_row_the_manager_hears_of_is_policy() -> None:
    first = NoteMissedTouch(today=date(2026, 3, 18))
    [fact] = having(OPENED).when(first).outcome()
    assert fact.level == "owner"
    [fact] = (
        given(OPPORTUNITY, OPENED, policy=PipelinePolicy(missed_in_a_row_for_manager=1)).when(first).outcome()
    )
    assert fact.level == "manager"


def test_what_fell_due_while_nobody_watched_is_missed_once() -> None:
    slept = NoteMissedTouch(today=date(2026, 6, 15))
    tried = having(OPENED).when(slept)
    # 17 March and six times fifteen days is 15 June, a Monday.
    tried.then(missed(date(2026, 3, 17), 1, date(2026, 6, 15)))
    having(OPENED, *tried.outcome()).when(slept).then()


def test_the_missed_due_date_stays_the_one_to_catch_up_on() -> None:
    state = having(OPENED).when(NoteMissedTouch(today=date(2026, 3, 18))).state()
    assert (state.next_touch_on, state.missed_in_a_row) == (date(2026, 3, 17), 1)

"""Stages: up with evidence, down with a reason, kept below 3 by an assessment that says no."""

from datetime import date

import pytest

from keqing_pipeline.customer.file import Assessment
from keqing_pipeline.customer.man import Known
from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import ChangeStage
from keqing_pipeline.opportunity.facts import DealLost, StageReceded
from keqing_pipeline.opportunity.stage import SIGNALS, Signal, Stage, is_shown, showing
from tests.services.pipeline.history import OPENED, advanced, at, called, having

TOO_EXPENSIVE = Assessment(returns_enough=Known.NO)


def test_a_signal_of_the_stage_raises_to_it() -> None:
    having(OPENED, called(3, Signal.CONVERSES)).when(ChangeStage(to=Stage.LISTENING, at=at(3))).then(
        advanced(3, Stage.UNAWARE, Stage.LISTENING, Signal.CONVERSES, due=date(2026, 3, 10))
    )


def test_a_signal_above_the_stage_raises_to_it_too() -> None:
    having(OPENED, called(3, Signal.ASKS_PRICE)).when(ChangeStage(to=Stage.ASKING, at=at(3))).then(
        advanced(3, Stage.UNAWARE, Stage.ASKING, Signal.ASKS_PRICE, due=date(2026, 3, 10))
    )


def test_stages_may_be_skipped_with_evidence() -> None:
    having(OPENED, called(3, Signal.TOLERATES_CALL, Signal.AGREES_BUT_AWAY)).when(
        ChangeStage(to=Stage.SURE, at=at(4))
    ).then(advanced(4, Stage.UNAWARE, Stage.SURE, Signal.AGREES_BUT_AWAY, due=date(2026, 3, 6)))


def test_without_evidence_the_missing_signals_are_named() -> None:
    having(OPENED, called(3, Signal.ASKS_RELATED)).when(ChangeStage(to=Stage.CONSIDERING, at=at(3))).refused(
        no.EvidenceMissing,
        field="to",
        missing=[
            "asks_price",
            "asks_method",
            "asks_after_sales",
            "accepts_contract_draft",
            "agrees_but_away",
            "agrees_weighing_amount",
            "agrees_blocked_by_other",
        ],
    )


def test_no_contact_is_no_evidence() -> None:
    having(OPENED).when(ChangeStage(to=Stage.LISTENING, at=at(3))).refused(no.EvidenceMissing)


def test_evidence_from_before_the_last_change_is_spent() -> None:
    history = (
        OPENED,
        called(3, Signal.ASKS_PRICE),
        advanced(3, Stage.UNAWARE, Stage.LISTENING, Signal.ASKS_PRICE),
    )
    having(*history).when(ChangeStage(to=Stage.CONSIDERING, at=at(4))).refused(no.EvidenceMissing)
    having(*history, called(5, Signal.ASKS_METHOD)).when(ChangeStage(to=Stage.CONSIDERING, at=at(5))).then(
        advanced(5, Stage.LISTENING, Stage.CONSIDERING, Signal.ASKS_METHOD, due=date(2026, 3, 9))
    )


def test_a_call_of_before_the_last_change_shows_nothing_however_late_it_is_logged() -> None:
    receded = StageReceded(
        before=Stage.LISTENING, after=Stage.UNAWARE, on=date(2026, 3, 10), owner="li.wei", reason="a rival"
    )
    rise = ChangeStage(to=Stage.CONSIDERING, at=at(11))
    having(OPENED, receded, called(9, Signal.ASKS_PRICE)).when(rise).refused(
        no.EvidenceMissing, since="2026-03-10"
    )
    [fact] = having(OPENED, receded, called(10, Signal.ASKS_PRICE)).when(rise).outcome()
    assert fact.evidence == (Signal.ASKS_PRICE,)


def test_a_call_of_before_the_file_was_opened_is_evidence_for_the_first_change() -> None:
    [fact] = (
        having(OPENED, called(1, Signal.CONVERSES)).when(ChangeStage(to=Stage.LISTENING, at=at(3))).outcome()
    )
    assert fact.evidence == (Signal.CONVERSES,)


def test_refusing_customers_recede_with_a_reason_and_are_left_alone() -> None:
    having(OPENED, called(3, Signal.ASKED_NOT_TO_CALL)).when(
        ChangeStage(to=Stage.REFUSED, at=at(3), reason="asked not to be called")
    ).then(
        StageReceded(
            before=Stage.UNAWARE,
            after=Stage.REFUSED,
            on=date(2026, 3, 3),
            owner="li.wei",
            reason="asked not to be called",
        )
    )


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_receding_needs_a_reason(reason: str | None) -> None:
    history = (OPENED, called(3, Signal.ASKS_PRICE), advanced(3, Stage.UNAWARE, Stage.CONSIDERING))
    having(*history).when(ChangeStage(to=Stage.LISTENING, at=at(4), reason=reason)).refused(
        no.ReasonMissing, field="reason"
    )


def test_whoever_refused_comes_back_only_with_evidence() -> None:
    refused = StageReceded(
        before=Stage.UNAWARE, after=Stage.REFUSED, on=date(2026, 3, 3), owner="li.wei", reason="hostile"
    )
    back = ChangeStage(to=Stage.UNAWARE, at=at(20))
    having(OPENED, refused, called(19, Signal.HOSTILE)).when(back).refused(no.EvidenceMissing)
    having(OPENED, refused, called(19, Signal.TOLERATES_CALL)).when(back).then(
        advanced(20, Stage.REFUSED, Stage.UNAWARE, Signal.TOLERATES_CALL, due=date(2026, 4, 3))
    )


def test_the_second_of_two_who_advance_alike_says_nothing_new() -> None:
    history = (OPENED, called(3, Signal.CONVERSES), advanced(3, Stage.UNAWARE, Stage.LISTENING))
    having(*history).when(ChangeStage(to=Stage.LISTENING, at=at(3))).then()


@pytest.mark.parametrize("member", ["can_meet_need", "returns_enough", "stronger_than_rivals"])
def test_any_no_of_the_assessment_blocks_stage_3(member: str) -> None:
    assessment = Assessment(**{member: Known.NO})
    having(OPENED, called(3, Signal.ASKS_PRICE)).when(
        ChangeStage(to=Stage.CONSIDERING, at=at(3), assessment=assessment)
    ).refused(no.AssessmentSaysNo, objections=[member])


def test_the_assessment_blocks_skipping_over_stage_3_but_nothing_below_it() -> None:
    seen = called(3, Signal.AGREES_BUT_AWAY)
    having(OPENED, seen).when(ChangeStage(to=Stage.SURE, at=at(3), assessment=TOO_EXPENSIVE)).refused(
        no.AssessmentSaysNo
    )
    having(OPENED, seen).when(ChangeStage(to=Stage.ASKING, at=at(3), assessment=TOO_EXPENSIVE)).then(
        advanced(3, Stage.UNAWARE, Stage.ASKING, Signal.AGREES_BUT_AWAY, due=date(2026, 3, 10))
    )


def test_an_unknown_in_the_assessment_blocks_nothing() -> None:
    command = ChangeStage(to=Stage.CONSIDERING, at=at(3), assessment=Assessment(can_meet_need=Known.YES))
    assert len(having(OPENED, called(3, Signal.ASKS_PRICE)).when(command).outcome()) == 1


def test_only_a_manager_overrides_the_assessment_and_only_with_a_reason() -> None:
    trying = having(OPENED, called(3, Signal.ASKS_PRICE))

    def override(*, manager: bool, reason: str | None) -> ChangeStage:
        return ChangeStage(
            to=Stage.CONSIDERING,
            at=at(3),
            assessment=TOO_EXPENSIVE,
            override_assessment=True,
            may_override=manager,
            reason=reason,
        )

    trying.when(override(manager=False, reason="strategic")).refused(no.OverrideNotAllowed)
    trying.when(override(manager=True, reason=None)).refused(no.ReasonMissing)
    [fact] = trying.when(override(manager=True, reason="strategic")).outcome()
    assert (fact.assessment_overridden, fact.reason) == (True, "strategic")


def test_an_override_is_no_evidence() -> None:
    having(OPENED).when(
        ChangeStage(
            to=Stage.CONSIDERING,
            at=at(3),
            assessment=TOO_EXPENSIVE,
            override_assessment=True,
            may_override=True,
            reason="strategic",
        )
    ).refused(no.EvidenceMissing)


def test_a_decided_opportunity_keeps_its_stage() -> None:
    lost = DealLost(owner="li.wei", reason="price", lost_on=date(2026, 3, 5))
    having(OPENED, called(3, Signal.CONVERSES), lost).when(ChangeStage(to=Stage.LISTENING, at=at(6))).refused(
        no.AlreadyDecided
    )


def test_an_unknown_opportunity_is_not_found() -> None:
    having().when(ChangeStage(to=Stage.LISTENING, at=at(6))).refused(no.OpportunityUnknown)


def test_every_signal_shows_exactly_one_stage() -> None:
    assert sorted(signal for signals in SIGNALS.values() for signal in signals) == sorted(Signal)


def test_showing_a_stage_takes_its_signals_and_those_above() -> None:
    assert set(showing(Stage.UNAWARE)) == set(Signal) - {Signal.HOSTILE, Signal.ASKED_NOT_TO_CALL}
    assert showing(Stage.SURE) == SIGNALS[Stage.SURE]
    assert is_shown(Stage.LISTENING, [Signal.ASKS_BASICS])
    assert not is_shown(Stage.ASKING, [Signal.CONVERSES])

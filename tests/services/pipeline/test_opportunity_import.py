"""Opportunities imported with their history, once and again."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import (
    ImportedOpportunity,
    ImportOpportunity,
    LogCall,
    NoteMissedTouch,
    Prospect,
)
from keqing_pipeline.opportunity.contact import Call, ContactOutcome
from keqing_pipeline.opportunity.facts import (
    CustomerNamed,
    DealLost,
    DealWon,
    ImportRepeated,
    OpportunityAmended,
    OpportunityFact,
    OpportunityHandedOver,
    OpportunityOpened,
    OpportunityReopened,
    StageAdvanced,
)
from keqing_pipeline.opportunity.imported import row_digest
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_shared.domain import ExternalReference, Money
from tests.services.pipeline.history import CUSTOMER_ID, at, having

USD = Money(amount=Decimal(1054), currency="USD")
ENGAGING = ImportedOpportunity(
    external=ExternalReference(system="crm", id="1C1I7A6R"),
    prospect=Prospect(title="Cancity: GTX Plus Basic", interests=("GTX Plus Basic",)),
    customer_id=CUSTOMER_ID,
    owner="moses.frase",
    stage=Stage.LISTENING,
    source_stage="Engaging",
    engaged_on=date(2016, 10, 20),
)
WON = replace(ENGAGING, source_stage="Won", outcome=Outcome.WON, closed_on=date(2017, 3, 1), close_value=USD)
LOST = replace(ENGAGING, source_stage="Lost", outcome=Outcome.LOST, closed_on=date(2017, 3, 1))


def imported(row: ImportedOpportunity) -> list[OpportunityFact]:
    return having().when(ImportOpportunity(row=row, at=at(2))).outcome()


def again(history: list[OpportunityFact], row: ImportedOpportunity) -> list[OpportunityFact]:
    return having(*history).when(ImportOpportunity(row=row, at=at(3))).outcome()


def test_an_open_row_keeps_its_business_date_and_its_own_word_for_the_stage() -> None:
    assert imported(ENGAGING) == [
        OpportunityOpened(
            customer_id=CUSTOMER_ID,
            owner="moses.frase",
            title="Cancity: GTX Plus Basic",
            stage=Stage.LISTENING,
            interests=("GTX Plus Basic",),
            opened_on=date(2016, 10, 20),
            external=ExternalReference(system="crm", id="1C1I7A6R"),
            source_stage="Engaging",
            import_digest=row_digest(ENGAGING),
        )
    ]


def test_a_won_row_is_a_deal_of_its_own_day() -> None:
    opened, won = imported(WON)
    assert isinstance(opened, OpportunityOpened)
    assert won == DealWon(
        owner="moses.frase",
        amount=USD,
        won_on=date(2017, 3, 1),
        products=("GTX Plus Basic",),
        imported=True,
    )


def test_a_lost_row_is_lost_on_its_own_day() -> None:
    assert imported(LOST)[1] == DealLost(
        owner="moses.frase", reason="not said", lost_on=date(2017, 3, 1), imported=True
    )


def test_the_past_is_not_missed_but_a_promise_is() -> None:
    having(*imported(ENGAGING)).when(NoteMissedTouch(today=date(2026, 3, 2))).then()
    promised = imported(replace(ENGAGING, next_on=date(2026, 3, 7)))
    [missed] = having(*promised).when(NoteMissedTouch(today=date(2026, 3, 10))).outcome()
    assert missed.due_on == date(2026, 3, 9)


def test_a_row_without_a_customer_or_a_date_is_taken_as_it_is() -> None:
    prospecting = replace(ENGAGING, customer_id=None, engaged_on=None, stage=Stage.UNAWARE)
    [opened] = imported(prospecting)
    assert isinstance(opened, OpportunityOpened)
    assert (opened.customer_id, opened.opened_on) == (None, None)


@pytest.mark.parametrize(
    ("row", "rule", "field"),
    [
        (replace(WON, closed_on=None), no.OutcomeIncomplete, "closed_on"),
        (replace(LOST, closed_on=None), no.OutcomeIncomplete, "closed_on"),
        (replace(WON, close_value=None), no.OutcomeIncomplete, "close_value"),
        (replace(WON, close_value=Money(amount=Decimal(0))), no.AmountNotPositive, "close_value"),
        (replace(WON, closed_on=date(2016, 10, 19)), no.ClosedBeforeOpened, "closed_on"),
        (replace(WON, closed_on=date(2026, 3, 3)), no.DateInFuture, "closed_on"),
        (replace(ENGAGING, engaged_on=date(2026, 3, 3)), no.DateInFuture, "engaged_on"),
    ],
)
def test_an_impossible_row_is_refused(
    row: ImportedOpportunity, rule: type[no.RuleBroken], field: str
) -> None:
    having().when(ImportOpportunity(row=row, at=at(2))).refused(rule, field=field)


def test_a_won_row_without_a_customer_is_refused() -> None:
    row = replace(WON, customer_id=None)
    having().when(ImportOpportunity(row=row, at=at(2))).refused(no.CustomerMissing)


def test_the_same_row_again_says_nothing() -> None:
    for row in (ENGAGING, WON, LOST):
        assert again(imported(row), row) == []


def test_a_row_that_was_won_meanwhile_wins() -> None:
    facts = again(imported(ENGAGING), WON)
    assert [type(fact) for fact in facts] == [DealWon, ImportRepeated]
    assert again([*imported(ENGAGING), *facts], WON) == []


def test_a_corrected_value_reopens_and_wins_again() -> None:
    corrected = replace(WON, close_value=Money(amount=Decimal(1100), currency="USD"))
    history = imported(WON)
    history += again(history, corrected)
    assert [type(fact) for fact in history[2:]] == [OpportunityReopened, DealWon, ImportRepeated]
    assert having(*history).when(ImportOpportunity(row=corrected, at=at(3))).state().won == Money(
        amount=Decimal(1100), currency="USD"
    )


def test_every_other_change_of_a_row_is_carried_out() -> None:
    before = replace(ENGAGING, customer_id=None)
    after = replace(
        ENGAGING,
        owner="zane.levy",
        stage=Stage.ASKING,
        prospect=Prospect(title="Cancity: GTX Pro", interests=("GTX Pro",)),
    )
    history = imported(before)
    facts = again(history, after)
    assert [type(fact) for fact in facts] == [
        CustomerNamed,
        OpportunityHandedOver,
        OpportunityAmended,
        StageAdvanced,
        ImportRepeated,
    ]
    state = having(*history).when(ImportOpportunity(row=after, at=at(3))).state()
    assert (state.customer_id, state.owner, state.stage) == (CUSTOMER_ID, "zane.levy", Stage.ASKING)
    assert (state.title, state.worked_on) == ("Cancity: GTX Pro", False)


def test_a_row_does_not_move_to_another_customer() -> None:
    moved = replace(ENGAGING, customer_id=UUID(int=2))
    having(*imported(ENGAGING)).when(ImportOpportunity(row=moved, at=at(3))).refused(no.CustomerFixed)


def test_a_changed_row_does_not_overrule_what_people_did_here() -> None:
    history = imported(ENGAGING)
    call = LogCall(call=Call(outcome=ContactOutcome.BRIEF), at=at(2), by="moses.frase")
    history += having(*history).when(call).outcome()
    having(*history).when(ImportOpportunity(row=WON, at=at(3))).refused(no.WorkedOnSince)
    assert again(history, ENGAGING) == []

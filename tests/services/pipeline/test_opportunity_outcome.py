"""Opened, amended, won, lost, open again."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import (
    AmendOpportunity,
    HandOver,
    LoseOpportunity,
    NameCustomer,
    OpenOpportunity,
    Prospect,
    ReopenOpportunity,
    WinOpportunity,
)
from keqing_pipeline.opportunity.facts import (
    CustomerNamed,
    DealLost,
    DealWon,
    OpportunityAmended,
    OpportunityHandedOver,
    OpportunityReopened,
)
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_shared.domain import Money
from tests.services.pipeline.history import CUSTOMER_ID, OPENED, advanced, at, having

YUAN = Money(amount=Decimal("48000.50"))
PROSPECT = Prospect(title="年度采购", amount=Money(amount=Decimal(50000)), interests=("CRM",))
WON = DealWon(
    owner="li.wei",
    amount=YUAN,
    won_on=date(2026, 3, 5),
    products=("CRM",),
    next_touch_on=date(2026, 3, 20),
)
LOST = DealLost(owner="li.wei", reason="price", lost_on=date(2026, 3, 5), rival="Beishan")


def test_an_opportunity_opens_at_stage_0_with_its_first_touch_due() -> None:
    having().when(OpenOpportunity(customer_id=CUSTOMER_ID, owner="li.wei", prospect=PROSPECT, at=at(2))).then(
        OPENED
    )


def test_it_opens_once() -> None:
    again = OpenOpportunity(customer_id=CUSTOMER_ID, owner="li.wei", prospect=PROSPECT, at=at(2))
    having(OPENED).when(again).refused(no.AlreadyOpened)


def test_an_expected_amount_is_not_negative() -> None:
    wanted = Prospect(title="x", amount=Money(amount=Decimal("-0.01")))
    having().when(
        OpenOpportunity(customer_id=CUSTOMER_ID, owner="li.wei", prospect=wanted, at=at(2))
    ).refused(no.AmountNegative, field="amount")


def test_what_one_expects_is_amended() -> None:
    wanted = Prospect(title="年度采购", expected_close_on=date(2026, 6, 1))
    having(OPENED).when(AmendOpportunity(prospect=wanted)).then(
        OpportunityAmended(title="年度采购", expected_close_on=date(2026, 6, 1))
    )
    having(OPENED).when(AmendOpportunity(prospect=PROSPECT)).then()


def test_it_is_handed_over_to_somebody_else() -> None:
    having(OPENED).when(HandOver(owner="zhao.min", reason="leave")).then(
        OpportunityHandedOver(owner="zhao.min", previous="li.wei", reason="leave")
    )
    having(OPENED).when(HandOver(owner="li.wei", reason="leave")).then()


def test_a_win_says_how_much_of_what_and_when() -> None:
    having(OPENED).when(WinOpportunity(amount=YUAN, at=at(5))).then(WON)
    [fact] = (
        having(OPENED)
        .when(WinOpportunity(amount=YUAN, at=at(9), won_on=date(2026, 3, 6), products=("CRM", "ERP")))
        .outcome()
    )
    assert (fact.won_on, fact.products) == (date(2026, 3, 6), ("CRM", "ERP"))


def test_a_win_for_nothing_is_none() -> None:
    free = Money(amount=Decimal(0))
    having(OPENED).when(WinOpportunity(amount=free, at=at(5))).refused(no.AmountNotPositive, field="amount")


def test_nobody_wins_tomorrow_nor_before_the_beginning() -> None:
    tomorrow = WinOpportunity(amount=YUAN, at=at(5), won_on=date(2026, 3, 6))
    having(OPENED).when(tomorrow).refused(no.DateInFuture, field="won_on")
    before = WinOpportunity(amount=YUAN, at=at(5), won_on=date(2026, 3, 1))
    having(OPENED).when(before).refused(no.ClosedBeforeOpened, field="won_on")
    having(OPENED).when(LoseOpportunity(reason="price", at=at(5), lost_on=date(2026, 3, 1))).refused(
        no.ClosedBeforeOpened, field="lost_on"
    )


def test_a_win_needs_a_customer() -> None:
    nobodys = msgspec.structs.replace(OPENED, customer_id=None)
    having(nobodys).when(WinOpportunity(amount=YUAN, at=at(5))).refused(no.CustomerMissing)
    named = CustomerNamed(customer_id=CUSTOMER_ID)
    having(nobodys).when(NameCustomer(customer_id=CUSTOMER_ID)).then(named)
    having(nobodys, named).when(WinOpportunity(amount=YUAN, at=at(5))).then(WON)
    having(nobodys, named).when(NameCustomer(customer_id=UUID(int=2))).refused(no.CustomerFixed)


def test_a_loss_says_why_and_to_whom() -> None:
    having(OPENED).when(LoseOpportunity(reason="price", rival="Beishan", at=at(5))).then(LOST)
    having(OPENED).when(LoseOpportunity(reason=" ", at=at(5))).refused(no.ReasonMissing, field="reason")


def test_what_is_decided_is_decided() -> None:
    for decided in (WON, LOST):
        having(OPENED, decided).when(WinOpportunity(amount=YUAN, at=at(6))).refused(no.AlreadyDecided)
        having(OPENED, decided).when(LoseOpportunity(reason="price", at=at(6))).refused(no.AlreadyDecided)


def test_it_reopens_at_the_stage_it_had_with_a_touch_due() -> None:
    history = (OPENED, advanced(3, Stage.UNAWARE, Stage.CONSIDERING), LOST)
    tried = having(*history).when(ReopenOpportunity(reason="budget approved", at=at(10)))
    tried.then(
        OpportunityReopened(
            was=Outcome.LOST,
            stage=Stage.CONSIDERING,
            on=date(2026, 3, 10),
            reason="budget approved",
            next_touch_on=date(2026, 3, 13),
        )
    )
    assert tried.state().outcome is Outcome.OPEN


def test_a_reopened_win_no_longer_counts() -> None:
    state = having(OPENED, WON).when(ReopenOpportunity(reason="booked in error", at=at(10))).state()
    assert (state.won, state.closed_on) == (None, None)


def test_what_is_open_does_not_reopen_nor_without_a_reason() -> None:
    having(OPENED).when(ReopenOpportunity(reason="x", at=at(10))).refused(no.NotDecided)
    having(OPENED, LOST).when(ReopenOpportunity(reason="", at=at(10))).refused(no.ReasonMissing)

"""Facts that the tests of an opportunity begin with: opened on Monday, 2 March 2026."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from keqing_pipeline.opportunity.contact import Call, ContactOutcome
from keqing_pipeline.opportunity.facts import (
    CallLogged,
    OpportunityFact,
    OpportunityOpened,
    StageAdvanced,
)
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.opportunity.stage import Signal, Stage
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Money
from keqing_shared.testing import Given, given

POLICY = PipelinePolicy()
CUSTOMER_ID = UUID(int=1)
OPENED = OpportunityOpened(
    customer_id=CUSTOMER_ID,
    owner="li.wei",
    title="年度采购",
    stage=Stage.UNAWARE,
    amount=Money(amount=Decimal(50000)),
    interests=("CRM",),
    opened_on=date(2026, 3, 2),
    next_touch_on=date(2026, 3, 17),
)


def at(day: int, hour: int = 2) -> datetime:
    """March 2026, UTC: 02:00 is ten in the morning in Shanghai."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def called(day: int, *signals: Signal, due: date | None = None, next_on: date | None = None) -> CallLogged:
    return CallLogged(
        call=Call(outcome=ContactOutcome.INTERACTIVE, signals=signals, next_on=next_on),
        at=at(day),
        on=date(2026, 3, day),
        by="li.wei",
        next_touch_on=due,
    )


def advanced(
    day: int, before: Stage, after: Stage, *evidence: Signal, due: date | None = None
) -> StageAdvanced:
    return StageAdvanced(
        before=before,
        after=after,
        on=date(2026, 3, day),
        owner="li.wei",
        evidence=evidence,
        next_touch_on=due,
    )


def having(*facts: OpportunityFact) -> Given:
    return given(OPPORTUNITY, *facts, policy=POLICY)

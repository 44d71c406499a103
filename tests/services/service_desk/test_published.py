"""What the others hear: the members that docs/architecture.md promises, and nobody's words."""

from datetime import UTC, date, datetime
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec
import pytest

from keqing_service_desk.callback import CallbackFact, CallbackPlanned
from keqing_service_desk.complaint.facts import (
    ComplaintClosed,
    ComplaintFact,
    ComplaintImported,
    ComplaintOpened,
    ComplaintSettled,
    GoodwillFollowedUp,
    SettlementApproved,
    SettlementAwaitsApproval,
    WaitingForCustomer,
    WorkResumed,
)
from keqing_service_desk.published import publish
from keqing_shared.domain import Fact, Recorded
from keqing_shared.domain.personal import PERSONAL

FACTS: tuple[type[Fact], ...] = (*get_args(ComplaintFact), *get_args(CallbackFact))
OUR_OWN_BUSINESS = {
    ComplaintImported,
    GoodwillFollowedUp,
    SettlementApproved,
    WaitingForCustomer,
    WorkResumed,
}
SAYING = "said in confidence"
SAMPLES: dict[Any, Any] = {
    UUID: UUID(int=7),
    datetime: datetime(2026, 3, 2, 2, tzinfo=UTC),
    date: date(2026, 3, 2),
    str: "zhao.min",
    bool: True,
    int: 4,
    tuple[UUID, ...]: (UUID(int=8),),
}


def sample(kind: type[Fact]) -> Fact:
    """A fact with every member filled, the personal ones with words that must not travel."""
    members = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if name in ("topic", "class_version"):
            continue
        personal = PERSONAL in getattr(hint, "__metadata__", ())
        members[name] = SAYING if personal else _sample(get_type_hints(kind)[name])
    return kind(**members)


def _sample(hint: Any) -> Any:
    if hint in SAMPLES:
        return SAMPLES[hint]
    choices = [choice for choice in get_args(hint) if choice is not type(None)]
    if choices:
        return choices[0] if isinstance(choices[0], str) else _sample(choices[0])
    if hasattr(hint, "__members__"):
        return next(iter(hint))
    if hint.__name__ == "Money":
        return hint(amount="12.50", currency="CNY")
    return hint(system="hotline", id="77")


def told(fact: Fact) -> Any:
    published = publish(
        Recorded(
            fact=fact,
            originator_id=UUID(int=5),
            originator_version=1,
            position=1,
            customer_id=UUID(int=7),
            recorded_at=SAMPLES[datetime],
            who="zhao.min",
            why=None,
            command_id=UUID(int=9),
            correlation_id="",
            causation_id=None,
        )
    )
    if published is None:
        return None
    assert published.name == type(fact).__name__
    return msgspec.json.decode(msgspec.json.encode(published.data))


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.__name__)
def test_every_fact_is_told_without_a_word_that_anybody_said(kind: type[Fact]) -> None:
    data = told(sample(kind))
    assert (data is None) == (kind in OUR_OWN_BUSINESS)
    assert SAYING not in str(data)
    assert data is None or {"complaint_id", "callback_id"} & set(data)


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        (ComplaintOpened, {"complaint_id", "category", "severity", "opened_by", "assigned_to", "invoices"}),
        (SettlementAwaitsApproval, {"complaint_id", "amount", "form", "needs", "proposed_by", "assigned_to"}),
        (ComplaintSettled, {"complaint_id", "form", "amount", "invoice_id"}),
        (ComplaintClosed, {"complaint_id", "satisfaction"}),
        (CallbackPlanned, {"callback_id", "due_on", "kind"}),
    ],
)
def test_the_members_are_those_agreed(kind: type[Fact], members: set[str]) -> None:
    assert set(told(sample(kind))) == members

"""From an event to notifications and deliveries."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from keqing_notify.delivery import delivery_id
from keqing_notify.notification import notification_id
from keqing_notify.policy import POLICY
from keqing_notify.telling import Heard, Known, Plan, concerns, plan
from keqing_notify.webhook import Endpoint

CUSTOMER = UUID("11111111-1111-4111-8111-111111111111")
ERP = UUID("22222222-2222-4222-8222-222222222222")
CHAT = UUID("33333333-3333-4333-8333-333333333333")
THEN = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 2, 4, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Someone:
    login: str
    roles: tuple[str, ...]
    manager: str | None = None
    active: bool = True
    team: str | None = None


LI = Someone("li.wei", ("rep",), "zhao.min")
HE = Someone("he.ping", ("collector",))
ALL_KNOWN = Known(True, "li.wei", {"li.wei": LI, "he.ping": HE})


def heard(name: str, data: dict[str, Any], source: str = "collections") -> Heard:
    return Heard(
        id=f"{source}:41",
        source=source,
        name=name,
        customer_id=CUSTOMER,
        time=THEN,
        who="clockwork",
        data=data,
    )


OVERDUE = heard("PaymentOverdue", {"invoice_id": "7", "threshold": 30})


def planned(it: Heard, known: Known = ALL_KNOWN, *endpoints: tuple[UUID, Endpoint]) -> Plan:
    return plan(it, POLICY, known, endpoints, NOW)


def test_everyone_concerned_gets_their_own_notification() -> None:
    made = dict(planned(OVERDUE).notifications)
    assert set(made) == {
        notification_id("collections:41", "payment_overdue", login)
        for login in ("li.wei", "he.ping", "zhao.min")
    }
    mine = made[notification_id("collections:41", "payment_overdue", "li.wei")]
    assert mine.event == "collections.PaymentOverdue"
    assert mine.members == {"invoice_id": "7", "threshold": 30}
    assert (mine.occurred_at, mine.at) == (THEN, NOW)
    assert mine.collapse_key == "payment_overdue:7"
    assert not mine.critical


def test_the_owner_named_by_the_event_counts_more_than_the_directorys() -> None:
    missed = heard("FollowUpMissed", {"owner": "chen.hao", "in_a_row": 1}, "pipeline")
    assert [raising.recipient for _, raising in planned(missed).notifications] == ["chen.hao"]


def test_an_event_that_no_subscription_names_concerns_nobody() -> None:
    issued = heard("InvoiceIssued", {"invoice_id": "7"})
    assert not concerns(issued, POLICY)
    assert planned(issued) == Plan([], [], None)


def test_webhooks_get_what_they_want_once_each() -> None:
    by_event = Endpoint(url="https://erp.example.com/", events=("collections.*",), kinds=("payment_overdue",))
    by_kind = Endpoint(url="https://chat.example.com/", kinds=("payment_overdue",))
    not_this = Endpoint(url="https://other.example.com/", events=("pipeline.*",), kinds=("deal_won",))
    made = planned(OVERDUE, ALL_KNOWN, (ERP, by_event), (CHAT, by_kind), (CUSTOMER, not_this)).deliveries
    assert [id for id, _ in made] == [delivery_id(ERP, "collections:41"), delivery_id(CHAT, "collections:41")]
    assert json.loads(made[0][1].body) == {
        "type": "collections.PaymentOverdue",
        "timestamp": "2026-11-02T04:00:00Z",
        "id": "collections:41",
        "customer_id": str(CUSTOMER),
        "who": "clockwork",
        "kinds": ["payment_overdue"],
        "data": {"invoice_id": "7", "threshold": 30},
    }


def test_a_webhook_may_want_events_that_are_nobodys_news() -> None:
    everything = Endpoint(url="https://erp.example.com/", events=("*",))
    made = planned(heard("InvoiceIssued", {}), ALL_KNOWN, (ERP, everything)).deliveries
    assert json.loads(made[0][1].body)["kinds"] == []


@pytest.mark.parametrize(
    ("known", "awaits"),
    [
        (ALL_KNOWN, None),
        (Known(False, None, {"he.ping": HE}), f"customer:{CUSTOMER}"),
        (Known(True, "li.wei", {"he.ping": HE}), "person:li.wei"),
        (Known(True, None, {"he.ping": HE}), None),
    ],
)
def test_what_the_directory_does_not_know_yet_is_awaited(known: Known, awaits: str | None) -> None:
    assert planned(OVERDUE, known).awaits == awaits


def test_whether_a_sales_manager_may_hear_of_it_is_awaited_too() -> None:
    awaits = heard("SettlementAwaitsApproval", {"complaint_id": "c", "needs": "manager"}, "service-desk")
    boss = Someone("zhao.min", ("sales_manager",))
    early = planned(awaits, Known(False, None, {"zhao.min": boss}))
    assert (early.notifications, early.awaits) == ([], f"customer:{CUSTOMER}")
    assert planned(awaits, Known(True, "li.wei", {"zhao.min": boss})).awaits == "person:li.wei"
    known = planned(awaits, Known(True, "li.wei", {"zhao.min": boss, "li.wei": LI}))
    assert [raising.recipient for _, raising in known.notifications] == ["zhao.min"]
    assert known.awaits is None


def test_meanwhile_the_others_are_told_at_once() -> None:
    made = planned(OVERDUE, Known(False, None, {"he.ping": HE})).notifications
    assert [raising.recipient for _, raising in made] == ["he.ping"]


def test_an_owner_without_a_manager_is_known_well_enough() -> None:
    alone = Someone("li.wei", ("rep",), None)
    assert planned(OVERDUE, Known(True, "li.wei", {"li.wei": alone})).awaits is None


def test_nothing_is_awaited_for_an_audience_that_does_not_apply() -> None:
    first_day = heard("PaymentOverdue", {"invoice_id": "7", "threshold": 1})
    assert planned(first_day, Known(True, "li.wei", {})).awaits is None

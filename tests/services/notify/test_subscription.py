"""Who is told what, by the built-in subscriptions."""

from dataclasses import dataclass
from typing import Any

import pytest

from keqing_notify.policy import POLICY
from keqing_notify.subscription import Audience, Condition, Subscription


@dataclass(frozen=True)
class Someone:
    login: str
    roles: tuple[str, ...]
    manager: str | None = None
    active: bool = True
    team: str | None = None


PEOPLE = {
    person.login: person
    for person in (
        Someone("li.wei", ("rep",), manager="zhao.min"),
        Someone("zhao.min", ("sales_manager",)),
        Someone("sun.jie", ("sales_manager",), team="south"),
        Someone("wu.na", ("rep",), team="south"),
        Someone("chen.hao", ("agent",), manager="guo.lan"),
        Someone("guo.lan", ("supervisor",)),
        Someone("he.ping", ("collector",)),
        Someone("root", ("admin",)),
        Someone("xu.gone", ("collector", "supervisor"), active=False),
    )
}


def told(source: str, event: str, data: dict[str, Any], owner: str | None = "li.wei") -> dict[str, list[str]]:
    return {
        subscription.kind: list(subscription.recipients(data, owner, PEOPLE))
        for subscription in POLICY.subscriptions
        if subscription.matches(source, event, data)
    }


def critical(source: str, event: str, data: dict[str, Any]) -> bool:
    (found,) = [one for one in POLICY.subscriptions if one.matches(source, event, data)]
    return found.is_critical(data)


def test_a_missed_touch_is_told_to_the_owner() -> None:
    assert told("pipeline", "FollowUpMissed", {"owner": "li.wei", "in_a_row": 3, "level": "owner"}) == {
        "missed_touch": ["li.wei"]
    }


def test_as_many_in_a_row_as_pipelines_policy_says_are_told_to_the_owners_manager_too() -> None:
    assert told("pipeline", "FollowUpMissed", {"owner": "li.wei", "in_a_row": 2, "level": "manager"}) == {
        "missed_touch": ["li.wei", "zhao.min"]
    }


def test_an_overfilled_band_and_a_suggested_removal_are_told_to_whose_list_it_is() -> None:
    overfilled = {"owner": "li.wei", "band": "close", "count": 11, "capacity": 10}
    assert told("pipeline", "BandOverfilled", overfilled) == {"band_overfilled": ["li.wei"]}
    suggested = {"owner": "li.wei", "reason": "stagnant", "contacts": 5}
    assert told("pipeline", "RemovalSuggested", suggested) == {"removal_suggested": ["li.wei"]}


def test_an_opened_complaint_is_told_to_the_owner_and_the_assigned_agent() -> None:
    data = {"severity": "major", "assigned_to": "chen.hao"}
    assert told("service-desk", "ComplaintOpened", data) == {"complaint_opened": ["chen.hao", "li.wei"]}
    assert not critical("service-desk", "ComplaintOpened", data)


def test_a_critical_complaint_is_told_to_the_supervisors_too() -> None:
    data = {"severity": "critical", "assigned_to": "chen.hao"}
    assert told("service-desk", "ComplaintOpened", data) == {
        "complaint_opened": ["chen.hao", "guo.lan", "li.wei"]
    }
    assert critical("service-desk", "ComplaintOpened", data)


def test_an_unassigned_complaint_is_told_to_the_owner_alone() -> None:
    assert told("service-desk", "ComplaintOpened", {"severity": "minor", "assigned_to": None}) == {
        "complaint_opened": ["li.wei"]
    }


def test_a_settlement_is_told_to_those_who_may_approve_it() -> None:
    assert told("service-desk", "SettlementAwaitsApproval", {"needs": "supervisor"}) == {
        "settlement_awaits_approval": ["guo.lan"]
    }
    assert told("service-desk", "SettlementAwaitsApproval", {"needs": "manager"}) == {
        "settlement_awaits_approval": ["zhao.min"]
    }


def test_a_sales_manager_hears_nothing_of_another_teams_customers() -> None:
    awaits = {"needs": "manager"}
    assert told("service-desk", "SettlementAwaitsApproval", awaits, owner="wu.na") == {
        "settlement_awaits_approval": ["sun.jie"]
    }
    assert told("service-desk", "SettlementAwaitsApproval", awaits, owner=None) == {
        "settlement_awaits_approval": []
    }


@pytest.mark.parametrize(
    ("event", "kind"), [("ResponseOverdue", "response_overdue"), ("SolutionOverdue", "solution_overdue")]
)
def test_a_missed_complaint_clock_is_critical_news_for_assigned_and_supervisors(
    event: str, kind: str
) -> None:
    data = {"complaint_id": "c-1", "assigned_to": "chen.hao"}
    assert told("service-desk", event, data) == {kind: ["chen.hao", "guo.lan"]}
    assert critical("service-desk", event, data)


def test_an_overdue_payment_is_told_to_the_owner_and_the_collectors() -> None:
    assert told("collections", "PaymentOverdue", {"threshold": 1}) == {
        "payment_overdue": ["he.ping", "li.wei"]
    }


@pytest.mark.parametrize("threshold", [30, 60, 90])
def test_from_30_days_an_overdue_payment_is_told_to_the_owners_manager_too(threshold: int) -> None:
    assert told("collections", "PaymentOverdue", {"threshold": threshold}) == {
        "payment_overdue": ["he.ping", "li.wei", "zhao.min"]
    }


def test_90_days_overdue_is_critical_and_60_are_not() -> None:
    assert critical("collections", "PaymentOverdue", {"threshold": 90})
    assert not critical("collections", "PaymentOverdue", {"threshold": 60})


def test_a_won_and_a_lost_deal_are_told_to_the_owners_manager() -> None:
    assert told("pipeline", "DealWon", {"owner": "li.wei"}) == {"deal_won": ["zhao.min"]}
    assert told("pipeline", "DealLost", {"owner": "li.wei"}) == {"deal_lost": ["zhao.min"]}


def test_a_new_owner_and_the_previous_one_are_told() -> None:
    assert told("pipeline", "OwnerChanged", {"owner": "li.wei", "previous": "he.ping"}) == {
        "owner_changed": ["he.ping", "li.wei"]
    }


def test_an_escalation_by_hand_is_told_to_the_level_it_goes_to() -> None:
    by_hand = {"complaint_id": "c-1", "cause": "by_hand", "assigned_to": "chen.hao"}
    assert told("service-desk", "ComplaintEscalated", {**by_hand, "to": "supervisor"}) == {
        "complaint_escalated": ["guo.lan"]
    }
    assert told("service-desk", "ComplaintEscalated", {**by_hand, "to": "manager"}) == {
        "complaint_escalated": ["zhao.min"]
    }


def test_an_escalation_by_a_missed_clock_is_told_as_the_missed_clock_only() -> None:
    data = {"complaint_id": "c-1", "cause": "response_overdue", "to": "supervisor"}
    assert told("service-desk", "ComplaintEscalated", data) == {}


def test_a_complaint_or_opportunity_handed_over_is_told_to_whom_it_comes_to() -> None:
    passed = {"assigned_to": "chen.hao", "previous": "guo.lan"}
    assert told("service-desk", "ComplaintReassigned", passed) == {"complaint_reassigned": ["chen.hao"]}
    taken = {"owner": "chen.hao", "previous": "li.wei"}
    assert told("pipeline", "OpportunityHandedOver", taken, owner="chen.hao") == {
        "opportunity_handed_over": ["chen.hao"]
    }


def test_a_missed_callback_is_told_to_the_owner_and_the_supervisors() -> None:
    assert told("service-desk", "CallbackMissed", {"callback_id": "b-1"}) == {
        "callback_missed": ["guo.lan", "li.wei"]
    }


def test_an_event_of_the_same_name_in_another_context_is_no_match() -> None:
    assert told("collections", "DealWon", {"owner": "li.wei"}) == {}


def test_without_an_owner_only_the_others_are_told() -> None:
    assert told("collections", "PaymentOverdue", {"threshold": 30}, owner=None) == {
        "payment_overdue": ["he.ping"]
    }
    assert told("pipeline", "DealWon", {}, owner=None) == {"deal_won": []}


def test_somebody_whom_the_directory_does_not_know_is_told_all_the_same() -> None:
    assert told("collections", "PaymentOverdue", {"threshold": 90}, owner="new.hire") == {
        "payment_overdue": ["he.ping", "new.hire"]
    }


def test_an_owner_of_a_deactivated_account_is_not_told() -> None:
    assert told("collections", "PaymentOverdue", {"threshold": 1}, owner="xu.gone") == {
        "payment_overdue": ["he.ping"]
    }


def test_a_person_named_twice_is_told_once() -> None:
    assert told("service-desk", "ComplaintOpened", {"severity": "minor", "assigned_to": "li.wei"}) == {
        "complaint_opened": ["li.wei"]
    }


@pytest.mark.parametrize("unclear", [None, "many", [], {"amount": "9"}, float("nan")])
def test_an_unclear_number_reaches_no_threshold(unclear: object) -> None:
    assert not Condition(member="threshold", at_least=30).holds({"threshold": unclear})


def test_a_condition_reads_numbers_written_as_text() -> None:
    assert Condition(member="amount", at_least=30).holds({"amount": "30.00"})
    assert not Condition(member="amount", at_least=30).holds({"amount": "29.99"})


def test_repeats_collapse_by_invoice_and_a_missing_member_collapses_nothing() -> None:
    (overdue,) = [one for one in POLICY.subscriptions if one.kind == "payment_overdue"]
    assert overdue.collapse_key({"invoice_id": "7", "threshold": 1}) == "payment_overdue:7"
    assert overdue.collapse_key({"threshold": 1}) is None
    assert Subscription(
        source="pipeline", event="DealWon", kind="deal_won", to=(Audience(who="owner"),)
    ).collapse_key({}) is None  # fmt: skip


def test_care_to_approve_is_told_to_whoever_is_asked() -> None:
    data = {"requested_by": "li.wei", "approver": "zhao.min", "led": True}
    assert told("pipeline", "CareRequested", data) == {"care_to_approve": ["zhao.min"]}
    nobody = {"requested_by": "zhao.min", "approver": None, "led": False}
    assert told("pipeline", "CareRequested", nobody) == {"care_to_approve": ["root"]}


def test_what_tomorrow_brings_is_told_to_the_owner_alone() -> None:
    assert told("pipeline", "CareDayAhead", {"owner": "wu.na"}, owner=None) == {"care_tomorrow": ["wu.na"]}


def test_a_customer_that_may_leave_is_told_to_the_owner_and_the_manager() -> None:
    assert told("pipeline", "DefectionWarned", {}) == {"defection_warning": ["li.wei", "zhao.min"]}
    withdrawn = told("pipeline", "DefectionWarningWithdrawn", {})
    assert withdrawn == {"defection_warning_withdrawn": ["li.wei"]}


def test_a_key_account_that_a_rule_ends_is_told_to_the_owner_and_the_manager() -> None:
    for because in ("not_class_a", "unprofitable", "squeezing"):
        said = told("pipeline", "KeyAccountEnded", {"because": because})
        assert said == {"key_account_ended": ["li.wei", "zhao.min"]}
    for because in ("by_hand", "merged", "taken_over", "parted"):
        assert told("pipeline", "KeyAccountEnded", {"because": because}) == {}


def test_a_review_that_is_due_is_told_to_the_owner() -> None:
    assert told("pipeline", "AccountReviewDue", {}) == {"account_review_due": ["li.wei"]}

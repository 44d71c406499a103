"""A history reads well wherever it is printed."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from keqing_local.replay import telling

SHANGHAI = ZoneInfo("Asia/Shanghai")


def entry(**given: Any) -> dict[str, Any]:
    return {
        "context": "pipeline",
        "position": 5,
        "kind": "CallLogged",
        "recorded_at": "2026-03-02T01:30:00Z",
        "who": "li.wei",
        "why": None,
        "causation_id": None,
        "fact": {},
        **given,
    }


def lines(*entries: dict[str, Any]) -> list[str]:
    return [line.plain for line in telling.facts(entries, SHANGHAI)]


def test_a_fact_is_a_heading_in_the_business_time_zone_and_what_it_said() -> None:
    fact = {"title": "二期染整线", "amount": {"amount": "860000.00", "currency": "CNY"}, "stage": "0"}
    assert lines(entry(kind="OpportunityOpened", fact=fact)) == [
        "2026-03-02 09:30:00  pipeline:5          OpportunityOpened  li.wei",
        "    title=二期染整线, amount=860000.00 CNY, stage=0",
    ]


def test_a_reason_and_a_cause_are_said() -> None:
    assert lines(entry(why="催款 [急]", causation_id="collections:3")) == [
        "2026-03-02 09:30:00  pipeline:5          CallLogged  li.wei  ← collections:3",
        "    why: 催款 [急]",
    ]


def test_what_says_nothing_is_left_out_at_any_depth_but_false_and_nought_are_said() -> None:
    fact = {
        "note": None,
        "details": {"phones": [], "man": {"money": "yes", "need": None}},
        "effective": False,
    }
    assert lines(entry(fact={**fact, "minutes": 0}))[1] == (
        '    details={"man": {"money": "yes"}}, effective=false, minutes=0'
    )


def test_a_state_has_a_line_for_each_member() -> None:
    state = {"context": "collections", "aggregate": "invoice", "aggregate_id": "i-1", "version": 2}
    told = telling.states(
        [{**state, "state": {"number": "INV-1", "open": {}}}], datetime(2026, 3, 2, tzinfo=UTC)
    )
    assert [line.plain for line in told] == [
        "\nas of 2026-03-02 00:00:00",
        "\ncollections invoice i-1 (version 2)",
        "    number: INV-1",
    ]


def test_a_difference_names_what_was_and_what_is_and_what_was_not_there() -> None:
    loan = {"context": "pipeline", "aggregate": "opportunity", "aggregate_id": "o-1"}
    members = [
        {"path": "stage", "before": "1", "after": "3"},
        {"path": "amount", "before": None, "after": {"amount": "860000.00", "currency": "CNY"}},
    ]
    told = telling.differences(
        [{**loan, "version_before": 2, "version": 5, "members": members}],
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 2, tzinfo=UTC),
    )
    assert [line.plain for line in told] == [
        "\nfrom 2026-03-01 00:00:00 to 2026-03-02 00:00:00",
        "\npipeline opportunity o-1 (version 2 → 5)",
        "    stage: 1 → 3",
        "    amount: - → 860000.00 CNY",
    ]

"""Histories of several logs become one, whatever their clocks say."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from keqing_local.replay.timeline import merged


def entry(context: str, position: int, at: str, cause: str | None = None) -> dict[str, Any]:
    return {"context": context, "position": position, "recorded_at": at, "causation_id": cause}


def names(entries: Any) -> list[str]:
    return [f"{it['context']}:{it['position']}" for it in entries]


def test_facts_of_several_contexts_are_ordered_by_time() -> None:
    histories = {
        "pipeline": [entry("pipeline", 1, "2026-01-01T09"), entry("pipeline", 4, "2026-01-01T12")],
        "notify": [entry("notify", 7, "2026-01-01T10")],
    }
    assert names(merged(histories)) == ["pipeline:1", "notify:7", "pipeline:4"]


def test_an_effect_never_comes_before_its_cause_even_when_its_clock_is_behind() -> None:
    histories = {
        "collections": [entry("collections", 1, "2026-01-01T08", cause="pipeline:2")],
        "pipeline": [entry("pipeline", 1, "2026-01-01T09"), entry("pipeline", 2, "2026-01-01T09")],
    }
    assert names(merged(histories)) == ["pipeline:1", "pipeline:2", "collections:1"]


def test_a_cause_that_was_filtered_away_holds_nothing_up() -> None:
    histories = {"collections": [entry("collections", 1, "2026-01-01T08", cause="pipeline:2")]}
    assert names(merged(histories)) == ["collections:1"]


@given(
    st.dictionaries(
        st.sampled_from(["pipeline", "service-desk", "collections", "notify"]),
        st.lists(st.integers(0, 23), max_size=12),
    )
)
def test_every_logs_own_order_is_kept_and_nothing_is_lost(hours: dict[str, list[int]]) -> None:
    histories = {
        context: [entry(context, n, f"2026-01-01T{hour:02}") for n, hour in enumerate(times, 1)]
        for context, times in hours.items()
    }
    order = list(merged(histories))
    for context, entries in histories.items():
        assert [it for it in order if it["context"] == context] == entries
    assert len(order) == sum(map(len, histories.values()))

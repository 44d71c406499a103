"""Each thing that can go wrong between a writer and an observer is counted as what it is."""

from pathlib import Path

import pytest

from tests.faults.checker import Ledger, Outcome, Reading, Report, Seen, Sight, judge

WRITTEN = (101, 102, 103, 104)


def seen(position: int, *, token: int | None = None, stream: str = "a", version: int | None = None) -> Seen:
    """As it was written, a second after the one before."""
    return Seen(position, token or 100 + position, stream, version or position, float(position))


def outcome(*sightings: Seen, refused: frozenset[int] = frozenset(), in_streams: bool = False) -> Outcome:
    """Of one observer who should have seen four facts, acknowledged at 0.5, 1.5, ... seconds."""
    ledger = Ledger({token: token - 100.5 for token in WRITTEN}, set(refused))
    sight = Sight("somebody")
    sight.in_streams = in_streams
    sight.acknowledged(WRITTEN)
    sight.saw(sightings)
    return judge(ledger, [sight])


def test_what_is_seen_once_and_in_order_is_sound() -> None:
    found = outcome(*map(seen, (1, 2, 3, 4)))
    assert found == Outcome(facts=4, stall=0.5, slowest="somebody")
    assert found.sound


@pytest.mark.parametrize(
    ("sightings", "wrong"),
    [
        (map(seen, (1, 2, 4)), {"missed": 1}),
        ((), {"missed": 4}),
        (map(seen, (1, 2, 2, 3, 4, 1)), {"repeated": 2}),
        (map(seen, (1, 3, 2, 4)), {"reordered": 1}),
        ((seen(1), seen(2), seen(3, version=4), seen(4, version=3)), {"reordered": 1}),
        ((*map(seen, (1, 2, 3, 4)), seen(5, token=999)), {"ghosts": 1}),
    ],
    ids=["one missed", "all missed", "repeated", "out of order", "versions out of order", "ghost"],
)
def test_whatever_is_wrong_is_counted(sightings: tuple[Seen, ...], wrong: dict[str, int]) -> None:
    found = outcome(*sightings, refused=frozenset({999}))
    names = ("missed", "repeated", "reordered", "ghosts")
    assert {name: getattr(found, name) for name in names if getattr(found, name)} == wrong
    assert not found.sound


def test_a_fact_of_which_nobody_knows_may_be_there_or_not() -> None:
    assert outcome(*map(seen, (1, 2, 3, 4)), seen(5, token=500)).sound


def test_where_only_streams_keep_their_order_others_may_overtake() -> None:
    late = (seen(1), seen(3, stream="b"), seen(4, stream="b"), seen(2))
    assert outcome(*late).reordered == 1
    assert outcome(*late, in_streams=True).sound
    turned = (seen(1), seen(3), seen(2), seen(4))
    assert outcome(*turned, in_streams=True).reordered == 1


def test_two_observers_who_saw_different_orders_are_found() -> None:
    ledger = Ledger({101: 0.0, 102: 0.0})
    one, other = Sight("one"), Sight("other")
    one.saw([seen(1, token=101), seen(2, token=102)])
    other.saw([seen(1, token=102, version=1), seen(2, token=101, version=2)])
    assert judge(ledger, [one, other]).reordered == 2


def test_a_stall_is_the_time_without_progress_while_something_was_to_be_seen() -> None:
    ledger = Ledger({101: 0.0, 102: 1.0, 103: 9.0})
    sight = Sight("somebody")
    sight.saw([seen(1)._replace(at=0.5), seen(2)._replace(at=7.0), seen(3)._replace(at=9.5)])
    assert judge(ledger, [sight]).stall == 6.0
    assert judge(ledger, [sight], away={"somebody"}).stall == 0.0
    assert judge(ledger, [sight], excused={"a"}).stall == 0.0


def test_a_backlog_that_is_being_worked_off_is_no_stall() -> None:
    ledger = Ledger(dict.fromkeys((101, 102, 103), 0.0))
    sight = Sight("somebody")
    sight.saw([seen(1)._replace(at=1.0), seen(2)._replace(at=2.0), seen(3)._replace(at=3.0)])
    assert judge(ledger, [sight]).stall == 1.0


def test_what_was_seen_during_another_fault_is_known_to_be_seen_again() -> None:
    sight = Sight("somebody")
    sight.saw(map(seen, (1, 2)))
    sight.begin()
    sight.saw(map(seen, (2, 3)))
    assert judge(Ledger({103: 0.0}), [sight]).repeated == 1


def test_who_looks_at_something_written_anew_must_see_all_of_it_again() -> None:
    sight = Sight("stream")
    sight.acknowledged((101, 102))
    sight.saw(map(seen, (1, 2)))
    sight.forget()
    sight.saw([seen(1)])
    found = judge(Ledger({101: 0.0, 102: 0.0}), [sight])
    assert (found.missed, found.repeated) == (1, 0)


def test_a_line_is_read_once_and_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "report"
    reading = Reading(path)
    assert reading.news() == []
    report = Report(path)
    report.write(["+ 1 0.5", "- 2 0.6"])
    assert reading.news() == [["+", "1", "0.5"], ["-", "2", "0.6"]]
    with path.open("ab") as file:
        file.write(b"+ 3")
    assert reading.news() == []
    report.write([" 0.7"])
    assert reading.news() == [["+", "3", "0.7"]]
    report.close()

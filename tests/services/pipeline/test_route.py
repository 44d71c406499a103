"""The order of a day's visits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keqing_pipeline.customer.file import Location
from keqing_pipeline.customer.route import in_order, kilometres, length_of


def place(latitude: float, longitude: float) -> Location:
    return Location(latitude=latitude, longitude=longitude)


HANGZHOU, SHANGHAI = place(30.2741, 120.1551), place(31.2304, 121.4737)
START = place(0, 0)
PLACES = st.builds(place, st.floats(-60, 60), st.floats(-170, 170))


def test_kilometres_are_along_the_great_circle() -> None:
    # A degree of a meridian: pi x 6371.0088 / 180.
    assert kilometres(place(30, 120), place(31, 120)) == pytest.approx(111.195, abs=0.001)
    assert kilometres(HANGZHOU, SHANGHAI) == pytest.approx(164.87, abs=0.01)
    assert kilometres(HANGZHOU, HANGZHOU) == 0


def test_the_way_goes_on_to_the_nearest() -> None:
    assert in_order(place(30, 120), [place(31, 120), place(30.5, 120), place(32, 120)]) == [1, 0, 2]
    assert in_order(START, []) == []


def test_a_way_that_runs_back_and_forth_is_untangled() -> None:
    # On to the nearest would be 0, 2, 1, 3 and all the way back: 82 km. From the far end it is 71.
    places = [place(0.1, 0.2), place(0.3, 0.2), place(0.2, 0.2), place(0.0, 0.3)]
    order = in_order(START, places)
    assert order == [3, 0, 2, 1]
    assert length_of(START, [places[number] for number in order]) == pytest.approx(71.32, abs=0.01)


@settings(max_examples=50, deadline=None)
@given(PLACES, st.lists(PLACES, max_size=8))
def test_every_place_is_visited_once(start: Location, places: list[Location]) -> None:
    assert sorted(in_order(start, places)) == list(range(len(places)))

"""What differs between two documents is named member by member."""

from typing import Any

import pytest

from keqing_shared.difference import Difference, differences


def difference(path: str, before: Any, after: Any) -> Difference:
    return Difference(path=path, before=before, after=after)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [difference("a", 1, 2)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [difference("a.c", 2, 3)]),
        ({"a": 1}, {"b": 1}, [difference("a", 1, None), difference("b", None, 1)]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [difference("a", [1, 2], [1, 3])]),
    ],
)
def test_each_number_that_differs_is_named_by_its_path(
    before: dict[str, object], after: dict[str, object], found: list[Difference]
) -> None:
    assert list(differences(before, after)) == found

"""Refusals: what is named in braces is said, whatever it is."""

from keqing_shared.domain import RuleBroken


class ListFull(RuleBroken):
    """The list is full."""


def test_a_member_named_in_the_template_is_said_and_kept() -> None:
    refusal = ListFull("{capacity} stand on it, the weakest are {weakest}", capacity=10, weakest=["a", "b"])
    assert refusal.detail == "10 stand on it, the weakest are a, b"
    assert str(refusal) == refusal.detail
    assert refusal.members == {"capacity": 10, "weakest": ["a", "b"]}


def test_braces_that_name_no_member_stay_as_they_are() -> None:
    assert ListFull("{nobody} and {", title="{nobody}").detail == "{nobody} and {"


def test_without_words_the_title_speaks() -> None:
    assert ListFull().detail == ""
    assert str(ListFull()) == "The list is full"

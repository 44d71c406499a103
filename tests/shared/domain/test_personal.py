"""Personal members are found however deep they lie, and something of their type stands in for them."""

from dataclasses import field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from pydantic import Field

from keqing_shared.domain import ERASED, Fact, Line, Money, Personal, value
from keqing_shared.domain.personal import Blanks, erased, erased_value, holds_personal


class Mood(StrEnum):
    GLAD = "glad"
    CROSS = "cross"


@value
class Child:
    name: Personal[Line]
    born: Personal[date | None] = None


@value
class Family:
    city: str
    children: tuple[Child, ...] = ()
    by_role: dict[str, Child | None] = field(default_factory=dict)


class Met(Fact, topic="test.met.v1"):
    place: str
    name: Personal[str]
    family: Family | None = None
    phones: Personal[tuple[str, ...]] = ()
    amount: Money | None = None


BLANKS = Blanks(lambda _annotation: "*")


def blanked(thing: Any) -> tuple[Any, list[Any]]:
    taken: list[Any] = []
    return BLANKS.blank(thing, taken), taken


def test_what_is_personal_is_taken_out_however_deep_it_lies() -> None:
    family = Family(
        city="杭州", children=(Child(name="小明"),), by_role={"wife": Child(name="王丽"), "son": None}
    )
    blank, taken = blanked(Met(place="here", name="李雷", family=family))
    assert blank.place == "here"
    assert blank.name == "*"
    assert blank.family.city == "杭州"
    assert [child.name for child in blank.family.children] == ["*"]
    assert blank.family.by_role["wife"].name == "*"
    assert taken == ["李雷", "小明", "王丽"]
    assert family.children[0].name == "小明", "what was given stays as it was"


def test_what_says_nothing_stays() -> None:
    met = Met(place="here", name="", family=Family(city="杭州"))
    blank, taken = blanked(met)
    assert blank is met
    assert taken == []


@pytest.mark.parametrize(
    ("met", "says"),
    [
        (Met(place="here", name=""), False),
        (Met(place="here", name="李雷"), True),
        (Met(place="here", name="", phones=("138",)), True),
        (Met(place="here", name="", amount=Money(amount=Decimal(1), currency="CNY")), False),
        (Met(place="here", name="", family=Family(city="杭州", by_role={"son": None})), False),
        (Met(place="here", name="", family=Family(city="杭州", children=(Child(name="小明"),))), True),
        (Met(place="here", name="", family=Family(city="杭州", by_role={"wife": Child(name="王丽")})), True),
    ],
)
def test_whether_anything_personal_is_said_is_known_without_taking_it_out(met: Met, says: bool) -> None:
    assert BLANKS.spoken(met) is says
    assert bool(blanked(met)[1]) is says


def test_who_holds_nothing_personal_is_known_beforehand() -> None:
    assert BLANKS.concern(Met)
    assert not BLANKS.concern(Money)
    assert holds_personal(Family)
    assert holds_personal(tuple[Family | None, ...])
    assert not holds_personal(tuple[Money, ...])


@pytest.mark.parametrize(
    ("annotation", "reads"),
    [
        (str, ERASED),
        (Personal[Line], ERASED),
        (Personal[Line | None], ERASED),
        (date | None, None),
        (tuple[str, ...] | None, None),
        (Annotated[tuple[Line, ...], Field(max_length=2)], ()),
        (tuple[str, int], (ERASED, 0)),
        (dict[str, str], {}),
        (date, date(1900, 1, 1)),
        (UUID, UUID(int=0)),
        (Decimal, Decimal(0)),
        (bool, False),
        (Mood, Mood.GLAD),
        (Literal["a", "b"], "a"),
        (Child, Child(name=ERASED)),
    ],
)
def test_what_was_erased_reads_as_something_of_its_type(annotation: Any, reads: Any) -> None:
    assert erased_value(annotation) == reads


def test_a_moment_has_its_offset() -> None:
    assert erased_value(datetime).utcoffset() is not None


def test_a_type_that_nothing_is_known_of_is_named() -> None:
    with pytest.raises(TypeError, match="complex"):
        erased(complex)


def test_a_struct_inside_a_value_keeps_its_other_members() -> None:
    class Held(msgspec.Struct, frozen=True):
        secret: Personal[str]
        rest: int

    class Holds(Fact, topic="test.holds.v1"):
        held: Held

    blank, taken = blanked(Holds(held=Held(secret="x", rest=3)))
    assert (blank.held.secret, blank.held.rest, taken) == ("*", 3, ["x"])

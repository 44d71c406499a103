"""What a table's declaration says, before any database."""

from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal, NewType
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from keqing_shared.domain import Money, value
from keqing_shared.views import Index, Table

Login = NewType("Login", str)


class Level(IntEnum):
    LOW = 1


class Band(StrEnum):
    CLOSE = "close"


@value
class EveryKind:
    id: UUID
    text: str
    login: Login
    band: Band
    code: Literal["a", "b"]
    number: Literal[1, 2]
    code_or_not: Literal["a", None]
    level: Level
    flag: bool
    count: int
    ratio: float
    amount: Annotated[Decimal, Field(max_digits=18)]
    day: date
    moment: datetime
    day_or_not: Annotated[date, Field()] | None
    money: Money
    money_or_not: Money | None
    tags: tuple[str, ...]
    whatever: Any
    text_or_count: str | int


@pytest.mark.parametrize(
    ("column", "sql"),
    [
        ("id", "uuid NOT NULL"),
        ("text", "text NOT NULL"),
        ("login", "text NOT NULL"),
        ("band", "text NOT NULL"),
        ("code", "text NOT NULL"),
        ("number", "bigint NOT NULL"),
        ("code_or_not", "text"),
        ("level", "bigint NOT NULL"),
        ("flag", "boolean NOT NULL"),
        ("count", "bigint NOT NULL"),
        ("ratio", "double precision NOT NULL"),
        ("amount", "numeric NOT NULL"),
        ("day", "date NOT NULL"),
        ("moment", "timestamptz NOT NULL"),
        ("day_or_not", "date"),
        ("money", "jsonb NOT NULL"),
        ("money_or_not", "jsonb"),
        ("tags", "jsonb NOT NULL"),
        ("whatever", "jsonb"),
        ("text_or_count", "jsonb NOT NULL"),
    ],
)
def test_a_columns_type_follows_the_annotation(column: str, sql: str) -> None:
    columns = {one.name: one.ddl for one in Table("kinds", EveryKind, key=("id",)).fields}
    assert columns[column] == f'"{column}" {sql}'


def test_the_table_and_its_indexes_can_be_made_under_another_name() -> None:
    table = Table(
        "kinds",
        EveryKind,
        key=("band", "day"),
        indexes=(("text", "day DESC"), Index(("lower(text)",), where="flag"), Index(("tags",), using="gin")),
    )
    assert table.ddl("kinds__next").startswith('CREATE TABLE "kinds__next" ("id" uuid NOT NULL, ')
    assert 'PRIMARY KEY ("band", "day")' in table.ddl()
    assert table.index_ddl() == [
        'CREATE INDEX ON "kinds" USING btree ("text", day DESC)',
        'CREATE INDEX ON "kinds" USING btree (lower(text)) WHERE flag',
        'CREATE INDEX ON "kinds" USING gin ("tags")',
    ]


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"name": "Kinds"}, "lower-case name"),
        ({"name": "kinds__next"}, "without '__'"),
        ({"key": ()}, "the key is of columns"),
        ({"key": ("day_or_not",)}, "neither nullable nor jsonb"),
        ({"key": ("money",)}, "neither nullable nor jsonb"),
        ({"key": ("ident",)}, "no column 'ident'"),
        ({"indexes": (("amounts",),)}, "no column 'amounts'"),
        ({"indexes": ("amount",)}, "several columns"),
        ({"row": dict}, "not a dataclass"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(arguments: dict[str, Any], refusal: str) -> None:
    declared = {"name": "kinds", "row": EveryKind, "key": ("id",), **arguments}
    with pytest.raises(TypeError, match=refusal):
        Table(declared.pop("name"), declared.pop("row"), **declared)


def test_the_shape_differs_when_a_column_or_an_index_does() -> None:
    @value
    class Grown(EveryKind):
        more: int

    plain = Table("kinds", EveryKind, key=("id",))
    assert plain.shape() == Table("kinds", EveryKind, key=("id",)).shape()
    assert plain.shape() != Table("kinds", Grown, key=("id",)).shape()
    assert plain.shape() != Table("kinds", EveryKind, key=("id",), indexes=(("day",),)).shape()
    assert plain.shape() != Table("kinds", EveryKind, key=("band",)).shape()


def test_rows_are_made_of_their_own_columns_of_a_wider_record() -> None:
    @value
    class Pair:
        id: UUID
        band: Band
        marks: tuple[int, ...] | None

    pairs = Table("pairs", Pair, key=("id",))
    id = uuid4()
    assert pairs.rows(
        [
            {"id": id, "band": "close", "marks": "[1, 2]", "total": 5},
            {"id": id, "band": "close", "marks": None, "total": 5},
            {"id": id, "band": "close", "marks": [3], "total": 5},  # a pool with a jsonb codec of its own
        ]
    ) == [
        Pair(id=id, band=Band.CLOSE, marks=(1, 2)),
        Pair(id=id, band=Band.CLOSE, marks=None),
        Pair(id=id, band=Band.CLOSE, marks=(3,)),
    ]
    with pytest.raises(ValueError, match="far"):
        pairs.rows([{"id": id, "band": "far", "marks": None}])

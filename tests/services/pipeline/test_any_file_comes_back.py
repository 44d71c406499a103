"""Whatever people enter over HTTP, an export sent back as it is changes nothing."""

from collections import Counter
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import uuid4

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from keqing_pipeline.contact.birthday import Birthday
from keqing_pipeline.contact.profile import ContactProfile
from keqing_pipeline.customer.file import CustomerFile
from keqing_pipeline.opportunity.commands import Prospect
from keqing_pipeline.phone import Phone
from keqing_shared.domain import Day, ExternalReference, Money

from .sales import Sales
from .there_and_back import FORMATS, KINDS, counted, exported, sent_back

PHONES = st.sampled_from(["138 0013 8000", "+86 139 1234 5678", "010-82345678", "+1 212 555 0123"])
ALPHABET = "aZ09 '\"=+-@,;；[]{}\\:_x<&客情\xa0\u3000\u200b\ufffe\U0001f600\t\r\n"
TEXTS = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=12) | st.sampled_from(
    ["001", "1e5", "2026-03-02", "TRUE", "'=1", "_x000D_", "[1]", "null", "a" * 200]
)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat)
MONEY = st.builds(
    lambda cents, currency: {"amount": f"{cents // 100}.{cents % 100:02d}", "currency": currency},
    st.integers(0, 10**18 - 1),
    st.sampled_from(["CNY", "USD"]),
)
REFERENCES = st.builds(
    lambda text: {"system": "crm", "id": f"{text.strip()}{uuid4()}"},
    TEXTS.filter(lambda text: len(text) < 20 and text.isprintable()),
)
BIRTHDAYS = st.sampled_from(
    [
        {"month": 2, "day": 29},
        {"calendar": "lunar", "month": 8, "day": 15},
        {"calendar": "lunar", "year": 2020, "month": 4, "day": 3, "leap_month": True},
        {"year": 1975, "month": 12, "day": 31},
    ]
)
KNOWN: dict[Any, st.SearchStrategy[Any]] = {
    Phone: PHONES,
    Day: DAYS,
    Money: MONEY,
    ExternalReference: REFERENCES,
    Birthday: BIRTHDAYS,
    bool: st.booleans(),
}


@cache
def documents(kind: type[Any], *without: str) -> st.SearchStrategy[dict[str, Any]]:
    """JSON as somebody may send it for a value of this class; what may be left out sometimes is."""
    hints = get_type_hints(kind, include_extras=True)
    parts = {one.name: one for one in fields(kind) if one.name not in without}
    needed = {name: any_of(hints[name]) for name, one in parts.items() if one.default is MISSING}
    optional = {name: any_of(hints[name]) for name in parts.keys() - needed.keys()}
    return st.fixed_dictionaries(needed, optional=optional)


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    if hint in KNOWN:
        return KNOWN[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        base = arguments[0]
        if get_origin(base) is None and not is_dataclass(base) and base in (str, int, float):
            return leaves(hint, base)
        return any_of(base)
    if origin in (Union, UnionType):
        return st.one_of(st.none(), *(any_of(one) for one in arguments if one is not NoneType))
    if origin is tuple:
        return st.lists(any_of(arguments[0]), max_size=3)
    if issubclass(hint, Enum):
        return st.sampled_from([one.value for one in hint])
    return documents(hint)


def leaves(hint: Any, base: type[Any]) -> st.SearchStrategy[Any]:
    adapter = TypeAdapter(hint)

    def taken(given: Any) -> bool:
        try:
            adapter.validate_python(given.strip() if isinstance(given, str) else given)
        except ValidationError:
            return False
        return True

    if base is float:
        return st.floats(-90, 90)
    return (TEXTS if base is str else st.integers(0, 365)).filter(taken)


MADE: Counter[str] = Counter()
"""By all examples so far: they are of one database."""
CUSTOMERS = documents(CustomerFile, "external")
PLANS = st.lists(
    st.tuples(
        CUSTOMERS,
        st.lists(REFERENCES, max_size=2),
        st.lists(documents(ContactProfile), max_size=2),
        st.lists(st.tuples(documents(Prospect), st.sampled_from(["open", "won", "lost"]), TEXTS), max_size=2),
    ),
    min_size=1,
    max_size=3,
)


async def entered(sales: Sales, plan: list[Any]) -> Counter[str]:
    """How many of each kind; what no rule allows is not there."""
    made: Counter[str] = Counter()

    async def post(kind: str, path: str, body: dict[str, Any]) -> str | None:
        answer = await sales.rep.post(path, json=body)
        assert answer.status_code < 500, answer.text
        made[kind if answer.is_success else "refused"] += 1
        return answer.json()["id"] if answer.is_success else None

    for file, external, people, deals in plan:
        other = "individual" if file["kind"] == "enterprise" else "enterprise"
        body = file | {"external": external, "distinct_because": "抽样", other: None}
        customer = await post("customers", "/customers", body)
        for person in people:
            await post("contacts", f"/customers/{customer}/contacts", person)
        for prospect, end, words in deals:
            deal = await post("opportunities", "/opportunities", {"customer_id": customer, **prospect})
            if end == "won":
                await won(sales.rep, deal)
            elif end == "lost":
                await sales.rep.post(
                    f"/opportunities/{deal}/lost", json={"reason": f"因为{words}", "rival": "对手"}
                )
    return made


async def won(rep: httpx.AsyncClient, deal: str | None) -> None:
    await rep.post(f"/opportunities/{deal}/won", json={"amount": {"amount": "1200.50"}})


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.generate],  # each example leaves its facts behind, so none can be tried again smaller
    suppress_health_check=list(HealthCheck),
)
@given(plan=PLANS)
async def test_an_export_sent_back_as_it_is_changes_nothing(sales: Sales, plan: list[Any]) -> None:
    MADE.update(await entered(sales, plan))
    await sales.serving.catch_up()
    for kind in KINDS:
        for media_type in FORMATS:
            body = await exported(sales.manager, kind, media_type)
            head = await sales.serving.service.log.head()
            if MADE[kind]:
                became = await sent_back(sales.manager, kind, body, media_type)
                assert counted(became) == {"unchanged": MADE[kind]}, [one for one in became if one["problem"]]
            assert await sales.serving.service.log.head() == head

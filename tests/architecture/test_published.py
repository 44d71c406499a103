"""No personal data travels on NATS: every fact is published once with marked personal fields."""

import re
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from keqing_local.catalogue.example import CUSTOMER, MOST_CODES, Example, fields, recorded
from keqing_local.services import SERVICES
from keqing_shared.context import Context
from keqing_shared.domain import Fact, Personal, Recorded
from keqing_shared.log import Codec
from keqing_shared.messaging import Published
from keqing_shared.privacy import Keys, MasterKeys

MARK = "a secret of theirs"
MARKED_DAY = date(1911, 10, 10)


def build(kind: type[Fact], choice: int, *without: str) -> Fact:
    """An example, personal parts marked. ``choice`` picks among the members of codes, between yes and no, and
    whether what may be missing is: imported history, say, is told to nobody."""
    given = set(fields(kind)) - set(without)
    sample = Example(choice, choice % 2 == 0, choice % 4 >= 2, personal=MARK, personal_day=MARKED_DAY)
    fact: Fact = sample.build(kind, given)
    return fact


def unopened(it: Recorded[Any]) -> Recorded[Any]:
    """As who has no key reads it."""
    keys = Keys(None, MasterKeys([b"m" * 32]))
    keys.ring.keep({CUSTOMER.bytes: b"k" * 32})
    codec = Codec((type(it.fact),), keys)
    state = codec.encode(it.fact, CUSTOMER)
    return msgspec.structs.replace(it, fact=codec.decode_unopened(it.fact.topic, state))


def leaks(published: Published | None) -> bool:
    if published is None:
        return False
    travels = msgspec.json.encode(published.data, enc_hook=str).decode()
    return MARK in travels or MARKED_DAY.isoformat() in travels


def contexts() -> Iterator[Context]:
    for module in SERVICES.values():
        yield import_module(module).CONTEXT


@pytest.mark.parametrize("service", SERVICES)
def test_no_fact_publishes_its_personal_fields(service: str) -> None:
    context: Context = import_module(SERVICES[service]).CONTEXT
    assert context.facts
    leaking = {
        fact.__name__
        for fact in context.facts
        for choice in range(MOST_CODES)
        for without in ((), *((name,) for name in fields(fact)))
        # A reason may say anything about anybody.
        if leaks(context.told(recorded(build(fact, choice, *without), why=MARK)))
    }
    assert leaking == set()


def test_the_facts_do_hold_personal_fields_to_look_for() -> None:
    marked = {
        fact.__name__ for context in contexts() for fact in context.facts if MARK in repr(build(fact, 0))
    }
    assert {"CustomerRegistered", "CallLogged", "ComplaintOpened"} <= marked


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_told_is_the_same_without_any_key(service: str) -> None:
    """The relay opens nothing that is sealed."""
    context: Context = import_module(SERVICES[service]).CONTEXT
    differing = {
        fact.__name__
        for fact in context.facts
        for choice in range(MOST_CODES)
        for it in [recorded(build(fact, choice))]
        if context.told(it) != context.told(unopened(it))
    }
    assert differing == set()


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_is_told_at_all_is_looked_at(service: str) -> None:
    """A fact that no sample of makes a message would never be caught leaking."""
    context: Context = import_module(SERVICES[service]).CONTEXT
    named = (Path(import_module(SERVICES[service]).__file__ or "").parent / "published.py").read_text()
    silent = {
        fact.__name__
        for fact in context.facts
        if re.search(rf"\b{fact.__name__}\b", named)
        and not any(context.told(recorded(build(fact, choice))) for choice in range(8))
    }
    assert silent <= {"AllocationReceived", "AllocationWithdrawn", "PurchaseCounted"}


def test_a_leak_is_found() -> None:
    class Met(Fact, topic="test.met.v1"):
        name: Personal[str]
        born: Personal[date | None] = None
        place: str

    met = build(Met, 0)
    assert leaks(Published("Met", {"name": met.name}))
    assert leaks(Published("Met", {"deep": [{"born": met.born}]}))
    assert not leaks(Published("Met", {"place": met.place}))

"""Whatever personal comes into a view's row is marked there, and blanking it gives what a rebuild would."""

from collections.abc import Iterable, Iterator
from typing import Any, get_type_hints
from uuid import uuid5

import msgspec
import pytest

from keqing_local.catalogue.example import CUSTOMER, Example, recorded
from keqing_local.services import SERVICES, context
from keqing_shared.domain import Fact, Recorded
from keqing_shared.domain.personal import is_personal
from keqing_shared.log import Codec
from keqing_shared.privacy import Keys, MasterKeys
from keqing_shared.views import project_all

MARK = "a secret of theirs"
VIEWS = {f"{name}: {view.name}": (name, view) for name in SERVICES for view in context(name).views}


def read_by(key: bytes | None, *facts: type[Fact]) -> Codec:
    keys = Keys(None, MasterKeys([b"m" * 32]))
    keys.ring.keep({CUSTOMER.bytes: key})
    return Codec(facts, keys)


def lives(service: str) -> Iterator[Recorded[Any]]:
    """A stream of each aggregate of the customer's, with two examples of each of its facts."""
    position = 0
    for aggregate in context(service).aggregates:
        id = uuid5(CUSTOMER, aggregate.name)
        version = 0
        for choice in range(2):
            for kind in aggregate.facts:
                position, version = position + 1, version + 1
                fact = _of_customer(Example(choice, personal=MARK).build(kind))
                yield msgspec.structs.replace(
                    recorded(fact), originator_id=id, originator_version=version, position=position
                )


def _of_customer(fact: Fact) -> Fact:
    has = "customer_id" in fact.__struct_fields__
    return msgspec.structs.replace(fact, customer_id=CUSTOMER) if has else fact


def _hints(row: type[Any]) -> Iterable[tuple[str, Any]]:
    return get_type_hints(row, include_extras=True).items()


def as_erased(service: str, it: Recorded[Any]) -> Recorded[Any]:
    state = read_by(b"k" * 32, type(it.fact)).encode(it.fact, CUSTOMER)
    return msgspec.structs.replace(it, fact=read_by(None, type(it.fact)).decode(it.fact.topic, state))


@pytest.mark.parametrize("name", VIEWS)
def test_a_row_without_what_was_personal_is_what_a_rebuild_gives(name: str) -> None:
    service, view = VIEWS[name]
    before = project_all(view, lives(service))
    anew = project_all(view, (as_erased(service, it) for it in lives(service)))
    for table in view.tables:
        blanked = {table.key_of(row): view.erased(table, row) for row in before.all(table)}
        assert MARK not in repr(blanked), "something personal in an unmarked column"
        if None in blanked.values():
            kept = {name for name, hint in _hints(table.row) if not is_personal(hint)}
            assert kept <= {column.name for column in table.key}, (
                "a row goes that holds more than what is personal"
            )
        # A rebuild comes to the end of the key as well, and what goes there goes again.
        assert blanked == {key: None for key, row in blanked.items() if row is None} | {
            table.key_of(row): row for row in anew.all(table) if view.erased(table, row) is not None
        }


def test_views_do_hold_something_personal() -> None:
    holding = {
        name
        for name, (service, view) in VIEWS.items()
        if any(MARK in repr(project_all(view, lives(service)).all(table)) for table in view.tables)
    }
    assert {"pipeline: customers", "pipeline: logbook", "pipeline: contacts"} <= holding

"""Customers: found by name, phone or reference; and the card of one."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from keqing_pipeline.customer.erasure import CustomerErased
from keqing_pipeline.customer.facts import (
    CustomerAmended,
    CustomerMerged,
    CustomerRegistered,
    LaterCustomerFact,
    MergeUndone,
    OwnerChanged,
)
from keqing_pipeline.customer.file import CustomerDetails, Importance, Kind, LeadSource, Loyalty, ValueClass
from keqing_pipeline.customer.name import normalised_name
from keqing_pipeline.opportunity.facts import CustomerNamed, OpportunityOpened
from keqing_pipeline.views import held
from keqing_pipeline.views.counted import CUSTOMERS_COUNTED, count
from keqing_pipeline.views.held import HELD
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Index, Narrowed, Rows, Table, View

R = TypeVar("R")


@value
class CustomerRow:
    """A customer's file as it stands."""

    customer_id: UUID
    kind: Kind
    name: Personal[str]
    owner: str
    importance: Importance
    source: LeadSource | None
    loyalty: Loyalty
    value_class: ValueClass | None
    phones: Personal[tuple[str, ...]]
    details: CustomerDetails
    registered_at: datetime
    merged_into: UUID | None
    """The customer that this one is part of now; in no list."""
    version: int
    erased: bool = False
    """Whether what was personal is gone."""


@value
class KeyedCustomer(CustomerRow):
    """With what it is found by, which nobody is shown."""

    name_key: Personal[str]
    """The name as it is compared."""
    external_keys: tuple[str, ...]
    """``system:id`` of each reference."""


PAIRS = """
CREATE OR REPLACE FUNCTION pairs_of(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT array_agg(DISTINCT substr(words, place, 2)) FROM generate_series(1, length(words) - 1) AS place
$$;
"""
"""Every two characters that stand side by side: by them a part of a name is found among many names."""

FEW = 100
"""Owners whose customers are looked up one owner after the other, each in the order of the names: of those of
more, one is soon met among everybody's."""
_LISTED = "merged_into IS NULL"
_MARKS = ("importance", "source", "loyalty", "value_class")
_BY_NAME = ("name_key", "customer_id")

CUSTOMERS = Table(
    "customer",
    KeyedCustomer,
    key=("customer_id",),
    indexes=(
        # They hold all that lists are narrowed by: only the rows that are shown are fetched.
        Index(("owner", *_BY_NAME, *_MARKS), where=_LISTED),
        Index((*_BY_NAME, "owner", *_MARKS), where=_LISTED),
        # What nearly everybody is, one soon meets among all; of the others there may be few.
        Index(("importance", *_BY_NAME), where=f"{_LISTED} AND importance <> 'ordinary'"),
        Index(("loyalty", *_BY_NAME), where=f"{_LISTED} AND loyalty <> 'none'"),
        Index(("value_class", *_BY_NAME), where=f"{_LISTED} AND value_class IS NOT NULL"),
        ("owner", "customer_id"),
        Index(("phones",), using="gin"),
        Index(("external_keys",), using="gin"),
        Index(("pairs_of(name_key)",), using="gin"),
        Index(("merged_into",), where="merged_into IS NOT NULL"),
    ),
)


class Customers(View):
    name = "customers"
    version = 5
    tables = (CUSTOMERS, CUSTOMERS_COUNTED, HELD)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        match it.fact:
            case fact if isinstance(fact, LaterCustomerFact):
                yield CUSTOMERS, it.originator_id
            case OpportunityOpened(customer_id=customer_id) | CustomerNamed(customer_id=customer_id):
                yield CUSTOMERS, customer_id
        yield from held.touched(it)

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        held.project(it, _named(it.fact, rows), rows)
        fact = it.fact
        if isinstance(fact, CustomerRegistered):
            name = fact.name or fact.person_name or ""
            row = KeyedCustomer(
                customer_id=it.originator_id,
                kind=fact.kind,
                name=name,
                name_key=normalised_name(name),
                owner=fact.owner,
                **_shown(fact.details),
                registered_at=it.recorded_at,
                merged_into=None,
                version=it.originator_version,
            )
            rows.put(CUSTOMERS, row)
            count(row, 1, rows)
        elif isinstance(fact, LaterCustomerFact):
            known = rows.get(CUSTOMERS, it.originator_id)
            if known is not None:
                row = replace(_changed(known, fact), version=it.originator_version)
                rows.put(CUSTOMERS, row)
                count(known, -1, rows)
                count(row, 1, rows)

    def erased(self, table: Table[R], row: R) -> R:
        """An enterprise keeps its name, which tells of no person."""
        bare = table.blank(row)
        if not isinstance(row, KeyedCustomer) or row.kind is not Kind.ENTERPRISE:
            return bare
        return replace(bare, name=row.name, name_key=row.name_key)  # type: ignore[type-var]


def _named(fact: Any, rows: Rows) -> KeyedCustomer | None:
    """The customer that a fact of an opportunity names."""
    if not isinstance(fact, OpportunityOpened | CustomerNamed) or fact.customer_id is None:
        return None
    return rows.get(CUSTOMERS, fact.customer_id)


def _changed(row: KeyedCustomer, fact: LaterCustomerFact) -> KeyedCustomer:
    match fact:
        case CustomerAmended(details=details):
            name = fact.name or fact.person_name or ""
            return replace(row, name=name, name_key=normalised_name(name), **_shown(details))
        case OwnerChanged(owner=owner):
            return replace(row, owner=owner)
        case CustomerMerged(into=survivor):
            return replace(row, merged_into=survivor)
        case MergeUndone():
            return replace(row, merged_into=None)
        case CustomerErased():
            return replace(row, erased=True)
        case _:
            return row


def _shown(details: CustomerDetails) -> dict[str, Any]:
    return {
        "importance": details.importance,
        "source": details.source,
        "loyalty": details.loyalty,
        "value_class": details.value_class,
        "phones": details.phones,
        "external_keys": tuple(str(reference) for reference in details.external),
        "details": details,
    }


async def customer(db: Any, customer_id: UUID) -> CustomerRow | None:
    records = await db.fetch(f"SELECT {CUSTOMERS.columns} FROM customer WHERE customer_id = $1", customer_id)
    return next(iter(CUSTOMERS.rows(records)), None)


async def erased_among(db: Any, customers: Collection[UUID]) -> frozenset[UUID]:
    """Those of them who were."""
    records = await db.fetch(
        "SELECT customer_id FROM customer WHERE customer_id = ANY ($1) AND erased", list(customers)
    )
    return frozenset(record["customer_id"] for record in records)


async def parts_of(db: Any, customer_id: UUID) -> tuple[UUID, ...]:
    """The files that were merged into this one, in no order."""
    records = await db.fetch("SELECT customer_id FROM customer WHERE merged_into = $1", customer_id)
    return tuple(record["customer_id"] for record in records)


async def customers(
    db: Any,
    visible: Collection[str] | None,
    *,
    name: str | None = None,
    phone: str | None = None,
    external: str | None = None,
    owner: str | None = None,
    importance: Importance | None = None,
    source: LeadSource | None = None,
    loyalty: Loyalty | None = None,
    value_class: ValueClass | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> list[KeyedCustomer]:
    """In the order of their names. ``name``: a part of it, however it is written; ``phone``: E.164;
    ``external``: ``system:id``."""
    where = Narrowed(_LISTED)
    if name is not None:
        part = normalised_name(name)
        where.only("position({} in name_key) > 0", part)
        if len(part) > 1 and (visible is None or len(visible) > FEW):
            where.only("pairs_of(name_key) @> pairs_of({})", part)
    where.only("phones ? {}", phone)
    where.only("external_keys ? {}", external)
    where.only("owner = {}", owner)
    for mark, wanted in zip(_MARKS, (importance, source, loyalty, value_class), strict=True):
        if wanted is not None:
            where.only(f"{mark} = '{wanted}'")
    if after is not None:
        where.only("(name_key, customer_id) > ({}, {})", *after)
    order = f"ORDER BY name_key, customer_id LIMIT {limit:d}"
    found = f"SELECT name_key, customer_id FROM customer WHERE {where}"
    if visible is not None and len(visible) <= FEW and not (phone or external):
        found = f"""
            SELECT found.* FROM unnest({where.place(list(visible))}::text[]) AS seen(login)
             CROSS JOIN LATERAL ({found} AND owner = seen.login {order}) found"""
    elif visible is not None:
        found = f"{found} AND owner = ANY ({where.place(list(visible))})"
    records = await db.fetch(
        f"""
        SELECT {", ".join(f"c.{column.quoted}" for column in CUSTOMERS.fields)}
          FROM ({found} {order}) shown JOIN customer c USING (customer_id) ORDER BY c.name_key, c.customer_id
        """,
        *where.arguments,
    )
    return CUSTOMERS.rows(records)

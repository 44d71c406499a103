"""The ageing report: what was open as of a day, in buckets of age, by customer, owner or currency."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from keqing_shared.domain import value

Basis = Literal["due", "invoice"]
By = Literal["customer", "owner", "currency"]


@value
class Bucket:
    """Undisputed open amounts of an age in days, both ends included."""

    label: str
    """``current``, ``1-30``, ``>90``"""
    days_from: int | None
    days_to: int | None
    amount: Decimal
    invoices: int


@value
class Aged:
    """open = the buckets together + disputed; unallocated payments and credits stand beside it."""

    currency: str
    buckets: tuple[Bucket, ...]
    undisputed: Decimal
    disputed: Decimal
    disputed_invoices: int
    open: Decimal
    invoices: int
    """With something open, disputed ones included."""
    unallocated: Decimal


@value
class AgeingLine:
    """What belongs to one key in one currency."""

    key: str | None
    """Customer id, owner's login (null: nobody's) or currency, as asked for."""
    name: str | None
    """Of the customer or the owner, where known."""
    aged: Aged


@value
class AgeingRow:
    """A line of the sheet: each amount stands once, so that columns add up within a currency."""

    as_of: date
    key: str | None
    name: str | None
    currency: str
    part: Literal["open", "disputed", "unallocated"]
    """What is unallocated is ours to give back: it is no part of what is open."""
    age: str | None
    """The bucket, of what is open and not in dispute."""
    invoices: int | None
    amount: Decimal


@value
class AgeingReport:
    as_of: date
    basis: Basis
    by: By
    lines: tuple[AgeingLine, ...]
    next: str | None
    """Goes into ``after`` to get the following lines; null: these are the last."""
    totals: tuple[Aged, ...]
    """Of everything the user may see, whatever the page; one for each currency."""

    def unrolled(self) -> list[AgeingRow]:
        """Buckets in which there is nothing are left out."""
        return [row for line in self.lines for row in self._rows(line)]

    def _rows(self, line: AgeingLine) -> Iterable[AgeingRow]:
        it = line.aged

        def row(
            part: Literal["open", "disputed", "unallocated"],
            amount: Decimal,
            invoices: int | None = None,
            age: str | None = None,
        ) -> AgeingRow:
            return AgeingRow(
                as_of=self.as_of,
                key=line.key,
                name=line.name,
                currency=it.currency,
                part=part,
                age=age,
                invoices=invoices,
                amount=amount,
            )

        for bucket in it.buckets:
            if bucket.invoices:
                yield row("open", bucket.amount, bucket.invoices, bucket.label)
        if it.disputed_invoices:
            yield row("disputed", it.disputed, it.disputed_invoices)
        if it.unallocated:
            yield row("unallocated", it.unallocated)


_WHOLE = "coalesce(directory_whole(d.merged_into), s.customer_id)"
"""Whose it is: what a file owes that is part of another is owed by that one."""
_KEYS = {"customer": f"{_WHOLE}::text", "owner": "coalesce(d.owner, '')", "currency": "s.currency"}
_SINCE = {"due": "due_on", "invoice": "issued_on"}


async def aged(
    db: Any,
    as_of: date,
    basis: Basis,
    by: By,
    buckets: Sequence[int],
    owners: Collection[str] | None,
    after: tuple[str, str] | None,
    limit: int,
) -> tuple[list[AgeingLine], tuple[Aged, ...]]:
    """Lines beyond ``after`` (key and currency) up to ``limit``, and the totals of all of them."""
    known = "LEFT JOIN directory_customers d ON d.customer_id = s.customer_id"
    seen = "($3::text[] IS NULL OR d.owner = ANY ($3))"
    named = {
        "customer": "SELECT customer_id::text AS key, name FROM directory_customers",
        "owner": "SELECT login AS key, name FROM directory_people",
        "currency": "SELECT NULL AS key, NULL AS name WHERE false",
    }[by]
    # Names are joined to the page's few lines only; the amounts are added up once, for page and totals.
    records = await db.fetch(
        f"""
        WITH added AS MATERIALIZED (
            SELECT {_KEYS[by]} AS key, s.currency, s.disputed,
                   width_bucket($1::date - s.{_SINCE[basis]}, $2::int[]) AS bucket,
                   sum(s.open) AS amount, count(*) AS invoices
            FROM ageing_open s {known} WHERE s.since <= $1 AND s.until > $1 AND {seen} GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT {_KEYS[by]}, s.currency, NULL, NULL, sum(s.unallocated), 0
            FROM ageing_unallocated s {known} WHERE s.since <= $1 AND s.until > $1 AND {seen} GROUP BY 1, 2
        ), page AS MATERIALIZED (
            SELECT DISTINCT key COLLATE "C" AS key, currency COLLATE "C" AS currency FROM added
            WHERE $4::text IS NULL OR (key COLLATE "C", currency COLLATE "C") > ($4, $5::text)
            ORDER BY 1, 2 LIMIT $6
        )
        SELECT true AS total, '' AS key, NULL AS name, currency, disputed, bucket,
               sum(amount) AS amount, sum(invoices)::bigint AS invoices
        FROM added GROUP BY currency, disputed, bucket
        UNION ALL
        SELECT false, a.key, n.name, a.currency, a.disputed, a.bucket, a.amount, a.invoices
        FROM added a JOIN page USING (key, currency) LEFT JOIN ({named}) n ON n.key = a.key
        """,
        as_of,
        [1, *(days + 1 for days in buckets)],
        None if owners is None else list(owners),
        *(after or (None, None)),
        limit,
    )
    totals = _by(("currency",), (record for record in records if record["total"]))
    lines = _by(("key", "currency"), (record for record in records if not record["total"]))
    return (
        [
            AgeingLine(
                key=found[0]["key"] or None,
                name=found[0]["name"],
                aged=_aged(found[0]["currency"], found, buckets),
            )
            for _, found in sorted(lines.items())
        ],
        tuple(_aged(found[0]["currency"], found, buckets) for _, found in sorted(totals.items())),
    )


def _by(names: Sequence[str], records: Iterable[Any]) -> dict[tuple[str, ...], list[Any]]:
    groups: dict[tuple[str, ...], list[Any]] = {}
    for record in records:
        groups.setdefault(tuple(record[name] for name in names), []).append(record)
    return groups


def _aged(currency: str, records: Sequence[Any], days: Sequence[int]) -> Aged:
    open_ = [record for record in records if record["bucket"] is not None]
    disputed = [record for record in open_ if record["disputed"]]
    undisputed = {record["bucket"]: record for record in open_ if not record["disputed"]}
    ends: list[tuple[str, int | None, int | None]] = [("current", None, 0)]
    for first, last in zip([1, *(day + 1 for day in days)], days, strict=False):
        ends.append((f"{first}-{last}", first, last))
    ends.append((f">{days[-1]}", days[-1] + 1, None))
    found = tuple(
        Bucket(
            label=label,
            days_from=first,
            days_to=last,
            amount=undisputed[index]["amount"] if index in undisputed else Decimal("0.00"),
            invoices=undisputed[index]["invoices"] if index in undisputed else 0,
        )
        for index, (label, first, last) in enumerate(ends)
    )
    return Aged(
        currency=currency,
        buckets=found,
        undisputed=_sum(bucket.amount for bucket in found),
        disputed=_sum(record["amount"] for record in disputed),
        disputed_invoices=sum(record["invoices"] for record in disputed),
        open=_sum(record["amount"] for record in open_),
        invoices=sum(record["invoices"] for record in open_),
        unallocated=_sum(record["amount"] for record in records if record["bucket"] is None),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))

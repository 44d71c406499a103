"""Accounts that are worth a look: by class, key accounts, those that may leave, by relationship."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.account.values import AbcClass, RelationshipLevel, Sign
from keqing_pipeline.views.accounts import AccountRow, accounts_of
from keqing_shared.domain import Personal, value
from keqing_shared.views import Narrowed


@value
class AccountLine:
    """An account in a list."""

    customer_id: UUID
    customer: Personal[str]
    """Its name."""
    owner: str
    abc: AbcClass | None
    level: RelationshipLevel | None
    key_since: date | None
    review_due_on: date | None
    open_complaints: int
    late_payments: int
    credit_held: bool
    warned_on: date | None
    signs: tuple[Sign, ...]


async def accounts(
    db: Any,
    visible: Collection[str] | None,
    *,
    abc: AbcClass | None = None,
    key: bool | None = None,
    warned: bool | None = None,
    level: RelationshipLevel | None = None,
    owner: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[AccountLine]:
    """By the customer's id."""
    where = Narrowed("c.merged_into IS NULL")
    where.only("c.owner = ANY ({})", None if visible is None else list(visible))
    where.only("c.owner = {}", owner)
    where.only("a.abc = {}", abc)
    if level is not None:
        shown = where.place(level)
        where.only(f"""(a.level = {shown} OR (a.level IS NULL AND EXISTS (
            SELECT FROM part p JOIN account o ON o.customer_id = p.customer_id AND o.level = {shown}
             WHERE whole_of(p.whole_id) = a.customer_id)))""")
    for member, wanted in (("key_since", key), ("warned_on", warned)):
        if wanted is not None:
            where.only(f"a.{member} IS {'NOT ' if wanted else ''}NULL")
    where.only("a.customer_id > {}", after)
    records = await db.fetch(
        f"""
        SELECT customer_id, c.name AS customer, c.owner FROM account a JOIN customer c USING (customer_id)
         WHERE {where} ORDER BY a.customer_id LIMIT {limit:d}
        """,
        *where.arguments,
    )
    rows = await accounts_of(db, [record["customer_id"] for record in records])
    return [_line(rows[one["customer_id"]], one["customer"], one["owner"]) for one in records]


def _line(row: AccountRow, customer: str, owner: str) -> AccountLine:
    return AccountLine(
        customer_id=row.customer_id,
        customer=customer,
        owner=owner,
        abc=row.abc,
        level=row.level,
        key_since=row.key_since,
        review_due_on=row.review_due_on,
        open_complaints=sum(mark.open for mark in row.complaints),
        late_payments=len(row.late_payments),
        credit_held=row.credit_held,
        warned_on=row.warned_on,
        signs=row.signs,
    )

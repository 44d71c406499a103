"""Accounts that are worth a look: by class, key accounts, those that may leave, by relationship."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.account.values import AbcClass, RelationshipLevel, Sign
from keqing_pipeline.views.accounts import AccountRow, accounts_of
from keqing_shared.domain import Personal, value


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
    records = await db.fetch(
        """
        SELECT customer_id, c.name AS customer, c.owner
          FROM account a JOIN customer c USING (customer_id)
         WHERE c.merged_into IS NULL AND ($1::text[] IS NULL OR c.owner = ANY ($1))
           AND ($2::text IS NULL OR a.abc = $2)
           AND ($3::boolean IS NULL OR (a.key_since IS NOT NULL) = $3)
           AND ($4::boolean IS NULL OR (a.warned_on IS NOT NULL) = $4)
           AND ($5::text IS NULL OR a.level = $5 OR (a.level IS NULL AND EXISTS (
                SELECT FROM part p JOIN account o ON o.customer_id = p.customer_id AND o.level = $5
                 WHERE whole_of(p.whole_id) = a.customer_id)))
           AND ($6::text IS NULL OR c.owner = $6)
           AND ($7::uuid IS NULL OR a.customer_id > $7)
         ORDER BY a.customer_id LIMIT $8
        """,
        None if visible is None else list(visible),
        abc,
        key,
        warned,
        level,
        owner,
        after,
        limit,
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

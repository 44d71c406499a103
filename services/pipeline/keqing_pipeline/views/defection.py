"""What is known of customers who have bought, for the signs that they may leave."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.account.defection import QuarterPair, Situation, quarter_starts
from keqing_pipeline.contact.profile import BuyingRole
from keqing_pipeline.views.accounts import accounts_of

_BEFORE_ALL = UUID(int=0)


async def watched(db: Any, after: UUID | None, limit: int) -> dict[UUID, bool]:
    """Customers who have bought, and those warned of; by id: whether they are warned of."""
    records = await db.fetch(
        """
        SELECT customer_id, a.warned_on IS NOT NULL AS warned
          FROM ((SELECT DISTINCT customer_id FROM purchase
                  WHERE customer_id > $1 ORDER BY customer_id LIMIT $2)
                UNION
                (SELECT customer_id FROM account
                  WHERE warned_on IS NOT NULL AND customer_id > $1 ORDER BY customer_id LIMIT $2)
               ) AS watched LEFT JOIN account a USING (customer_id)
         ORDER BY customer_id LIMIT $2
        """,
        after or _BEFORE_ALL,
        limit,
    )
    return {record["customer_id"]: record["warned"] for record in records}


async def situations(db: Any, customers: Sequence[UUID], today: date) -> dict[UUID, Situation]:
    """Of those who have bought."""
    before, last, present = quarter_starts(today)
    purchases = await db.fetch(
        """
        SELECT customer_id, currency, max(won_on) AS won_on,
               coalesce(sum(amount) FILTER (WHERE won_on >= $3 AND won_on < $4), 0) AS last,
               coalesce(sum(amount) FILTER (WHERE won_on >= $2 AND won_on < $3), 0) AS before
          FROM purchase WHERE customer_id = ANY ($1) GROUP BY customer_id, currency
        """,
        customers,
        before,
        last,
        present,
    )
    contacts = await db.fetch(
        """
        SELECT customer_id, max(last_contact_on) AS on FROM opportunity
         WHERE customer_id = ANY ($1) GROUP BY customer_id
        """,
        customers,
    )
    contacted = {record["customer_id"]: record["on"] for record in contacts}
    departures = await db.fetch(
        """
        SELECT customer_id, max(left_on) AS on FROM contact
         WHERE customer_id = ANY ($1) AND left_on IS NOT NULL AND roles ? $2 GROUP BY customer_id
        """,
        customers,
        BuyingRole.DECIDER,
    )
    deciders_left = {record["customer_id"]: record["on"] for record in departures}
    accounts = await accounts_of(db, customers)
    found = {}
    by_customer: dict[UUID, list[Any]] = defaultdict(list)
    for record in purchases:
        by_customer[record["customer_id"]].append(record)
    for customer_id, own in by_customer.items():
        account = accounts[customer_id]
        found[customer_id] = Situation(
            quarters=tuple(
                QuarterPair(currency=record["currency"], last=record["last"], before=record["before"])
                for record in own
                if record["last"] or record["before"]
            ),
            complaints=account.complaints,
            payment_late=bool(account.late_payments) or account.credit_held,
            last_contact_on=max(
                day for day in (contacted.get(customer_id), *(record["won_on"] for record in own)) if day
            ),
            decider_left_on=deciders_left.get(customer_id),
        )
    return found

"""Referrals: asked of whom, given by whom, and how many of those named have bought."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.referral.rules import ReferralAsked, ReferralGiven
from keqing_pipeline.views.parts import parts_of, whose
from keqing_shared.domain import Money, Personal, Recorded, value
from keqing_shared.views import Rows, Table, View


@value
class Referrer:
    customer_id: UUID
    asked: int = 0
    last_asked_on: date | None = None


@value
class Referral:
    referred_id: UUID
    customer_id: UUID
    """Who named it."""
    given_on: date
    given_to: str


REFERRERS = Table("referrer", Referrer, key=("customer_id",))
REFERRALS_GIVEN = Table("referral", Referral, key=("referred_id",), indexes=(("customer_id", "referred_id"),))


class ReferralsGiven(View):
    name = "referrals"
    version = 1
    tables = (REFERRERS, REFERRALS_GIVEN)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, ReferralAsked | ReferralGiven):
            yield REFERRERS, it.fact.customer_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if not isinstance(fact, ReferralAsked | ReferralGiven):
            return
        known = rows.get(REFERRERS, fact.customer_id) or Referrer(customer_id=fact.customer_id)
        match fact:
            case ReferralAsked(on=on):
                rows.put(REFERRERS, replace(known, asked=known.asked + 1, last_asked_on=on))
            case ReferralGiven(customer_id=customer_id, referred_id=referred_id, on=on, by=by):
                rows.put(REFERRERS, known)
                referral = Referral(
                    referred_id=referred_id, customer_id=customer_id, given_on=on, given_to=by
                )
                rows.put(REFERRALS_GIVEN, referral)


_REFERRER_JOIN, _REFERRER = whose("g")
_REFERRED_JOIN, _REFERRED = whose("g", "referred_id")
_LINKS = f"""link AS (
    SELECT {_REFERRER} AS referrer_id, {_REFERRED} AS referred_id, min(g.given_on) AS given_on,
           (array_agg(g.given_to ORDER BY g.given_on))[1] AS given_to
      FROM referral g {_REFERRER_JOIN} {_REFERRED_JOIN}
     WHERE {_REFERRER} <> {_REFERRED} GROUP BY 1, 2
)"""
"""Who named whom, of files that stand for their customers: nobody counts twice, and nobody has named
themselves because two files turned out to be of one customer."""


@value
class ReferralLine:
    """A customer who was asked for referrals, or gave some."""

    customer_id: UUID
    customer: Personal[str]
    """Its name."""
    owner: str
    asked: int
    last_asked_on: date | None
    given: int
    converted: int
    """Those named who have bought."""
    conversion: float | None
    """Of those named, how large a part has bought; None while nobody was named."""
    bought: tuple[Money, ...]
    """What those named have bought, by currency."""


async def referral_report(
    db: Any,
    visible: Collection[str] | None,
    *,
    owner: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[ReferralLine]:
    """By the referrer's id. Those named count as far as they may be seen."""
    owners = None if visible is None else list(visible)
    join, whole = whose("r")
    records = await db.fetch(
        f"""
        WITH asked AS (
            SELECT {whole} AS customer_id, sum(r.asked)::bigint AS asked,
                   max(r.last_asked_on) AS last_asked_on
              FROM referrer r {join} GROUP BY 1
        ), {_LINKS}
        SELECT asked.customer_id, c.name AS customer, c.owner, asked.asked, asked.last_asked_on,
               count(named.customer_id) AS given,
               count(named.customer_id) FILTER (WHERE EXISTS (
                   SELECT FROM purchase p WHERE p.customer_id = named.customer_id)) AS converted
          FROM asked JOIN customer c USING (customer_id)
          LEFT JOIN link ON link.referrer_id = asked.customer_id
          LEFT JOIN customer named
                 ON named.customer_id = link.referred_id AND ($1::text[] IS NULL OR named.owner = ANY ($1))
         WHERE ($1::text[] IS NULL OR c.owner = ANY ($1))
           AND ($2::text IS NULL OR c.owner = $2)
           AND ($3::uuid IS NULL OR asked.customer_id > $3)
         GROUP BY asked.customer_id, c.name, c.owner, asked.asked, asked.last_asked_on
         ORDER BY asked.customer_id LIMIT $4
        """,
        owners,
        owner,
        after,
        limit,
    )
    sums = await db.fetch(
        f"""
        WITH {_LINKS}
        SELECT link.referrer_id AS customer_id, p.currency, sum(p.amount) AS amount
          FROM link JOIN purchase p ON p.customer_id = link.referred_id
          JOIN customer named ON named.customer_id = link.referred_id
         WHERE link.referrer_id = ANY ($1) AND ($2::text[] IS NULL OR named.owner = ANY ($2))
         GROUP BY link.referrer_id, p.currency ORDER BY p.currency
        """,
        [record["customer_id"] for record in records],
        owners,
    )
    return [
        ReferralLine(
            **record,
            conversion=record["converted"] / record["given"] if record["given"] else None,
            bought=tuple(
                Money(amount=one["amount"], currency=one["currency"])
                for one in sums
                if one["customer_id"] == record["customer_id"]
            ),
        )
        for record in records
    ]


@value
class ReferredCustomer:
    customer_id: UUID
    customer: Personal[str]
    """The name of who was named."""
    owner: str
    referrer_id: UUID
    given_on: date
    given_to: str
    bought: bool


async def referred_by(
    db: Any, visible: Collection[str] | None, referrer_id: UUID, *, after: UUID | None, limit: int
) -> list[ReferredCustomer]:
    """Whom a customer has named, by id, as far as they may be seen."""
    records = await db.fetch(
        f"""
        WITH {_LINKS}
        SELECT link.referred_id AS customer_id, c.name AS customer, c.owner, link.referrer_id,
               link.given_on, link.given_to,
               EXISTS (SELECT FROM purchase p WHERE p.customer_id = link.referred_id) AS bought
          FROM link JOIN customer c ON c.customer_id = link.referred_id
         WHERE link.referrer_id = $2 AND ($1::text[] IS NULL OR c.owner = ANY ($1))
           AND ($3::uuid IS NULL OR link.referred_id > $3)
         ORDER BY link.referred_id LIMIT $4
        """,
        None if visible is None else list(visible),
        referrer_id,
        after,
        limit,
    )
    return [ReferredCustomer(**record) for record in records]


async def referrer_of(db: Any, customer_id: UUID) -> UUID | None:
    """Who named this customer, if anybody; of several, who named the file that stands for it."""
    files = await parts_of(db, [customer_id])
    referrer: UUID | None = await db.fetchval(
        f"""
        SELECT {_REFERRER} FROM referral g {_REFERRER_JOIN}
         WHERE g.referred_id = ANY ($1) AND {_REFERRER} <> $2
         ORDER BY g.referred_id <> $2, g.given_on, g.referred_id LIMIT 1
        """,
        list(files),
        customer_id,
    )
    return referrer

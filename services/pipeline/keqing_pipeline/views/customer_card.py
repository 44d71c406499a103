"""The customer card: the file, what to do next, and what has been tried and bought."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from keqing_pipeline.contact.birthday import next_kept
from keqing_pipeline.contact.profile import BuyingRole
from keqing_pipeline.customer.file import CustomerDetails, Importance, Kind
from keqing_pipeline.customer.man import Advice, advise
from keqing_pipeline.opportunity.grade import Grade, grade
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.views.accounts import AccountRow, account
from keqing_pipeline.views.contacts import ContactRow, contacts
from keqing_pipeline.views.coverage import Coverage, coverage_of
from keqing_pipeline.views.customers import customer, parts_of
from keqing_pipeline.views.referrals import referrer_of
from keqing_pipeline.views.team import team
from keqing_shared.domain import Money, Personal, value

MOST_SHOWN = 50
"""Opportunities on a card, the latest closed or opened first."""


@value
class CardOpportunity:
    opportunity_id: UUID
    title: str
    owner: str
    place: str
    """Its stage while open, else its outcome."""
    grade: Grade | None
    amount: Money | None
    next_touch_on: date | None
    last_contact_on: date | None


@value
class CardContact:
    contact_id: UUID
    name: Personal[str]
    title: Personal[str | None]
    roles: tuple[BuyingRole, ...]
    importance: Importance
    covered_by: tuple[str, ...]
    next_birthday: Personal[date | None]


@value
class CustomerCard:
    customer_id: UUID
    kind: Kind
    name: Personal[str]
    owner: str
    details: CustomerDetails
    advice: Advice
    registered_at: datetime
    open: int
    won: int
    lost: int
    purchases: tuple[Money, ...]
    last_contact_on: date | None
    opportunities: tuple[CardOpportunity, ...]
    contacts: tuple[CardContact, ...]
    """The people who are still there."""
    coverage: Coverage | None
    """How well they are known; None while nobody is."""
    team: tuple[str, ...]
    """Logins."""
    parts: tuple[UUID, ...]
    """Files of the same customer that were merged into this one."""
    referrer_id: UUID | None
    """The customer who named this one."""
    account: AccountRow
    """Class, relationship, and what warns: complaints, late payments, a defection."""
    version: int
    erased: bool
    """Whether what was personal is gone: texts read ``[erased]``."""


async def customer_card(
    db: Any, customer_id: UUID, today: date, policy: PipelinePolicy
) -> CustomerCard | None:
    """None when there is no such customer (yet)."""
    file = await customer(db, customer_id)
    if file is None:
        return None
    records = await db.fetch(
        """
        SELECT opportunity_id, title, owner, CASE outcome WHEN 'open' THEN stage ELSE outcome END AS place,
               expected_close_on, (coalesce(won, amount)->>'amount')::numeric AS amount,
               coalesce(won, amount)->>'currency' AS currency, next_touch_on, last_contact_on
          FROM opportunity WHERE customer_id = $1
         ORDER BY outcome = 'open' DESC, coalesce(closed_on, opened_on) DESC NULLS LAST, opportunity_id
         LIMIT $2
        """,
        customer_id,
        MOST_SHOWN,
    )
    totals = await db.fetch(
        """
        SELECT outcome, won->>'currency' AS currency, count(*) AS count,
               sum((won->>'amount')::numeric) AS won, max(last_contact_on) AS last_contact_on
          FROM opportunity WHERE customer_id = $1 GROUP BY outcome, won->>'currency' ORDER BY 2
        """,
        customer_id,
    )

    def counted(outcome: str) -> int:
        return sum(total["count"] for total in totals if total["outcome"] == outcome)

    touched_on = [total["last_contact_on"] for total in totals if total["last_contact_on"] is not None]
    return CustomerCard(
        customer_id=file.customer_id,
        kind=file.kind,
        name=file.name,
        owner=file.owner,
        details=file.details,
        advice=advise(file.details.man),
        registered_at=file.registered_at,
        open=counted("open"),
        won=counted("won"),
        lost=counted("lost"),
        purchases=tuple(
            Money(amount=total["won"], currency=total["currency"]) for total in totals if total["currency"]
        ),
        last_contact_on=max(touched_on, default=None),
        opportunities=tuple(_opportunity(record, today, policy) for record in records),
        contacts=tuple(
            _contact(row, today)
            for row in await contacts(db, None, "", customer_id=customer_id, left=False, limit=MOST_SHOWN)
        ),
        coverage=await coverage_of(db, customer_id, policy.deciders_covered_by),
        team=tuple(member.login for member in await team(db, customer_id)),
        parts=await parts_of(db, customer_id),
        referrer_id=await referrer_of(db, customer_id),
        account=await account(db, customer_id),
        version=file.version,
        erased=file.erased,
    )


def _contact(row: ContactRow, today: date) -> CardContact:
    born = row.profile.birthday
    return CardContact(
        contact_id=row.contact_id,
        name=row.name,
        title=row.profile.title,
        roles=row.roles,
        importance=row.importance,
        covered_by=row.covered_by,
        next_birthday=None if born is None else next_kept(born, today),
    )


def _opportunity(record: Any, today: date, policy: PipelinePolicy) -> CardOpportunity:
    decided = record["place"] in ("won", "lost")
    amount: Decimal | None = record["amount"]
    return CardOpportunity(
        opportunity_id=record["opportunity_id"],
        title=record["title"],
        owner=record["owner"],
        place=record["place"],
        grade=None if decided else grade(record["expected_close_on"], today, policy.grade_within),
        amount=None if amount is None else Money(amount=amount, currency=record["currency"]),
        next_touch_on=record["next_touch_on"],
        last_contact_on=record["last_contact_on"],
    )

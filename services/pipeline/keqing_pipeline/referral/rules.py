"""Referrals: asked of a customer who has bought, given by one, and what became of them."""

from datetime import date
from typing import get_args
from uuid import UUID, uuid5

import msgspec

from keqing_pipeline.customer.commands import FollowCustomer
from keqing_shared.domain import Aggregate, Command, Fact, InvalidInput, MergedAway, Personal, RuleBroken

_CHAINS = UUID("7a3b7e0c-8d54-5a0e-a9d1-2f8c6e5b4d10")


def referrals_of(customer_id: UUID) -> UUID:
    """The id of the stream of the customer's referrals, given and received."""
    return uuid5(_CHAINS, str(customer_id))


class ReferralAsked(Fact, topic="pipeline.referral-asked.v1"):
    customer_id: UUID
    on: date
    by: str
    note: Personal[str | None] = None


class ReferralGiven(Fact, topic="pipeline.referral-given.v1"):
    """The customer named somebody, who is registered now."""

    customer_id: UUID
    referred_id: UUID
    on: date
    by: str
    note: Personal[str | None] = None


class CustomerReferred(Fact, topic="pipeline.customer-referred.v1"):
    """The link back, in the history of the one who was named."""

    customer_id: UUID
    referrer_id: UUID
    on: date


class ReferralsFollowed(Fact, topic="pipeline.referrals-followed.v1"):
    """The customer's file was merged into another, or came out of it again: whose referrals these are now."""

    customer_id: UUID
    previous: UUID


ReferralFact = ReferralAsked | ReferralGiven | CustomerReferred | ReferralsFollowed


class AskReferral(Command):
    customer_id: UUID
    purchases: int
    """How often the customer has bought."""
    on: date
    by: str
    note: str | None = None


class GiveReferral(Command):
    customer_id: UUID
    referred_id: UUID
    on: date
    by: str
    note: str | None = None


class LinkBack(Command):
    customer_id: UUID
    referrer_id: UUID
    on: date


ReferralCommand = AskReferral | GiveReferral | LinkBack | FollowCustomer


class NotBoughtYet(RuleBroken):
    """Only a customer who has bought is asked for a referral."""


class ReferredItself(InvalidInput):
    """A customer refers somebody else."""


class Referrals(msgspec.Struct, frozen=True, kw_only=True):
    customer_id: UUID
    """The file of which they were asked, or that was named."""
    given: tuple[UUID, ...] = ()
    referrer_id: UUID | None = None
    followed: UUID | None = None

    @property
    def whose(self) -> UUID:
        """Whose they are: its file is part of that one now."""
        return self.followed or self.customer_id


def decide(
    command: ReferralCommand, referrals: Referrals | None, policy: object = None
) -> list[ReferralFact]:
    if isinstance(command, FollowCustomer):
        if referrals is None or command.customer_id == referrals.whose:
            return []
        return [ReferralsFollowed(customer_id=command.customer_id, previous=referrals.whose)]
    if referrals is not None and referrals.whose != command.customer_id:
        raise MergedAway("it is part of {survivor} now", survivor=str(referrals.whose))
    match command:
        case AskReferral(customer_id=customer_id, on=on, by=by, note=note):
            if not command.purchases:
                raise NotBoughtYet("sell something first")
            return [ReferralAsked(customer_id=customer_id, on=on, by=by, note=note)]
        case GiveReferral(customer_id=customer_id, referred_id=referred_id):
            if referred_id == customer_id:
                raise ReferredItself
            if referrals is not None and referred_id in referrals.given:
                return []
            return [
                ReferralGiven(
                    customer_id=customer_id,
                    referred_id=referred_id,
                    on=command.on,
                    by=command.by,
                    note=command.note,
                )
            ]
        case LinkBack(customer_id=customer_id, referrer_id=referrer_id, on=on):
            if referrals is not None and referrals.referrer_id is not None:
                return []  # whoever named it first
            return [CustomerReferred(customer_id=customer_id, referrer_id=referrer_id, on=on)]


def evolve(referrals: Referrals | None, fact: ReferralFact) -> Referrals | None:
    if isinstance(fact, ReferralsFollowed):
        return referrals and msgspec.structs.replace(referrals, followed=fact.customer_id)
    known = referrals or Referrals(customer_id=fact.customer_id)
    match fact:
        case ReferralAsked():
            return known
        case ReferralGiven(referred_id=referred_id):
            return msgspec.structs.replace(known, given=(*known.given, referred_id))
        case CustomerReferred(referrer_id=referrer_id):
            return msgspec.structs.replace(known, referrer_id=referrer_id)


def _customer(stream_id: UUID, referrals: Referrals) -> UUID:
    return referrals.customer_id


REFERRALS: Aggregate[Referrals] = Aggregate(
    name="referrals",
    facts=get_args(ReferralFact),
    decide=decide,
    evolve=evolve,
    customer_of=_customer,
    state=Referrals,
)

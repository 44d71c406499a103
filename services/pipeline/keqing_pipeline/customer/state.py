"""A customer as its facts have left it."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from keqing_pipeline.customer.erasure import CustomerErased, ErasureConfirmed, ErasureOrder, ordered
from keqing_pipeline.customer.facts import (
    CustomerAbsorbed,
    CustomerAmended,
    CustomerFact,
    CustomerMerged,
    CustomerRegistered,
    CustomerReleased,
    Follower,
    MergeUndone,
    OwnerChanged,
    TakenAlong,
)
from keqing_pipeline.customer.file import CustomerDetails, CustomerFile, Kind, file_of
from keqing_pipeline.customer.likeness import Marks
from keqing_shared.domain import ExternalReference, Personal


class Absorbed(Struct, frozen=True, kw_only=True):
    """Another file that is part of this one now, and what came with it."""

    customer_id: UUID
    phones: Personal[tuple[str, ...]]
    external: tuple[ExternalReference, ...]
    followers: tuple[Follower, ...]


class Customer(Struct, frozen=True, kw_only=True):
    kind: Kind
    name: Personal[str]
    owner: str
    details: CustomerDetails
    import_digest: Personal[str | None] = None
    merged_into: UUID | None = None
    """The file that this one is part of now."""
    absorbed: tuple[Absorbed, ...] = ()
    erasure: ErasureOrder | None = None

    @property
    def file(self) -> CustomerFile:
        return file_of(self.kind, self.name, self.details)

    @property
    def marks(self) -> Marks:
        return Marks(name=self.name, phones=self.details.phones)

    def followers_of(self, merged: UUID) -> tuple[Follower, ...]:
        """What came with the other file when it became part of this one."""
        return next((one.followers for one in self.absorbed if one.customer_id == merged), ())


def evolve(customer: Customer | None, fact: CustomerFact) -> Customer | None:
    if isinstance(fact, CustomerRegistered):
        return Customer(
            kind=fact.kind,
            name=fact.name or fact.person_name or "",
            owner=fact.owner,
            details=fact.details,
            import_digest=fact.import_digest,
        )
    if customer is None:
        return None
    match fact:
        case CustomerAmended(name=name, person_name=person, details=details, import_digest=digest):
            return replace(
                customer,
                name=name or person or "",
                details=details,
                import_digest=digest or customer.import_digest,
            )
        case OwnerChanged(owner=owner):
            return replace(customer, owner=owner)
        case CustomerMerged(into=survivor):
            return replace(customer, merged_into=survivor)
        case MergeUndone():
            return replace(customer, merged_into=None)
        case CustomerAbsorbed():
            absorbed = Absorbed(
                customer_id=fact.merged,
                phones=fact.phones,
                external=fact.external,
                followers=fact.followers,
            )
            return replace(customer, absorbed=(*customer.absorbed, absorbed))
        case TakenAlong(merged=merged, followers=followers):
            absorbed_now = tuple(
                replace(one, followers=(*one.followers, *followers)) if one.customer_id == merged else one
                for one in customer.absorbed
            )
            return replace(customer, absorbed=absorbed_now)
        case CustomerReleased(merged=merged):
            kept = tuple(one for one in customer.absorbed if one.customer_id != merged)
            return replace(customer, absorbed=kept)
        case CustomerErased() | ErasureConfirmed():
            return replace(customer, erasure=ordered(customer.erasure, fact))

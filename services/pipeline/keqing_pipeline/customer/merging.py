"""Two files of one customer become one, and can be parted again.

The file that goes stays as it was, with its history and all that tells it from others; it is only part of
the other from now on. The other takes over its phones, its references, and whatever follows the customer.
"""

from dataclasses import replace
from typing import assert_never
from uuid import UUID

from keqing_pipeline.customer import refusals as no
from keqing_pipeline.customer.amending import amended, as_it_stands
from keqing_pipeline.customer.commands import (
    AbsorbCustomer,
    MergeCustomer,
    ReleaseCustomer,
    TakeAlong,
    UndoMerge,
)
from keqing_pipeline.customer.facts import (
    CustomerAbsorbed,
    CustomerFact,
    CustomerMerged,
    CustomerReleased,
    MergeUndone,
    TakenAlong,
)
from keqing_pipeline.customer.file import MOST_PHONES, MOST_REFERENCES
from keqing_pipeline.customer.state import Absorbed, Customer


def merged_or_parted(
    command: MergeCustomer | UndoMerge | AbsorbCustomer | TakeAlong | ReleaseCustomer, customer: Customer
) -> list[CustomerFact]:
    match command:
        case MergeCustomer(customer_id=own, into=into, reason=reason):
            if own == into:
                raise no.MergedWithItself("name another file", field="into")
            return [CustomerMerged(into=into, reason=reason)]
        case UndoMerge(reason=reason):
            if customer.merged_into is None:
                raise no.NotMerged
            # Said as it stands, so that those who had let it go know it again.
            return [
                MergeUndone(out_of=customer.merged_into, reason=reason),
                as_it_stands(customer.file, customer.owner),
            ]
        case AbsorbCustomer():
            return _absorbed(command, customer)
        case TakeAlong(merged=merged, followers=followers):
            if all(one.customer_id != merged for one in customer.absorbed):
                raise no.NotMerged
            new = tuple(one for one in followers if one not in customer.followers_of(merged))
            return [TakenAlong(merged=merged, followers=new)] if new else []
        case ReleaseCustomer(merged=merged):
            return _released(merged, customer)
        case _:
            assert_never(command)


def _absorbed(command: AbsorbCustomer, customer: Customer) -> list[CustomerFact]:
    file, present = command.file, customer.file
    if file.kind is not customer.kind:
        raise no.KindsDiffer("amend the kind of neither: register the customer anew")
    phones = tuple(phone for phone in dict.fromkeys(file.phones) if phone not in present.phones)
    external = tuple(one for one in file.external if one not in present.external)
    for member, more, most in (("phones", phones, MOST_PHONES), ("external", external, MOST_REFERENCES)):
        if len(more) + len(getattr(present, member)) > most:
            raise no.FileTooFull("a file holds up to {most}: leave some out", field=member, most=most)
    whole = replace(present, phones=(*present.phones, *phones), external=(*present.external, *external))
    absorbed = CustomerAbsorbed(
        merged=command.merged, phones=phones, external=external, followers=command.followers
    )
    return [absorbed, *amended(customer, whole)]


def _released(merged: UUID, customer: Customer) -> list[CustomerFact]:
    absorbed: Absorbed | None = next((one for one in customer.absorbed if one.customer_id == merged), None)
    if absorbed is None:
        raise no.NotMerged
    present = customer.file
    rest = replace(
        present,
        phones=tuple(phone for phone in present.phones if phone not in absorbed.phones),
        external=tuple(one for one in present.external if one not in absorbed.external),
    )
    return [CustomerReleased(merged=merged), *amended(customer, rest)]

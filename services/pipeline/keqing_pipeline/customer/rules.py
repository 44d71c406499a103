"""A customer's life: registered, amended, passed on, merged into another file and parted from it."""

from dataclasses import replace
from uuid import UUID

from keqing_pipeline.customer import refusals as no
from keqing_pipeline.customer.amending import amended, corrected, imported_again, registered, row_digest
from keqing_pipeline.customer.commands import (
    AbsorbCustomer,
    AddExternalReference,
    AmendCustomer,
    CorrectCustomer,
    CustomerCommand,
    ImportCustomer,
    MergeCustomer,
    ReassignCustomer,
    RegisterCustomer,
    ReleaseCustomer,
    TakeAlong,
    UndoMerge,
)
from keqing_pipeline.customer.erasure import (
    ConfirmErasure,
    CustomerErased,
    EraseCustomer,
    ErasureConfirmed,
    confirm,
    erase,
)
from keqing_pipeline.customer.facts import (
    CustomerAbsorbed,
    CustomerAmended,
    CustomerFact,
    CustomerMerged,
    CustomerRegistered,
    CustomerReleased,
    MergeUndone,
    OwnerChanged,
    TakenAlong,
)
from keqing_pipeline.customer.file import check_founding
from keqing_pipeline.customer.merging import merged_or_parted
from keqing_pipeline.customer.state import Customer, evolve
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Aggregate, CustomerIsErased, MergedAway


def decide(command: CustomerCommand, customer: Customer | None, policy: PipelinePolicy) -> list[CustomerFact]:
    match command:
        case RegisterCustomer() if customer is None:
            return [registered(command, None)]
        case RegisterCustomer():
            raise no.AlreadyRegistered
        case ImportCustomer() if customer is None:
            return [registered(command, row_digest(command.file, command.owner))]
    if customer is None:
        raise no.CustomerUnknown
    match command:
        case EraseCustomer():
            return [*erase(command, customer.erasure)]
        case ConfirmErasure():
            return [*confirm(command, customer.erasure)]
        case UndoMerge() | ReassignCustomer() | TakeAlong():
            pass
        case _ if customer.erasure is not None:
            raise CustomerIsErased
    if customer.merged_into is not None and not isinstance(command, UndoMerge | TakeAlong):
        raise MergedAway("it is part of {survivor} now", survivor=str(customer.merged_into))
    match command:
        case ImportCustomer():
            return imported_again(command, customer)
        case CorrectCustomer():
            return corrected(command, customer)
        case AmendCustomer(file=file, today=today, distinct_because=because):
            check_founding(file, today, customer.file)
            return amended(customer, file, because)
        case ReassignCustomer(owner=owner, reason=reason):
            if not reason.strip():
                raise no.ReasonMissing("say why the customer changes hands", field="reason")
            if owner == customer.owner:
                return []
            return [OwnerChanged(owner=owner, previous=customer.owner, reason=reason)]
        case AddExternalReference(reference=reference):
            known = customer.details.external
            external = known if reference in known else (*known, reference)
            return amended(customer, replace(customer.file, external=external))
        case MergeCustomer() | UndoMerge() | AbsorbCustomer() | TakeAlong() | ReleaseCustomer():
            return merged_or_parted(command, customer)


def _of_itself(customer_id: UUID, customer: Customer) -> UUID:
    return customer_id


CUSTOMER: Aggregate[Customer] = Aggregate(
    name="customer",
    facts=(
        CustomerRegistered,
        CustomerAmended,
        OwnerChanged,
        CustomerMerged,
        MergeUndone,
        CustomerAbsorbed,
        TakenAlong,
        CustomerReleased,
        CustomerErased,
        ErasureConfirmed,
    ),
    decide=decide,
    evolve=evolve,
    customer_of=_of_itself,
    state=Customer,
)

"""A customer's life: registered, amended, passed on."""

import hashlib
from dataclasses import fields, replace
from uuid import UUID

import msgspec

from keqing_pipeline.customer.commands import (
    AddExternalReference,
    AmendCustomer,
    CustomerCommand,
    ImportCustomer,
    ReassignCustomer,
    RegisterCustomer,
)
from keqing_pipeline.customer.erasure import (
    ConfirmErasure,
    CustomerErased,
    EraseCustomer,
    ErasureConfirmed,
    ErasureOrder,
    confirm,
    erase,
    ordered,
)
from keqing_pipeline.customer.facts import (
    CustomerAmended,
    CustomerFact,
    CustomerRegistered,
    OwnerChanged,
)
from keqing_pipeline.customer.file import CustomerDetails, CustomerFile, Kind, check_sections, file_of
from keqing_pipeline.customer.likeness import Marks
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Aggregate, CustomerIsErased, InvalidInput, NotFound, Personal, RuleBroken


class CustomerUnknown(NotFound):
    """There is no such customer, or none that you may see."""


class AlreadyRegistered(RuleBroken):
    """This customer is registered already."""


class KindFixed(InvalidInput):
    """An individual does not become an enterprise, nor the other way round."""


class ReasonMissing(InvalidInput):
    """A reason is needed."""


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    name: Personal[str]
    owner: str
    details: CustomerDetails
    import_digest: str | None = None
    erasure: ErasureOrder | None = None

    @property
    def file(self) -> CustomerFile:
        return file_of(self.kind, self.name, self.details)

    @property
    def marks(self) -> Marks:
        return Marks(name=self.name, phones=self.details.phones)


def row_digest(file: CustomerFile, owner: str) -> str:
    """Tells an imported row from a changed one."""
    return hashlib.sha256(msgspec.json.encode((file, owner))).hexdigest()


def decide(command: CustomerCommand, customer: Customer | None, policy: PipelinePolicy) -> list[CustomerFact]:
    match command:
        case RegisterCustomer() if customer is None:
            return [_registered(command, None)]
        case RegisterCustomer():
            raise AlreadyRegistered
        case ImportCustomer() if customer is None:
            return [_registered(command, row_digest(command.file, command.owner))]
    if customer is None:
        raise CustomerUnknown
    match command:
        case EraseCustomer():
            return [*erase(command, customer.erasure)]
        case ConfirmErasure():
            return [*confirm(command, customer.erasure)]
        case ImportCustomer() | AmendCustomer() | AddExternalReference() if customer.erasure is not None:
            raise CustomerIsErased
        case ImportCustomer():
            return _imported_again(command, customer)
        case AmendCustomer(file=file, distinct_because=because):
            return _amended(customer, file, because, None)
        case ReassignCustomer(owner=owner, reason=reason):
            if not reason.strip():
                raise ReasonMissing("say why the customer changes hands", field="reason")
            if owner == customer.owner:
                return []
            return [OwnerChanged(owner=owner, previous=customer.owner, reason=reason)]
        case AddExternalReference(reference=reference):
            known = customer.details.external
            external = known if reference in known else (*known, reference)
            return _amended(customer, replace(customer.file, external=external), None, None)


def _registered(command: RegisterCustomer | ImportCustomer, digest: str | None) -> CustomerRegistered:
    file = command.file
    check_sections(file)
    return CustomerRegistered(
        kind=file.kind,
        name=file.name if file.kind is Kind.ENTERPRISE else None,
        person_name=file.name if file.kind is Kind.INDIVIDUAL else None,
        owner=command.owner,
        details=file.details(),
        distinct_because=command.distinct_because,
        resembles=command.resembles,
        import_digest=digest,
    )


def _imported_again(command: ImportCustomer, customer: Customer) -> list[CustomerFact]:
    digest = row_digest(command.file, command.owner)
    if digest == customer.import_digest:
        return []
    facts: list[CustomerFact] = []
    if command.owner != customer.owner:
        facts.append(OwnerChanged(owner=command.owner, previous=customer.owner, reason="import"))
    # References that others added meanwhile stay: a row knows only its own.
    kept = tuple(dict.fromkeys((*command.file.external, *customer.details.external)))
    file = replace(command.file, external=kept)
    return facts + _amended(customer, file, command.distinct_because, digest, command.owner)


def _amended(
    customer: Customer,
    file: CustomerFile,
    because: str | None,
    digest: str | None,
    owner: str | None = None,
) -> list[CustomerFact]:
    if file.kind is not customer.kind:
        raise KindFixed("the customer is an {kind}", field="kind", kind=customer.kind.value)
    check_sections(file)
    present = customer.file
    changed = tuple(f.name for f in fields(CustomerFile) if getattr(file, f.name) != getattr(present, f.name))
    if not changed and digest is None:
        return []
    return [
        CustomerAmended(
            kind=file.kind,
            owner=owner or customer.owner,
            name=file.name if file.kind is Kind.ENTERPRISE else None,
            person_name=file.name if file.kind is Kind.INDIVIDUAL else None,
            details=file.details(),
            changed=changed,
            distinct_because=because,
            import_digest=digest,
        )
    ]


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
    change = msgspec.structs.replace
    match fact:
        case CustomerAmended(name=name, person_name=person, details=details, import_digest=digest):
            return change(
                customer,
                name=name or person or "",
                details=details,
                import_digest=digest or customer.import_digest,
            )
        case OwnerChanged(owner=owner):
            return change(customer, owner=owner)
        case CustomerErased() | ErasureConfirmed():
            return change(customer, erasure=ordered(customer.erasure, fact))


def _of_itself(customer_id: UUID, customer: Customer) -> UUID:
    return customer_id


CUSTOMER: Aggregate[Customer] = Aggregate(
    name="customer",
    facts=(CustomerRegistered, CustomerAmended, OwnerChanged, CustomerErased, ErasureConfirmed),
    decide=decide,
    evolve=evolve,
    customer_of=_of_itself,
    state=Customer,
)

"""The file as entered, amended, and imported again."""

import dataclasses
import hashlib
from dataclasses import fields

import msgspec
from msgspec.structs import replace

from keqing_pipeline.customer import refusals as no
from keqing_pipeline.customer.commands import CorrectCustomer, ImportCustomer, RegisterCustomer
from keqing_pipeline.customer.facts import CustomerAmended, CustomerFact, CustomerRegistered, OwnerChanged
from keqing_pipeline.customer.file import CustomerFile, Kind, check_founding, check_sections
from keqing_pipeline.customer.state import Customer
from keqing_pipeline.own_reference import check_not_own


def row_digest(file: CustomerFile, owner: str) -> str:
    """Tells an imported row from a changed one."""
    return hashlib.sha256(msgspec.json.encode((file, owner))).hexdigest()


def registered(command: RegisterCustomer | ImportCustomer, digest: str | None) -> CustomerRegistered:
    file = command.file
    check_sections(file)
    check_founding(file, command.today)
    check_not_own(file.external)
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


def owner_said(command: ImportCustomer | CorrectCustomer, customer: Customer) -> bool:
    """Whether the row says anew who the owner is: of another system any that has changed, by its own id only
    one that names another."""
    if isinstance(command, CorrectCustomer):
        return command.owner != customer.owner
    return row_digest(command.file, command.owner) != customer.import_digest


def imported_again(command: ImportCustomer, customer: Customer) -> list[CustomerFact]:
    digest = row_digest(command.file, command.owner)
    if digest == customer.import_digest:
        return []
    shall_be = replace(command, file=command.wanted or command.file)
    if customer.import_digest is None and not corrected(shall_be, customer):
        return []  # entered by hand, and the row says the same
    return corrected(shall_be, customer, digest)


def corrected(
    command: ImportCustomer | CorrectCustomer, customer: Customer, digest: str | None = None
) -> list[CustomerFact]:
    """What leads to how the row says that it shall be."""
    check_founding(command.file, command.today, customer.file)
    facts: list[CustomerFact] = []
    if command.owner != customer.owner:
        facts.append(OwnerChanged(owner=command.owner, previous=customer.owner, reason="import"))
    # References that others added meanwhile stay: a row knows only its own.
    kept = tuple(dict.fromkeys((*customer.details.external, *command.file.external)))
    file = dataclasses.replace(command.file, external=kept)
    return facts + amended(customer, file, command.distinct_because, digest, command.owner)


def amended(
    customer: Customer,
    file: CustomerFile,
    because: str | None = None,
    digest: str | None = None,
    owner: str | None = None,
) -> list[CustomerFact]:
    if file.kind is not customer.kind:
        raise no.KindFixed("the customer is an {kind}", field="kind", kind=customer.kind)
    check_sections(file)
    check_not_own(file.external)
    present = customer.file
    changed = tuple(f.name for f in fields(CustomerFile) if getattr(file, f.name) != getattr(present, f.name))
    if not changed and digest is None:
        return []
    fact = as_it_stands(file, owner or customer.owner)
    return [replace(fact, changed=changed, distinct_because=because, import_digest=digest)]


def as_it_stands(file: CustomerFile, owner: str) -> CustomerAmended:
    """The whole file said once more."""
    return CustomerAmended(
        kind=file.kind,
        owner=owner,
        name=file.name if file.kind is Kind.ENTERPRISE else None,
        person_name=file.name if file.kind is Kind.INDIVIDUAL else None,
        details=file.details(),
        changed=(),
    )

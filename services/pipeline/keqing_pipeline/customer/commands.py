"""What one may want of a customer's file."""

from uuid import UUID

from keqing_pipeline.customer.erasure import ConfirmErasure, EraseCustomer
from keqing_pipeline.customer.file import CustomerFile
from keqing_shared.domain import Command, ExternalReference


class RegisterCustomer(Command):
    file: CustomerFile
    owner: str
    distinct_because: str | None = None
    resembles: tuple[UUID, ...] = ()


class AmendCustomer(Command):
    file: CustomerFile
    distinct_because: str | None = None


class ReassignCustomer(Command):
    owner: str
    reason: str


class AddExternalReference(Command):
    reference: ExternalReference


class ImportCustomer(Command):
    """A row of another system: registers the customer, or amends it when the row has changed."""

    file: CustomerFile
    owner: str
    distinct_because: str | None = None
    resembles: tuple[UUID, ...] = ()


CustomerCommand = (
    RegisterCustomer
    | AmendCustomer
    | ReassignCustomer
    | AddExternalReference
    | ImportCustomer
    | EraseCustomer
    | ConfirmErasure
)

"""What one may want of a customer's file."""

from datetime import date
from uuid import UUID

from keqing_pipeline.customer.erasure import ConfirmErasure, EraseCustomer
from keqing_pipeline.customer.facts import Follower
from keqing_pipeline.customer.file import CustomerFile
from keqing_shared.domain import Command, ExternalReference


class RegisterCustomer(Command):
    file: CustomerFile
    owner: str
    today: date
    distinct_because: str | None = None
    resembles: tuple[UUID, ...] = ()


class AmendCustomer(Command):
    file: CustomerFile
    today: date
    distinct_because: str | None = None


class ReassignCustomer(Command):
    owner: str
    reason: str


class AddExternalReference(Command):
    reference: ExternalReference


class ImportCustomer(Command):
    """A row of another system: registers the customer, or amends it when the row has changed."""

    file: CustomerFile
    """As the row says, what it says nothing of included."""
    owner: str
    today: date
    wanted: CustomerFile | None = None
    """Of one that is here: with what the row says nothing of as it is; None: all as the row says."""
    distinct_because: str | None = None
    resembles: tuple[UUID, ...] = ()


class CorrectCustomer(Command):
    """A row that names it by its own id, and so says how it shall be."""

    file: CustomerFile
    owner: str
    today: date
    distinct_because: str | None = None
    resembles: tuple[UUID, ...] = ()


class MergeCustomer(Command):
    """This file becomes a part of the other one."""

    customer_id: UUID
    """Its own."""
    into: UUID
    reason: str


class AbsorbCustomer(Command):
    """The other file becomes a part of this one."""

    merged: UUID
    file: CustomerFile
    followers: tuple[Follower, ...] = ()
    """What was the other one's and is this one's from now on."""


class TakeAlong(Command):
    """Something of a file that is part of this one has been left behind."""

    merged: UUID
    followers: tuple[Follower, ...]


class UndoMerge(Command):
    """This file is one of its own again."""

    reason: str


class ReleaseCustomer(Command):
    """The other file is no part of this one any more."""

    merged: UUID


class FollowCustomer(Command):
    """To what belongs to a customer: its file is part of another now, or is one of its own again."""

    customer_id: UUID


CustomerCommand = (
    RegisterCustomer
    | AmendCustomer
    | ReassignCustomer
    | AddExternalReference
    | ImportCustomer
    | CorrectCustomer
    | EraseCustomer
    | ConfirmErasure
    | MergeCustomer
    | AbsorbCustomer
    | TakeAlong
    | UndoMerge
    | ReleaseCustomer
)

"""The rows that may be imported."""

from dataclasses import field
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from keqing_pipeline.contact.profile import ContactProfile
from keqing_pipeline.customer.file import MOST_REFERENCES, CustomerFile
from keqing_pipeline.opportunity.commands import Products
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.user import Profile
from keqing_shared.domain import Day, ExternalReference, Line, Login, Money, Note, Personal, value

ROWS_AT_ONCE = 1_000
"""Carried together; a file may have more."""

Version = Annotated[int, Field(ge=1, le=2**53)]


@value
class CustomerImport(CustomerFile):
    """A customer; its first external reference is what it is known again by, ``keqing:<id>`` one that is here
    by its own id."""

    COLUMNS_FIRST: ClassVar = ("external", "kind", "name", "owner")

    # Without ``field()`` it would have the default of a file's, which is checked by nobody.
    external: Annotated[
        tuple[ExternalReference, ...], Field(min_length=1, max_length=MOST_REFERENCES + 1)
    ] = field()
    owner: Login
    distinct_because: Line | None = None
    """Why it is another customer than those it is alike."""
    version: Version | None = None
    """As exported: should it be another by now, a row that says something else is refused."""


@value
class ContactImport(ContactProfile):
    """A person at a customer; ``external`` is what the person is known again by, ``keqing:<id>`` one who is
    here by their own id."""

    COLUMNS_FIRST: ClassVar = ("external", "customer", "name")

    external: ExternalReference
    customer: UUID | ExternalReference
    """Its id here, or what another system calls it."""
    covered_by: Annotated[tuple[Login, ...], Field(max_length=20)] = ()
    """Who keeps in touch with them; whoever does so already stays, unless the row is of ``keqing:<id>``."""
    version: Version | None = None
    """As exported: should it be another by now, a row that says something else is refused."""


@value
class OpportunityImport:
    """An opportunity with its history; ``external`` is what it is known again by, ``keqing:<id>`` one that is
    here by its own id."""

    external: ExternalReference
    title: Line
    owner: Login
    customer: UUID | ExternalReference | None = None
    """Its id here, or what another system calls it."""
    amount: Money | None = None
    expected_close_on: Day | None = None
    interests: Products = ()
    stage: Stage = Stage.UNAWARE
    source_stage: Line | None = None
    """What the other system calls the stage."""
    engaged_on: Day | None = None
    outcome: Outcome = Outcome.OPEN
    closed_on: Day | None = None
    close_value: Money | None = None
    reason: Personal[Note | None] = None
    rival: Line | None = None
    next_on: Day | None = None
    """When the next touch was promised; without it none is due until a contact is logged."""
    version: Version | None = None
    """As exported: should it be another by now, a row that says something else is refused."""


@value
class UserImport(Profile):
    login: Login

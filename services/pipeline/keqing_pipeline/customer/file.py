"""The customer file: what one keeps of an enterprise or an individual."""

from dataclasses import fields
from datetime import date
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, TypeVar

from pydantic import Field

from keqing_pipeline.customer.man import Known, Man
from keqing_pipeline.phone import Phone
from keqing_shared.domain import (
    Day,
    ExternalReference,
    InvalidInput,
    Line,
    Money,
    Note,
    Personal,
    Term,
    value,
)

P = TypeVar("P")


class Kind(Term):
    INDIVIDUAL = "individual"
    ENTERPRISE = "enterprise"


class LeadSource(StrEnum):
    """Where a customer was found."""

    REFERENCE_MATERIAL = "reference_material"
    PERSONAL_NETWORK = "personal_network"
    NEW_RELATIONSHIP = "new_relationship"
    REFERRAL_CHAIN = "referral_chain"
    INFLUENTIAL_PERSON = "influential_person"
    CONFERENCE = "conference"
    INTERNET = "internet"
    DOOR_TO_DOOR = "door_to_door"
    ADVERTISING = "advertising"
    TELEPHONE = "telephone"
    AGENT = "agent"
    INDUSTRY_EVENT = "industry_event"
    DIRECT_MAIL = "direct_mail"
    WON_FROM_COMPETITOR = "won_from_competitor"
    PARTNER = "partner"
    TRADE_SHOW = "trade_show"
    WALK_IN = "walk_in"
    IMPORT = "import"


class Importance(StrEnum):
    KEY = "key"
    MAJOR = "major"
    ORDINARY = "ordinary"


class Loyalty(StrEnum):
    LOYAL = "loyal"
    SWITCHER = "switcher"
    NONE = "none"


class ValueClass(StrEnum):
    MOST_PROFITABLE = "most_profitable"
    GROWABLE = "growable"
    DECLINING = "declining"


class Level(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@value
class Assessment:
    """Whether this customer is worth pursuing; any "no" keeps an opportunity below stage 3."""

    can_meet_need: Known = Known.UNKNOWN
    returns_enough: Known = Known.UNKNOWN
    stronger_than_rivals: Known = Known.UNKNOWN

    def objections(self) -> tuple[str, ...]:
        """The questions answered with no."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is Known.NO)


@value
class Location:
    """Where one finds the customer, in degrees (WGS 84)."""

    latitude: Annotated[float, Field(ge=-90, le=90, examples=[30.2741])]
    longitude: Annotated[float, Field(ge=-180, le=180, examples=[120.1551])]


@value
class Basics:
    address: Line | None = None
    site: Line | None = None
    legal_representative: Personal[Line | None] = None
    founded_on: Day | None = None
    form: Line | None = None
    business: Line | None = None
    assets: Money | None = None


@value
class Traits:
    region: Line | None = None
    selling_capacity: Level | None = None
    potential: Level | None = None
    outlook: Personal[Note | None] = None
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    yearly_revenue: Money | None = None


@value
class Standing:
    sales_record: Personal[Note | None] = None
    staff: Personal[Note | None] = None
    relations_with_rivals: Personal[Note | None] = None
    cooperation: Level | None = None


@value
class Dealings:
    present_sales: Personal[Note | None] = None
    problems: Personal[Note | None] = None
    strengths: Personal[Note | None] = None
    strategy: Personal[Note | None] = None
    reputation: Level | None = None
    credit: Personal[Note | None] = None
    terms_days: Annotated[int, Field(ge=0, le=365)] | None = None


@value
class EnterpriseSections:
    """The four groups of an enterprise's file."""

    basics: Basics = Basics()
    traits: Traits = Traits()
    standing: Standing = Standing()
    dealings: Dealings = Dealings()


@value
class IndividualSections:
    address: Personal[Line | None] = None
    education: Personal[Line | None] = None
    family: Personal[Note | None] = None
    business_background: Personal[Note | None] = None
    special_interests: Personal[Note | None] = None
    private_life: Personal[Note | None] = None
    buying_habits: Personal[Note | None] = None


MOST_PHONES, MOST_REFERENCES = 10, 20
Phones = Annotated[tuple[Phone, ...], Field(max_length=MOST_PHONES)]
References = Annotated[tuple[ExternalReference, ...], Field(max_length=MOST_REFERENCES)]


@value
class CustomerDetails:
    """Everything in the file but who it is."""

    phones: Personal[Phones] = ()
    source: LeadSource | None = None
    man: Man = Man()
    assessment: Assessment = Assessment()
    importance: Importance = Importance.ORDINARY
    loyalty: Loyalty = Loyalty.NONE
    value_class: ValueClass | None = None
    industry: Line | None = None
    enterprise: EnterpriseSections | None = None
    individual: IndividualSections | None = None
    external: References = ()
    note: Personal[Note | None] = None
    location: Personal[Location | None] = None


@value
class CustomerFile(CustomerDetails):
    """A customer as entered: who it is and what is known."""

    kind: Kind
    name: Annotated[Line, Field(examples=["北京远山科技有限公司"])]

    def details(self) -> CustomerDetails:
        return part_of(self, CustomerDetails)


def file_of(kind: Kind, name: str, details: CustomerDetails) -> CustomerFile:
    return CustomerFile(kind=kind, name=name, **_members(details, CustomerDetails))


def part_of(whole: Any, kind: type[P]) -> P:
    """The members of a value that are of this one of its bases: checked with the whole, and not again."""
    part = object.__new__(kind)
    part.__dict__.update(_members(whole, kind))
    return part


def _members(source: Any, of: type[Any]) -> dict[str, Any]:
    names, values = _getters(of)  # type: ignore[arg-type]
    return dict(zip(names, values(source), strict=True))


@cache
def _getters(kind: type[Any]) -> tuple[tuple[str, ...], "attrgetter[tuple[Any, ...]]"]:
    names = tuple(f.name for f in fields(kind))
    return names, attrgetter(*names)


class FoundedInFuture(InvalidInput):
    """A company was founded today or before."""


class SectionsMismatch(InvalidInput):
    """An enterprise's sections do not fit an individual, nor the other way round."""


def check_sections(file: CustomerFile) -> None:
    """Refuse the sections of the other kind."""
    wrong = file.individual if file.kind is Kind.ENTERPRISE else file.enterprise
    if wrong is not None:
        member = "individual" if file.kind is Kind.ENTERPRISE else "enterprise"
        raise SectionsMismatch("the customer is an {kind}: leave out '{field}'", kind=file.kind, field=member)


def check_founding(file: CustomerFile, today: date, before: CustomerFile | None = None) -> None:
    """Refuse a day of founding that is still ahead, unless the file held it ``before``."""
    day = _founded_on(file)
    if day is not None and day > today and (before is None or day != _founded_on(before)):
        raise FoundedInFuture(
            "{day} has not come yet", field="enterprise.basics.founded_on", day=day.isoformat()
        )


def _founded_on(file: CustomerFile) -> date | None:
    return None if file.enterprise is None else file.enterprise.basics.founded_on

"""What a complaint is described with. The codes are the business's own; texts are in the speaker's words."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from keqing_shared.domain import Line, Money, Note, Personal, Term, value


class Category(StrEnum):
    """What the complaint is about."""

    CONTRACT = "contract"
    SERVICE = "service"
    FREIGHT = "freight"
    QUALITY = "quality"
    OVERSELLING = "overselling"
    CUSTOMER_SIDE = "customer_side"


class Cause(StrEnum):
    """Why it came about, as far as is known."""

    PRODUCT_QUALITY = "product_quality"
    AFTER_SALES_REPAIR = "after_sales_repair"
    CUSTOMER_TEMPERAMENT = "customer_temperament"
    STAFF_MISTAKE = "staff_mistake"
    DISAGREES_WITH_POLICY = "disagrees_with_policy"
    DIFFERENT_STANDARD = "different_standard"
    EXPECTATION_TOO_HIGH = "expectation_too_high"


class Severity(StrEnum):
    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Manner(StrEnum):
    """How the complainant behaves."""

    IRRITABLE = "irritable"
    ECCENTRIC = "eccentric"
    DOMINEERING = "domineering"
    INTELLECTUAL = "intellectual"
    LESS_SCHOOLED = "less_schooled"
    GARRULOUS = "garrulous"


class Seeks(StrEnum):
    """What the complainant needs from us as a person."""

    CARE = "to_be_cared_for"
    HEARING = "to_be_heard"
    COMPETENCE = "met_with_competence"
    SPEED = "answered_fast"


class Mood(StrEnum):
    """What the complainant has come for."""

    VENT = "to_vent"
    RESPECT = "to_be_respected"
    COMPENSATION = "to_be_compensated"


class Channel(StrEnum):
    PHONE = "phone"
    WEB = "web"
    EMAIL = "email"
    POST = "post"
    FAX = "fax"
    CHAT = "chat"
    VISIT = "visit"
    REFERRAL = "referral"
    OTHER = "other"


class Side(StrEnum):
    """Whose doing it was."""

    COMPANY = "company"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    CARRIER = "carrier"
    NOBODY = "nobody"


class Form(Term):
    """What is given to settle a complaint."""

    REPAIR = "repair"
    REPLACE = "replace"
    RETURN = "return"
    REFUND = "refund"
    CREDIT_NOTE = "credit_note"
    DISCOUNT = "discount"
    GIFT = "gift"
    APOLOGY = "apology"


COSTS = frozenset({Form.REFUND, Form.CREDIT_NOTE, Form.DISCOUNT, Form.GIFT})
"""Forms that are nothing without an amount. Repair, replacement and return may name what they cost us."""


class Step(Term):
    """A step of a complaint's life; named after what is to be done, as in the routes."""

    ACKNOWLEDGEMENT = "acknowledgement"
    FACTS = "facts"
    SOLUTION = "solution"
    ANSWER = "answer"
    SETTLEMENT = "settlement"
    APPROVAL = "approval"
    GOODWILL = "goodwill"
    CLOSING = "closing"


class Level(Term):
    """How far up a complaint has been escalated; also who must approve a settlement."""

    SUPERVISOR = "supervisor"
    MANAGER = "manager"


Satisfaction = Annotated[int, Field(ge=1, le=5, description="1 very dissatisfied … 5 very satisfied")]


@value
class Complainant:
    """The person who complains, and how best to meet them."""

    name: Personal[Line | None] = None
    manner: Manner | None = None
    seeks: Seeks | None = None
    mood: Mood | None = None


@value
class Solution:
    """What we offer; the form and amount, once named, are what the settlement must honour."""

    description: Personal[Note]
    form: Form | None = None
    amount: Money | None = None


@value
class Settlement:
    """What is given: the form, the amount where the form costs, the invoice it is to be credited to."""

    form: Form
    amount: Money | None = None
    invoice_id: UUID | None = None
    note: Personal[Note | None] = None


EscalationCause = Literal["by_hand", "response_overdue", "solution_overdue"]

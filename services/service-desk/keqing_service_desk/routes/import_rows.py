"""The rows of complaints that may be imported, one JSON object a line."""

from keqing_service_desk.complaint.values import Category, Cause, Channel, Severity
from keqing_shared.domain import Day, ExternalReference, Line, Note, value
from keqing_shared.imports import OfCustomer


@value
class ComplaintRow(OfCustomer):
    """One complaint of the older system; one JSON object on one line."""

    external: ExternalReference
    """Its name there: what makes the import repeatable."""
    category: Category
    severity: Severity = Severity.MINOR
    received_on: Day
    closed: bool = True
    cause: Cause | None = None
    product: Line | None = None
    sub_product: Line | None = None
    issue: Line | None = None
    """What it was about, in the words of the older system."""
    sub_issue: Line | None = None
    channel: Channel | None = None
    region: Line | None = None
    what_happened: Note | None = None
    forwarded_on: Day | None = None
    """When it was passed on to whoever had to answer."""
    response: Line | None = None
    timely: bool | None = None
    disputed: bool | None = None
    """Whether the customer disputed the response."""

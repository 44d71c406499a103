"""Complaints (投诉): from the first word to the customer's satisfaction."""

from typing import get_args
from uuid import UUID

from keqing_service_desk.complaint.decide import decide
from keqing_service_desk.complaint.facts import ComplaintFact
from keqing_service_desk.complaint.state import Complaint, evolve
from keqing_shared.domain import Aggregate

__all__ = ["COMPLAINT", "Complaint"]


def _customer_of(_: UUID, complaint: Complaint) -> UUID:
    return complaint.customer_id


COMPLAINT: Aggregate[Complaint] = Aggregate(
    name="complaint",
    facts=get_args(ComplaintFact),
    decide=decide,
    evolve=evolve,
    customer_of=_customer_of,
    state=Complaint,
)

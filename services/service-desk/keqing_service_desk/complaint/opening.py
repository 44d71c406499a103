"""How a complaint comes into being: reported to us now, or brought over from an older system."""

from typing import Any

import msgspec

from keqing_service_desk.complaint.clocks import response_due, solution_due
from keqing_service_desk.complaint.commands import ImportComplaint, OpenComplaint
from keqing_service_desk.complaint.facts import ComplaintFact, ComplaintImported, ComplaintOpened
from keqing_service_desk.complaint.rules import AlreadyOpened, ImportedDifferently, ReceivedInFuture
from keqing_service_desk.complaint.state import Complaint
from keqing_service_desk.policy import ServiceDeskPolicy


def opened(command: OpenComplaint, state: Complaint | None, policy: ServiceDeskPolicy) -> ComplaintOpened:
    """The clocks start when the complaint was received, not when it was typed in."""
    if state is not None:
        raise AlreadyOpened
    received_at = command.received_at or command.at
    if received_at > command.at:
        raise ReceivedInFuture(
            "{received_at} is still to come", field="received_at", received_at=received_at.isoformat()
        )
    who = command.complainant
    return ComplaintOpened(
        customer_id=command.customer_id,
        category=command.category,
        severity=command.severity,
        what_happened=command.what_happened,
        received_at=received_at,
        received_on=policy.working_time.calendar.date_of(received_at),
        opened_by=command.by,
        response_due_at=response_due(command.severity, received_at, policy),
        solution_due_at=solution_due(command.severity, received_at, policy),
        cause=command.cause,
        complainant_name=who.name,
        manner=who.manner,
        seeks=who.seeks,
        mood=who.mood,
        product=command.product,
        issue=command.issue,
        channel=command.channel,
        invoices=tuple(dict.fromkeys(command.invoices)),
        external=command.external,
        assigned_to=command.assigned_to,
    )


def imported(command: ImportComplaint, state: Complaint | None) -> list[ComplaintFact]:
    """The same row again says nothing new; another one under the same reference is refused."""
    members: dict[str, Any] = {name: getattr(command, name) for name in ComplaintImported.__struct_fields__}
    fact = ComplaintImported(**members)
    if state is None:
        latest = max(filter(None, (fact.received_on, fact.forwarded_on)))
        if latest > command.today:
            raise ReceivedInFuture(
                "{latest} is still to come", field="received_on", latest=latest.isoformat()
            )
        return [fact]
    if state.imported is None:
        raise AlreadyOpened
    if fact != state.imported:
        before = msgspec.structs.asdict(state.imported)
        differing = [name for name, given in members.items() if before[name] != given]
        raise ImportedDifferently("it differs in {differing}", differing=differing)
    return []

"""What the others hear of the service desk: codes, amounts and dates, never a word anybody said."""

from typing import Any

from keqing_service_desk.callback import CallbackDone, CallbackDue, CallbackMissed, CallbackPlanned
from keqing_service_desk.complaint.facts import (
    ComplaintAcknowledged,
    ComplaintClosed,
    ComplaintEscalated,
    ComplaintOpened,
    ComplaintReassigned,
    ComplaintReopened,
    ComplaintSettled,
    FactsEstablished,
    ResponseOverdue,
    SettlementAwaitsApproval,
    SettlementDeclined,
    SolutionAccepted,
    SolutionOverdue,
    SolutionProposed,
    SolutionRejected,
)
from keqing_shared.domain import Recorded
from keqing_shared.messaging import Published


def publish(it: Recorded[Any]) -> Published | None:
    """Imported history is not news: nobody is told of it."""
    data = _told(it)
    return None if data is None else Published(name=type(it.fact).__name__, data=data)


def _told(it: Recorded[Any]) -> dict[str, Any] | None:
    about = {"complaint_id": it.originator_id}
    match it.fact:
        case ComplaintOpened() as fact:
            return about | {
                "category": fact.category,
                "severity": fact.severity,
                "opened_by": fact.opened_by,
                "assigned_to": fact.assigned_to,
                "invoices": fact.invoices,
            }
        case (
            ComplaintAcknowledged(assigned_to=assigned_to)
            | SolutionProposed(assigned_to=assigned_to)
            | SolutionAccepted(assigned_to=assigned_to)
            | SolutionRejected(assigned_to=assigned_to)
            | SettlementDeclined(assigned_to=assigned_to)
            | ComplaintReopened(assigned_to=assigned_to)
        ):
            return about | {"assigned_to": assigned_to}
        case FactsEstablished(cause=cause, responsible_side=side, assigned_to=assigned_to):
            return about | {"cause": cause, "responsible_side": side, "assigned_to": assigned_to}
        case SettlementAwaitsApproval() as fact:
            return about | {
                "amount": fact.amount,
                "form": fact.form,
                "needs": fact.needs,
                "proposed_by": fact.proposed_by,
                "assigned_to": fact.assigned_to,
            }
        case ComplaintSettled(form=form, amount=amount, invoice_id=invoice_id):
            return about | {"form": form, "amount": amount, "invoice_id": invoice_id}
        case ComplaintClosed(satisfaction=satisfaction):
            return about | {"satisfaction": satisfaction}
        case ComplaintReassigned(assigned_to=assigned_to, previous=previous):
            return about | {"assigned_to": assigned_to, "previous": previous}
        case ComplaintEscalated(to=to, cause=cause, assigned_to=assigned_to):
            return about | {"to": to, "cause": cause, "assigned_to": assigned_to}
        case (
            ResponseOverdue(due_at=due_at, assigned_to=assigned_to)
            | SolutionOverdue(due_at=due_at, assigned_to=assigned_to)
        ):
            return about | {"due_at": due_at, "assigned_to": assigned_to}
    about = {"callback_id": it.originator_id}
    match it.fact:
        case CallbackPlanned(kind=kind, due_on=due_on):
            return about | {"due_on": due_on, "kind": kind}
        case CallbackDue(on=on) | CallbackMissed(on=on):
            return about | {"on": on}
        case CallbackDone(outcome=outcome):
            return about | {"outcome": outcome}
    return None

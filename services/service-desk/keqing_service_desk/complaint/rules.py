"""The refusals of the complaint's rules."""

from keqing_service_desk.complaint.values import Step
from keqing_shared.domain import InvalidInput, NotAllowed, NotFound, RuleBroken, Words


class NoSuchComplaint(NotFound):
    """There is no such complaint, or none that you may see."""


class AlreadyOpened(RuleBroken):
    """A complaint with this id is already there."""


class ImportedDifferently(RuleBroken):
    """This complaint was imported before, with other content."""


class StepOutOfOrder(RuleBroken):
    """Another step is due."""

    def __init__(self, tried: Step | Words, due: Step | None) -> None:
        super().__init__(
            "{tried} is not due now; the complaint is closed: reopen it first"
            if due is None
            else "{tried} is not due now; the step that is due is {due}",
            tried=tried,
            due=due,
        )


class ReceivedInFuture(InvalidInput):
    """A complaint cannot have been received in the future."""


class StoryNotHeardOut(InvalidInput):
    """Hear the story out before acknowledging."""


class AmountMissing(InvalidInput):
    """This form of settlement needs an amount."""


class AmountNotAllowed(InvalidInput):
    """An apology has no amount."""


class AmountNotPositive(InvalidInput):
    """An amount given to a customer is more than zero."""


class InvoiceMissing(InvalidInput):
    """A credit note needs the invoice it is credited to."""


class InvoiceNotConcerned(InvalidInput):
    """The complaint does not concern this invoice."""


class SettlementNotAsAgreed(RuleBroken):
    """The customer accepted something else."""


class BeyondAuthority(NotAllowed):
    """The settlement is beyond your authority."""


class OwnSettlement(NotAllowed):
    """Whoever proposed a settlement may not approve or decline it."""


class AlreadyWaiting(RuleBroken):
    """The complaint already waits for the customer."""


class NotWaiting(RuleBroken):
    """The complaint does not wait for the customer."""


class AlreadyEscalated(RuleBroken):
    """The complaint has already been escalated that far."""


class AlreadyClosed(RuleBroken):
    """The complaint is closed."""


class NotYours(NotAllowed):
    """An agent hands over own or unassigned complaints only; a supervisor any."""


class AssigneeUnknown(InvalidInput):
    """Complaints are assigned to active agents and supervisors."""


class ReasonMissing(InvalidInput):
    """Say why."""

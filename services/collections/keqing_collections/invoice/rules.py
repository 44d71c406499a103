"""Why a command on an invoice is refused."""

from keqing_shared.domain import InvalidInput, NotAllowed, NotFound, RuleBroken


class InvoiceUnknown(NotFound):
    """There is no such invoice."""


class InvoiceAlreadyIssued(RuleBroken):
    """This invoice has been issued already."""


class AmountNotPositive(InvalidInput):
    """The amount must be more than nothing."""


class LinesDoNotAddUp(InvalidInput):
    """The lines and the tax do not add up to the amount."""


class DueDateInvalid(InvalidInput):
    """The due date does not follow from issue date and terms."""


class ReasonMissing(InvalidInput):
    """A reason must be given."""


class AllocationExceedsOpen(InvalidInput):
    """More would be allocated than is open."""


class CreditExceedsOpen(InvalidInput):
    """More would be credited than is open."""


class OtherCustomer(InvalidInput):
    """Payment and invoice belong to different customers."""


class NothingOpen(RuleBroken):
    """Nothing is open on this invoice."""


class AlreadyDisputed(RuleBroken):
    """The invoice is in dispute already."""


class NotDisputed(RuleBroken):
    """The invoice is not in dispute."""


class NothingToCredit(InvalidInput):
    """A dispute that is not upheld earns no credit."""


class CreditNeedsController(NotAllowed):
    """Only a credit controller upholds a dispute, because that credits the customer."""


class HasAllocations(RuleBroken):
    """An invoice with payments allocated to it cannot be cancelled."""

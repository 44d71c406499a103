"""What the rules of care refuse."""

from keqing_shared.domain import InvalidInput, NotAllowed, NotFound, RuleBroken


class CareUnknown(NotFound):
    """There is no such request, or none that you may see."""


class NotAtCustomer(InvalidInput):
    """Care is for a person who is at this customer."""


class CareInPast(InvalidInput):
    """Care is asked for before it is given."""


class BudgetNegative(InvalidInput):
    """A budget is nothing or more."""


class CurrencyOfCaps(InvalidInput):
    """Care is budgeted in the currency of its caps."""


class FestivalUnclear(InvalidInput):
    """A festival is named, with the occasion festival only."""


class CashRefused(RuleBroken):
    """Cash, and what is as good as cash, is never given."""


class ExecutiveWithoutReason(RuleBroken):
    """Care is not aimed at the top executive without a reason."""


class GiftOverCap(RuleBroken):
    """A gift stays within the cap for one gift."""


class YearlyCapReached(RuleBroken):
    """What one person gets in a year stays within the yearly cap."""


class MealTooSoon(RuleBroken):
    """A customer is invited to one meal a week at the most."""


class GiftDuringTender(RuleBroken):
    """No gift is given while a tender is open."""


class GiftDuringComplaint(RuleBroken):
    """No gift is given while a complaint is being settled."""


class OwnRequest(NotAllowed):
    """Nobody decides on a request of their own."""


class DecidedByLeader(NotAllowed):
    """An admin decides only on requests of those whom nobody leads."""


class NotYourRequest(NotAllowed):
    """A request is cancelled by whoever made it, or by a manager."""


class AlreadyDecidedUpon(RuleBroken):
    """The request is decided upon already."""


class NotApproved(RuleBroken):
    """Only what was approved is carried out."""


class CareOver(RuleBroken):
    """What was rejected, done or cancelled is over."""


class NotYetDue(InvalidInput):
    """Care is done on its day, not before."""


class CostBeyondBudget(RuleBroken):
    """No more is spent than was approved."""

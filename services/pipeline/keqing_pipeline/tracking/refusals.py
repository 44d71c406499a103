"""What the rules of lists and pool refuse."""

from keqing_shared.domain import InvalidInput, NotAllowed, NotFound, RuleBroken


class NothingToTrack(RuleBroken):
    """A customer is tracked by an open opportunity of theirs."""


class TrackedAlready(RuleBroken):
    """The customer is on a list already."""


class InOpenPool(RuleBroken):
    """The customer lies in the open pool."""


class NotTracked(RuleBroken):
    """The customer is on nobody's list."""


class BandFull(RuleBroken):
    """This band of the list is full."""


class CapacityOverrideNotAllowed(NotAllowed):
    """Only a manager overrides a list's capacity."""


class RemovalUnexplained(InvalidInput):
    """Another reason needs words."""


class RemovalNotShown(RuleBroken):
    """What was done about the customer does not show this reason."""


class PoolCardUnknown(NotFound):
    """There is no such customer in the open pool."""


class ClaimedBySomebodyElse(RuleBroken):
    """The customer is in the open pool no longer."""


class CoolingOff(RuleBroken):
    """The customer has not been left in peace long enough."""


class PreviousOwnerWaits(RuleBroken):
    """Who gave a customer up waits before taking it back."""


class ClaimsUsedUp(RuleBroken):
    """So many customers may be claimed in a day and no more."""

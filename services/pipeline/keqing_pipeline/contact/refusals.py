"""Why something may not be done with a contact."""

from keqing_shared.domain import InvalidInput, NotFound, RuleBroken


class ContactUnknown(NotFound):
    """There is no such contact, or none that you may see."""


class ContactKnown(RuleBroken):
    """This contact is there already."""


class ContactGone(RuleBroken):
    """The contact has left the customer."""


class MovedNowhere(InvalidInput):
    """Moving takes another customer."""


class DayToCome(InvalidInput):
    """The day has not come yet."""


class ContactElsewhere(RuleBroken):
    """The contact is at another customer."""

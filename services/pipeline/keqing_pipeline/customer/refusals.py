"""Why something may not be done with a customer's file."""

from keqing_shared.domain import InvalidInput, NotFound, RuleBroken


class CustomerUnknown(NotFound):
    """There is no such customer, or none that you may see."""


class AlreadyRegistered(RuleBroken):
    """This customer is registered already."""


class KindFixed(InvalidInput):
    """An individual does not become an enterprise, nor the other way round."""


class ReasonMissing(InvalidInput):
    """A reason is needed."""


class MergedWithItself(InvalidInput):
    """Merging takes two files."""


class KindsDiffer(RuleBroken):
    """An individual and an enterprise are two customers."""


class FileTooFull(RuleBroken):
    """Together the two files hold more than one file may."""


class NotMerged(RuleBroken):
    """This file is part of no other."""

"""What the rules of an account refuse."""

from keqing_shared.domain import InvalidInput, NotFound, RuleBroken


class NotClassA(RuleBroken):
    """A key account is of class A."""


class BoughtTooSeldom(RuleBroken):
    """A key account buys again and again: a one-off bulk buyer is none."""


class NotAppraised(RuleBroken):
    """Whether it is profitable and whether it is squeezing is found out first."""


class Unprofitable(RuleBroken):
    """A key account is profitable: a large unprofitable one is none."""


class Squeezing(RuleBroken):
    """A key account is not squeezing: one that demands ever more is none."""


class AlreadyKeyAccount(RuleBroken):
    """It is a key account already."""


class NotKeyAccount(RuleBroken):
    """Only a key account has a plan and reviews."""


class PlanMissing(RuleBroken):
    """A review goes by a plan."""


class TenderUnknown(NotFound):
    """There is no such tender open with this customer."""


class TeamMemberUnknown(InvalidInput):
    """An account team is made of active colleagues."""


class PromiseTwice(InvalidInput):
    """Each standard is promised once."""


class ObjectivePast(InvalidInput):
    """An objective lies ahead."""

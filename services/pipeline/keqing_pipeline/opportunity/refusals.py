"""What the rules of an opportunity refuse."""

from keqing_shared.domain import InvalidInput, NotAllowed, NotFound, RuleBroken


class OpportunityUnknown(NotFound):
    """There is no such opportunity, or none that you may see."""


class AlreadyOpened(RuleBroken):
    """This opportunity is open already."""


class AlreadyDecided(RuleBroken):
    """The opportunity is won or lost; reopen it first."""


class CustomerInOpenPool(RuleBroken):
    """Its customer lies in the open pool, where nobody works on it."""


class NotDecided(RuleBroken):
    """The opportunity is still open."""


class CustomerMissing(RuleBroken):
    """Name the customer first."""


class CustomerFixed(RuleBroken):
    """The opportunity belongs to another customer."""


class ContactInFuture(InvalidInput):
    """A contact is logged once it has happened."""


class ContactTooOld(InvalidInput):
    """A contact is logged while it is fresh."""


class PromiseBeforeContact(InvalidInput):
    """The next touch comes after the contact."""


class SignalsNeedAnswer(InvalidInput):
    """Who was not reached shows no signals."""


class DeciderNeedsAnswer(InvalidInput):
    """Who was not reached decides nothing."""


class EvidenceMissing(InvalidInput):
    """No contact since the last change shows this stage."""


class AssessmentSaysNo(RuleBroken):
    """The customer's assessment stands against this stage."""


class OverrideNotAllowed(NotAllowed):
    """Only a manager overrides an assessment."""


class ReasonMissing(InvalidInput):
    """A reason is needed."""


class AmountNotPositive(InvalidInput):
    """The amount must be above zero."""


class AmountNegative(InvalidInput):
    """An expected amount is not below zero."""


class DateInFuture(InvalidInput):
    """What has happened lies not in the future."""


class NotYetStale(InvalidInput):
    """What was touched within the longest interval between two touches is not stale."""


class ClosedBeforeOpened(InvalidInput):
    """It closes on the day it was opened or later."""


class NotDiagnosed(RuleBroken):
    """The need has not been diagnosed yet."""


class NotInCatalogue(InvalidInput):
    """The catalogue of needs does not know this."""


class AnswersMissing(InvalidInput):
    """The questionnaire is not complete."""


class AnsweredTwice(InvalidInput):
    """A question has more than one answer."""


class NothingRecommended(RuleBroken):
    """No recommendation waits for an answer."""


class RejectedAlready(RuleBroken):
    """The customer has rejected this product."""


class OutcomeIncomplete(InvalidInput):
    """A won or lost row says when it closed, a won one for how much."""


class HistoryMadeHere(RuleBroken):
    """What was done and decided here is not rewritten by a file."""


class WorkedOnSince(RuleBroken):
    """People have moved it on since it was imported; change it here."""

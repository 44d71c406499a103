"""Words about people at a customer who was forgotten: refused, for they would not be kept."""

from collections.abc import Sequence
from typing import Any

from keqing_pipeline.account.facts import KeyAccountEnded
from keqing_pipeline.care.facts import CareCancelled, CareDone, CareRejected
from keqing_pipeline.customer.erasure import CustomerErased
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.opportunity.facts import DealLost, OpportunityHandedOver
from keqing_shared.domain import Aggregate, CustomerIsErased, Fact
from keqing_shared.domain.personal import Blanks, erased_value
from keqing_shared.log import NewFact
from keqing_shared.unit import Unit

ENDINGS = (
    OpportunityHandedOver,
    DealLost,
    CareRejected,
    CareDone,
    CareCancelled,
    KeyAccountEnded,
)
"""What has begun may be passed on and ended all the same; the reason that these ask for reads as erased."""

_WORDS = Blanks(erased_value)


async def keep_words(
    unit: Unit, aggregate: Aggregate[Any], decided: Sequence[NewFact], why: str | None
) -> None:
    """Raises CustomerIsErased, for words in the facts and for a reason given beside them. The reason of the
    erasure itself is forgotten with all else."""
    if why is not None and any(isinstance(fact, CustomerErased) for fact in unit.facts):
        why = None
    for new in decided:
        customer_id = new.customer_id
        if customer_id is None:
            continue
        words = _in_the_way(aggregate, new.fact)
        if why is None and not words:
            continue
        customer = (await unit.load(CUSTOMER, customer_id)).state
        if customer is None or customer.erasure is None:
            continue
        if words:
            raise CustomerIsErased(
                "leave out what tells of people: it would not be kept", customer_id=str(customer_id)
            )
        raise CustomerIsErased("leave out Keqing-Reason: it would not be kept", customer_id=str(customer_id))


def _in_the_way(aggregate: Aggregate[Any], fact: Fact) -> bool:
    """A customer's own file refuses by itself what is said in it."""
    return aggregate is not CUSTOMER and not isinstance(fact, ENDINGS) and _WORDS.spoken(fact)

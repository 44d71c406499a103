"""What pipeline does on hearing of the others."""

import msgspec

from keqing_pipeline.customer.erasure import CARRIED_OUT_BY, ConfirmErasure
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_shared.messaging import Event, Reactions, Within

reactions = Reactions()


class PersonalDataErased(msgspec.Struct, frozen=True):
    """Nothing is said but where, and whom it is about."""


async def confirm_erasure(event: Event[PersonalDataErased], within: Within) -> None:
    """One context more has carried the erasure out."""
    if event.customer_id is not None:
        command = ConfirmErasure(context=event.source, at=event.time)
        await within.execute(CUSTOMER, event.customer_id, command)


for context in CARRIED_OUT_BY:
    if context != "pipeline":
        reactions.on(context, "PersonalDataErased", PersonalDataErased)(confirm_erasure)

"""What the service desk does when another context tells of something."""

from datetime import date
from uuid import UUID

import msgspec

from keqing_service_desk.callback import CALLBACK, PlanCallback, callback_id
from keqing_shared.directory import follow_directory
from keqing_shared.messaging import Event, Reactions, Within
from keqing_shared.privacy.destruction import carry_out_erasures

reactions = Reactions()
follow_directory(reactions)
carry_out_erasures(reactions)


class DealWon(msgspec.Struct, frozen=True):
    opportunity_id: UUID
    won_on: date


@reactions.on("pipeline", "DealWon", DealWon)
async def plan_callbacks(event: Event[DealWon], within: Within) -> None:
    """After every win: in three days, three weeks, three months. The same win never plans twice."""
    if event.customer_id is None:
        return
    won = event.data
    for term in within.policy.callbacks:
        await within.execute(
            CALLBACK,
            callback_id(won.opportunity_id, won.won_on, term.kind),
            PlanCallback(
                customer_id=event.customer_id,
                opportunity_id=won.opportunity_id,
                kind=term.kind,
                won_on=won.won_on,
                today=within.policy.working_time.calendar.date_of(within.now),
            ),
        )

"""The numbers of lists and pool."""

from typing import Annotated

from pydantic import Field

from keqing_pipeline.tracking.band import Band
from keqing_shared.domain import value

Room = Annotated[int, Field(ge=1, le=1000)]
Waiting = Annotated[int, Field(ge=0, le=366)]


@value
class BandCapacities:
    """Customers on one list."""

    nurture: Room = 20
    develop: Room = 40
    close: Room = 10

    def of(self, band: Band) -> int:
        match band:
            case Band.NURTURE:
                return self.nurture
            case Band.DEVELOP:
                return self.develop
            case Band.CLOSE:
                return self.close


@value
class PoolRules:
    cooling_days: Waiting = 7
    """A customer stays in the pool so long before a rep may claim it; a manager may at once."""
    previous_owner_waits_days: Waiting = 30
    claims_a_day: Room = 5

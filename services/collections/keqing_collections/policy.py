"""The numbers of the collections context, with their defaults; a change never rewrites history."""

from typing import Annotated

from pydantic import Field

from keqing_shared.domain import ValueRefused, together, value

Days = Annotated[int, Field(ge=0, le=3650)]
SomeDays = Annotated[tuple[Annotated[int, Field(ge=1, le=3650)], ...], Field(min_length=1, max_length=20)]


@value
class CollectionsPolicy:
    """What collections goes by."""

    terms_days: Days = 30
    """Days from issue to due when an invoice names neither a due date nor terms."""
    grace_days: Days = 0
    """Days that every overdue threshold waits longer. Ageing counts from the due date all the same."""
    overdue_thresholds: SomeDays = (1, 30, 60, 90)
    """Days beyond due (plus grace) at which ``PaymentOverdue`` is raised, once each."""
    ageing_buckets: SomeDays = (30, 60, 90)
    """Upper ends, in days, of the ageing buckets when the question names none."""

    @together
    def _ascending(self) -> None:
        for days in (self.overdue_thresholds, self.ageing_buckets):
            if list(days) != sorted(set(days)):
                raise ValueRefused("thresholds and buckets ascend")

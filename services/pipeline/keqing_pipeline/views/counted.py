"""How many customers each owner has, by where and when they were found."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from keqing_pipeline.customer.file import CustomerDetails
from keqing_shared.domain import value
from keqing_shared.views import Rows, Table

MINUTES = 15
"""Days begin on a quarter of an hour, wherever one is."""


@value
class CustomersCounted:
    owner: str
    source: str
    """Empty: nobody said."""
    since: datetime
    """They were registered in the quarter of an hour that begins then."""
    customers: int


CUSTOMERS_COUNTED = Table(
    "customers_counted", CustomersCounted, key=("owner", "source", "since"), sums=("customers",)
)


class Countable(Protocol):
    @property
    def owner(self) -> str: ...
    @property
    def details(self) -> CustomerDetails: ...
    @property
    def registered_at(self) -> datetime: ...
    @property
    def merged_into(self) -> UUID | None: ...


def count(customer: Countable, customers: int, rows: Rows) -> None:
    """One more, or one less; a file that is part of another counts as none."""
    if customer.merged_into is None:
        at = customer.registered_at
        quarter = at.replace(minute=at.minute - at.minute % MINUTES, second=0, microsecond=0)
        counted = CustomersCounted(
            owner=customer.owner,
            source=customer.details.source or "",
            since=quarter,
            customers=customers,
        )
        rows.add(CUSTOMERS_COUNTED, counted)

"""A customer of several files: the one that stands for all, and those that are part of it.

What is kept in one stream for each file (account team, account, care, referrals) stays in it and follows to
whom the file belongs. So what holds of a customer is asked of all its files.
"""

from typing import Any
from uuid import UUID

from keqing_pipeline.customer.refusals import CustomerUnknown
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.state import Customer
from keqing_shared.domain import MergedAway


async def file_of(unit: Any, customer_id: UUID) -> Customer:
    """Raises CustomerUnknown."""
    state: Customer | None = (await unit.load(CUSTOMER, customer_id)).state
    if state is None:
        raise CustomerUnknown
    return state


async def check_its_own(unit: Any, customer_id: UUID) -> None:
    """Raises MergedAway for a file that became part of another while somebody was about to add to it."""
    file = await file_of(unit, customer_id)
    if file.merged_into is not None:
        survivor = await survivor_of(unit, customer_id)
        raise MergedAway("it is part of {survivor} now", survivor=str(survivor))


async def survivor_of(unit: Any, customer_id: UUID) -> UUID:
    """The file that stands for the customer, however often merged."""
    while (into := (await file_of(unit, customer_id)).merged_into) is not None:
        customer_id = into
    return customer_id


async def files_of(unit: Any, customer_id: UUID) -> list[UUID]:
    """The file, and those that are part of it, however often merged: itself first."""
    files = [customer_id]
    for one in (await file_of(unit, customer_id)).absorbed:
        files += await files_of(unit, one.customer_id)
    return files

"""Which complaints somebody sees: those of the customers they see."""

from uuid import UUID

from keqing_service_desk.complaint import COMPLAINT, Complaint
from keqing_service_desk.complaint.rules import NoSuchComplaint
from keqing_shared.http import Asking, CustomerUnknown
from keqing_shared.streams import Loaded


async def complaint_seen(ask: Asking, complaint_id: UUID) -> tuple[Complaint, int]:
    """The complaint and its version. Raises NoSuchComplaint, also for one that may not be seen."""
    loaded: Loaded[Complaint] = await ask.service.streams.load(COMPLAINT, complaint_id)
    if loaded.state is None:
        raise NoSuchComplaint
    try:
        await ask.see_part(loaded.state.customer_id)
    except CustomerUnknown:
        raise NoSuchComplaint from None
    return loaded.state, loaded.version

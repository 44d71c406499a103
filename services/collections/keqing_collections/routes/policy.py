"""The numbers that collections goes by."""

from fastapi import APIRouter

from keqing_collections.policy import CollectionsPolicy
from keqing_shared.http import Ask, allow

router = APIRouter(tags=["policy"])


@router.get(
    "/policy",
    dependencies=[allow("collector", "credit_controller", "auditor", "rep", "sales_manager", "admin")],
)
async def policy(ask: Ask) -> CollectionsPolicy:
    """Terms, grace, overdue thresholds and ageing buckets."""
    found: CollectionsPolicy = ask.policy
    return found

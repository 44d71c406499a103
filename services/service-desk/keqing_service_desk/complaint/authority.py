"""Who may give how much (授权), and who else must agree."""

from collections.abc import Collection

from keqing_service_desk.complaint.values import Level
from keqing_service_desk.policy import ServiceDeskPolicy
from keqing_shared.domain import Money

MANAGER = "sales_manager"


def needed(amount: Money | None, roles: Collection[str], policy: ServiceDeskPolicy) -> Level | None:
    """Whose approval somebody of these roles needs; None: nobody's.

    A currency without limits of its own is beyond everybody but the manager.
    """
    if MANAGER in roles or amount is None:
        return None
    if any(_covers(role, amount, policy) for role in roles):
        return None
    return Level.SUPERVISOR if _covers("supervisor", amount, policy) else Level.MANAGER


def _covers(role: str, amount: Money, policy: ServiceDeskPolicy) -> bool:
    return any(
        amount <= entry.limit
        for entry in policy.authority
        if entry.role == role and entry.limit.currency == amount.currency
    )

"""The profiles there are."""

from keqing_local.failure import CannotRun
from keqing_local.importing.accounts_receivable import ACCOUNTS_RECEIVABLE
from keqing_local.importing.consumer_complaints import CONSUMER_COMPLAINTS
from keqing_local.importing.row import Profile
from keqing_local.importing.sales_opportunities import SALES_OPPORTUNITIES

PROFILES = {
    profile.name: profile for profile in (SALES_OPPORTUNITIES, ACCOUNTS_RECEIVABLE, CONSUMER_COMPLAINTS)
}


def profile_named(name: str) -> Profile:
    """Raises CannotRun."""
    if name not in PROFILES:
        raise CannotRun(f"there is no profile {name!r}: it is one of {', '.join(PROFILES)}")
    return PROFILES[name]


def described() -> str:
    """Every profile, in lines for a person to read."""
    lines: list[str] = []
    for profile in PROFILES.values():
        lines += [f"{profile.name}: {profile.summary}", *(f"  - {note}" for note in profile.notes), ""]
    return "\n".join(lines).rstrip()

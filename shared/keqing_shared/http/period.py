"""From one day or moment to another, as a question names them."""

from datetime import date

from keqing_shared.domain import InvalidInput


class PeriodEmpty(InvalidInput):
    """A period does not end before it begins"""


def check_period(since: date | None, until: date | None, field: str = "until") -> None:
    """Of two days, or of two moments; None: open on that side. Raises PeriodEmpty."""
    if since is not None and until is not None and until < since:
        raise PeriodEmpty("{until} is before {since}", field=field, until=until, since=since)

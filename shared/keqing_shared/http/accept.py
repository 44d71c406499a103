"""In which form an answer is wanted: the Accept header against what a route offers."""

from collections.abc import Sequence
from functools import lru_cache

from keqing_shared.domain import RuleBroken
from keqing_shared.weighted import weighted

JSON_TYPE = "application/json"


class FormNotOffered(RuleBroken):
    """The answer is not to be had in the form that Accept asks for"""

    status = 406


@lru_cache(maxsize=256)
def form_wanted(accept: str, offered: Sequence[str]) -> str | None:
    """The media type that the header wants most; of a range the one that is offered first, as when there is
    no header. None: it wants none of them."""
    if not accept.strip():
        return offered[0]
    for wanted in weighted(accept.lower()):
        for one in offered:
            if wanted in (one, "*/*", f"{one.partition('/')[0]}/*"):
                return one
    return None

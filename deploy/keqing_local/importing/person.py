"""People of other systems, who there have but a name."""

import re
import unicodedata
from typing import Any

from keqing_local.importing.row import CellWrong

_UNFIT = re.compile(r"[^a-z0-9-]+")

IMPORTS = "imports"
"""The login that owns imported customers whose source names nobody; also who the import acts as."""


def login_of(name: str, column: str) -> str:
    """``Mei-Mei Johns`` is ``mei-mei.johns``. Raises CellWrong when nothing of the name can stay."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    login = _UNFIT.sub(".", plain).strip(".-")[:64].rstrip(".-")
    if not login:
        raise CellWrong(column, f"no login can be made of {name!r}")
    return login


def user(login: str, name: str, role: str, team: str | None, manager: str | None = None) -> dict[str, Any]:
    """A user, as the API takes one."""
    return {
        "login": login,
        "name": name,
        "roles": [role],
        "team": team,
        "manager": manager,
        "language": "en",
    }


def imports_user() -> dict[str, Any]:
    """Who looks after customers of lists that say nothing of that, until somebody takes them over."""
    return user(IMPORTS, "Imports", "rep", None)

"""Who is let in where: each service has a table of all it serves, held against the application over HTTP.

A route that no table names fails ``assert served(app) == set(TABLE)``.
"""

from typing import Any
from uuid import uuid4

from fastapi import FastAPI

from keqing_shared.http.access import ROLES
from tests.harness import Serving

Table = dict[tuple[str, str], frozenset[str]]

ANYBODY = frozenset({"without a token"})
EVERYBODY = frozenset(ROLES)
ADMIN = frozenset({"admin"})
LOOKING = frozenset({"admin", "auditor"})

SHARED: Table = {
    ("GET", "/audit/customers/{customer_id}"): LOOKING,
    ("GET", "/audit/customers/{customer_id}/state"): LOOKING,
    ("GET", "/audit/customers/{customer_id}/difference"): LOOKING,
    ("GET", "/audit/exports"): LOOKING,
    ("GET", "/policy"): EVERYBODY,
    ("PUT", "/policy"): ADMIN,
    ("GET", "/policy/changes"): LOOKING,
    ("GET", "/parked"): ADMIN,
    ("POST", "/parked/{source}/replay"): ADMIN,
    ("DELETE", "/parked/{source}"): ADMIN,
    ("GET", "/development/clock"): ADMIN,
    ("PUT", "/development/clock"): ADMIN,
    ("GET", "/health/live"): ANYBODY,
    ("GET", "/health/ready"): ANYBODY,
    ("GET", "/metrics"): ANYBODY,
    ("GET", "/openapi.json"): ANYBODY,
    ("GET", "/docs"): ANYBODY,
    ("GET", "/docs/assets/{file}"): ANYBODY,
}
"""What every service serves below its prefix; in development, for elsewhere there is no clock to be set."""


class Filled(dict[str, str]):
    """A value for each parameter of a path: what was given, else the id of nothing."""

    def __missing__(self, name: str) -> str:
        texts = {"login": "nobody.here", "source": "nowhere", "stage": "0", "name": "mine"}
        return texts.get(name) or ("swagger-ui.css" if name == "file" else str(uuid4()))


def served(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path, below the prefix, of whatever the application answers; what is mounted is files."""
    found = set()
    for route in app.routes:
        path = str(getattr(route, "path", route)).removeprefix(app.state.context.prefix)
        methods = getattr(route, "methods", None)
        if methods is None:
            found.add(("GET", f"{path}/{{file}}"))
        else:
            found |= {(method, path) for method in methods - {"HEAD"}}
    return found


def lists(table: Table) -> list[str]:
    """The questions of a service's own that name nothing in their path."""
    own = table.keys() - SHARED.keys()
    return sorted(path for method, path in own if method == "GET" and "{" not in path)


async def let_in(serving: Serving, method: str, path: str) -> frozenset[str]:
    """The roles whose request is looked at; ANYBODY when none is needed. Without a role nobody is let in."""
    body: dict[str, Any] = {"json": {}} if method == "POST" else {}
    path = path.format_map(Filled())
    anonymous = await serving.anonymous.request(method, path, **body)
    if anonymous.status_code != 401:
        assert anonymous.status_code == 200, anonymous.text
        return ANYBODY
    found = set()
    for role in (*sorted(ROLES), "none"):
        answer = await serving.client(f"some.{role.replace('_', '-')}", role).request(method, path, **body)
        assert answer.status_code != 401, answer.text
        assert answer.status_code < 500, answer.text
        if answer.status_code != 403 or answer.json()["type"] != "/problems/role-missing":
            found.add(role)
    return frozenset(found)

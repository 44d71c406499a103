"""Which demo company a system holds: said by the user ``demo``, who is there until it is done."""

import re
from dataclasses import dataclass
from datetime import date

import httpx

from keqing_local.client import answered
from keqing_local.demo.plan import Settings
from keqing_local.demo.talk import Talk
from keqing_local.failure import CannotRun

LOGIN = "demo.setup"
"""Who sets it up: nobody enrolled, as somebody deactivated would not be let in a second time."""
MARK = "demo"
"""The user whose name says which company it is; deactivated once the company is complete."""
_NAME = "演示公司 seed={0.seed} until={0.until} customers={0.customers} weeks={0.weeks} zone={0.time_zone}"
_READ = re.compile(
    r"演示公司 seed=(?P<seed>\d+) until=(?P<until>[\d-]{10}) customers=(?P<customers>\d+)"
    r" weeks=(?P<weeks>\d+) zone=(?P<time_zone>\S+)"
)


@dataclass(frozen=True)
class Record:
    settings: Settings
    finished: bool


async def recorded(talk: Talk) -> Record | None:
    """None: no demo company yet. Raises CannotRun."""
    response = await talk.ask(LOGIN, "GET", f"/pipeline/users/{MARK}")
    if response.status_code == httpx.codes.NOT_FOUND:
        return None
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise CannotRun("our token is not taken there: was it started with another KEQING_HOME?")
    person = answered(response)
    read = _READ.fullmatch(person["name"])
    if read is None:
        raise CannotRun(f"the user {MARK!r} there is somebody else ({person['name']})")
    settings = Settings(
        seed=int(read["seed"]),
        until=date.fromisoformat(read["until"]),
        customers=int(read["customers"]),
        weeks=int(read["weeks"]),
        time_zone=read["time_zone"],
    )
    return Record(settings, finished=not person["active"])


async def begin(talk: Talk, settings: Settings) -> None:
    """Raises CannotRun."""
    profile = {"name": _NAME.format(settings), "roles": ["admin"], "language": "zh"}
    answered(await talk.ask(LOGIN, "POST", "/pipeline/users", {"login": MARK, **profile}))


async def finish(talk: Talk) -> None:
    """Nothing more will be added. Raises CannotRun."""
    answered(await talk.ask(LOGIN, "DELETE", f"/pipeline/users/{MARK}"))

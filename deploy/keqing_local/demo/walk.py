"""The plan carried out: the clock walks through the year, and at each stop the people do their work."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import httpx

from keqing_local.client import answered, problem_of
from keqing_local.demo.clock import Clock
from keqing_local.demo.plan import Deed, Plan, Ref
from keqing_local.demo.plan.callbacks import callback_name
from keqing_local.demo.plan.deed import NAMED
from keqing_local.demo.plan.people import Person
from keqing_local.demo.record import LOGIN
from keqing_local.demo.settling import settle
from keqing_local.demo.slots import Slot, slots
from keqing_local.demo.talk import Talk
from keqing_local.failure import CannotRun
from keqing_local.services import SERVICES

AT_ONCE = 10
"""Customers that are worked on at the same time; more would only queue up over there."""
READS_EVERY = 10
"""Working days between two looks of a person into the inbox."""
LEFT_UNREAD = 4
"""The last working days, whose news nobody has read yet."""

REFUSED = frozenset({httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY})
"""Answers of the rules: told at the end, and no reason to stop."""


class Walk:
    """Doing it again repeats every answer and changes nothing."""

    def __init__(self, talk: Talk, clock: Clock, plan: Plan, progress: Callable[[date, int], None]) -> None:
        """``progress`` is told the day it is, and how many more deeds are done."""
        self._talk = talk
        self._clock = clock
        self._plan = plan
        self._progress = progress
        self._ids: dict[str, str] = {}
        self._after: dict[str, str] = {}
        """Of each customer, the pipeline position that the other services must know."""
        self._turn = asyncio.Semaphore(AT_ONCE)
        self.refused: list[str] = []
        """What the rules would not have, against all planning."""
        self.new = 0
        """Deeds that had not been done before."""

    async def run(self) -> None:
        """Raises CannotRun."""
        days = list(self._plan.days.all())
        await self._enrol()
        for slot in slots(self._plan):
            await self._clock.turn(slot.moment, tuple(SERVICES) if slot.morning else slot.contexts)
            if slot.morning:
                await settle(self._talk, LOGIN)
            await self._work(slot)
            if slot.morning:
                await self._read_inboxes(days.index(slot.moment.date()), len(days))

    async def _enrol(self) -> None:
        for person in self._plan.people:
            body = {"login": person.login, **person.profile()}
            response = await self._talk.ask(
                LOGIN, "POST", "/pipeline/users", body, key=f"demo-user-{person.login}"
            )
            if _is(response, "login-taken"):  # somebody has tried things before: the person joins
                response = await self._talk.ask(
                    LOGIN, "PUT", f"/pipeline/users/{person.login}", person.profile()
                )
            answered(response)

    async def _work(self, slot: Slot) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for deeds in slot.work:
                    group.create_task(self._do_in_order(slot.moment, deeds))
        except ExceptionGroup as failures:  # of several, the first one tells enough
            raise failures.exceptions[0] from None

    async def _do_in_order(self, moment: datetime, deeds: Sequence[Deed]) -> None:
        async with self._turn:
            for deed in deeds:
                await self._do(deed)
                self._progress(moment.date(), 1)

    async def _do(self, deed: Deed) -> None:
        diary = deed.key.rsplit("-", 1)[0]
        if not self._ids.keys() >= set(deed.needs):
            return  # what it is about was refused
        after = None if deed.context == "pipeline" else self._after.get(diary)
        for name in NAMED.findall(deed.path):
            if name not in self._ids and not await self._look_up(deed, name, after):
                self.refused.append(f"{deed.who} {deed.path} ({deed.key}): there is no {name}")
                return
        path = NAMED.sub(lambda found: self._ids[found[1]], deed.path)
        body = self._filled(deed.body)
        response = await self._talk.ask(
            deed.who, deed.method, path, body, after=after, key=deed.key, why=deed.why
        )
        if _is(response, "duplicate-customer", "reference-taken"):
            # A namesake, in a system that was not empty; the second, when that was found out before.
            body["distinct_because"] = "演示数据，与同名客户不是同一位"
            response = await self._talk.ask(deed.who, deed.method, path, body, key=f"{deed.key}-namesake")
        if _is(response, "key-reused"):
            raise CannotRun(
                "it was begun by another version of this demo: begin anew with another KEQING_HOME"
            )
        if response.status_code in REFUSED:
            self.refused.append(f"{deed.who} {deed.path} ({deed.key}): {problem_of(response)}")
            return
        if not response.is_success:
            raise CannotRun(f"{deed.who} {deed.method} {path} ({deed.key}): {problem_of(response)}")
        if deed.makes:
            self._ids[deed.makes] = response.json()["id"]
        if deed.context == "pipeline":
            self._after[diary] = response.headers["Keqing-Position"]
        if "Keqing-Repeated" not in response.headers:
            self.new += 1

    async def _look_up(self, deed: Deed, name: str, after: str | None) -> bool:
        if "/care/" in name:
            return await self._look_up_care(deed, name)
        return await self._look_up_callbacks(deed, name, after)

    async def _look_up_care(self, deed: Deed, name: str) -> bool:
        """The receipt of a request names the stream of all care for the customer; the register has its id."""
        customer, _, on = name.split("/")
        address = f"/pipeline/care-requests?customer_id={self._ids[customer]}&since={on}&until={on}"
        page = answered(await self._talk.ask(deed.who, "GET", address, after=self._after.get(customer)))
        for row in page["items"]:
            self._ids[name] = row["request_id"]
        return name in self._ids

    async def _look_up_callbacks(self, deed: Deed, name: str, after: str | None) -> bool:
        """The service desk has planned them by itself, on hearing of the win."""
        opportunity = name.split("/")[0]
        customer = self._ids[f"C{opportunity[1:5]}"]
        address = f"/service-desk/callbacks?customer_id={customer}&limit=200"
        page = answered(await self._talk.ask(deed.who, "GET", address, after=after))
        for row in page["items"]:
            if row["opportunity_id"] == self._ids[opportunity]:
                self._ids[callback_name(opportunity, row["kind"])] = row["callback_id"]
        return name in self._ids

    def _filled(self, body: Any) -> Any:
        """With the ids in place of their names."""
        match body:
            case Ref(name):
                return self._ids[name]
            case dict():
                return {member: self._filled(given) for member, given in body.items()}
            case list():
                return [self._filled(given) for given in body]
            case _:
                return body

    async def _read_inboxes(self, today: int, days: int) -> None:
        """Everybody has read their news now and then; not while earlier work is only repeated."""
        if self.new and today < days - LEFT_UNREAD:
            readers = [
                person
                for number, person in enumerate(self._plan.people)
                if (today + number) % READS_EVERY == 0
            ]
            await asyncio.gather(*(self._read_inbox(person) for person in readers))

    async def _read_inbox(self, person: Person) -> None:
        page = answered(await self._talk.ask(person.login, "GET", "/notify/inbox?show=unread&limit=1"))
        if page["items"]:
            newest = {"position": page["items"][0]["position"]}
            answered(await self._talk.ask(person.login, "POST", "/notify/inbox/read", newest))


def _is(response: httpx.Response, *problems: str) -> bool:
    if response.status_code not in REFUSED:
        return False
    return str(response.json().get("type")).endswith(problems)

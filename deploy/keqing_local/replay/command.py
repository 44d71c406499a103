"""Asks every context for its part, merges them, and prints the timeline, the state at a moment or the
difference between two."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import typer
from rich.console import Console

from keqing_local.client import Token, Url, answered, connected
from keqing_local.failure import CannotRun
from keqing_local.replay import telling
from keqing_local.replay.kinds import Kinds
from keqing_local.replay.timeline import Entry, merged
from keqing_shared.settings import Settings

CONTEXTS = ("pipeline", "service-desk", "collections", "notify")
PAGE = 200


def replay(
    customer: Annotated[str, typer.Argument(help="The customer's id")],
    at: Annotated[
        str, typer.Option(help="Also show the state of everything as of this moment (ISO 8601, or 'now')")
    ] = "",
    earlier: Annotated[
        str,
        typer.Option("--from", help="Also show what is other than it was at this moment, as of --at or now"),
    ] = "",
    since: Annotated[str, typer.Option(help="Only facts recorded at or after (ISO 8601)")] = "",
    until: Annotated[str, typer.Option(help="Only facts recorded at or before (ISO 8601)")] = "",
    kind: Annotated[list[str], typer.Option(help="Only facts of this name; repeat for more")] = [],  # noqa: B006
    context: Annotated[list[str], typer.Option(help="Only this context; repeat for more")] = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of text")] = False,
    url: Url = "",
    token: Token = "",
) -> None:
    """Replay a customer's history: every fact of every context in one order, with who, when and why.

    Needs the auditor's role. The reading is itself recorded.
    """
    try:
        customer_id = UUID(customer)
    except ValueError:
        raise CannotRun(f"{customer!r} is no customer id (a UUID)") from None
    if unknown := set(context) - set(CONTEXTS):
        raise CannotRun(f"no such context: {', '.join(sorted(unknown))} (there are {', '.join(CONTEXTS)})")
    zone = ZoneInfo(Settings.from_env().time_zone)
    moments = {name: _moment(text, zone) for name, text in (("since", since), ("until", until)) if text}
    wanted = {**moments, "kind": kind}
    if earlier and not at:
        at = "now"
    look = Look(_moment(at, zone), _moment(earlier, zone))
    asyncio.run(_replay(customer_id, context or list(CONTEXTS), wanted, look, as_json, url, token, zone))


@dataclass(frozen=True)
class Look:
    """At the state as of a moment, or at what is other than at an earlier one; empty: not named."""

    at: str
    earlier: str

    @property
    def part(self) -> str:
        return "difference" if self.earlier else "state" if self.at else ""

    @property
    def asked(self) -> dict[str, str]:
        named = {"from": self.earlier, "at": self.at}
        return {name: moment for name, moment in named.items() if moment}


async def _replay(
    customer_id: UUID,
    contexts: list[str],
    wanted: dict[str, Any],
    look: Look,
    as_json: bool,
    url: str,
    token: str,
    zone: ZoneInfo,
) -> None:
    kinds = Kinds(wanted.pop("kind"), contexts)
    async with connected(url, token, login="auditor", roles=["auditor"]) as client:
        histories = {
            context: await _history(client, context, customer_id, wanted, kinds) for context in contexts
        }
        kinds.check()
        if all(entries is None for entries in histories.values()):
            raise CannotRun(f"no context knows customer {customer_id}")
        entries = list(merged({context: entries or [] for context, entries in histories.items()}))
        found = [
            aggregate
            for context in contexts
            if look.part and histories[context] is not None
            for aggregate in await _looked(client, context, customer_id, look)
        ]
    (_print_json if as_json else _print_text)(entries, found, look, zone)


async def _history(
    client: httpx.AsyncClient, context: str, customer_id: UUID, wanted: dict[str, Any], kinds: Kinds
) -> list[Entry] | None:
    """None: the context does not know the customer."""
    entries: list[Entry] = []
    after: dict[str, str] = {}
    while (named := kinds.of(context)) != []:
        response = await client.get(
            f"/{context}/audit/customers/{customer_id}",
            params={**wanted, **after, "kind": named or [], "limit": PAGE},
        )
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        if kinds.refused(context, response):
            continue
        page = answered(response)
        entries += page["items"]
        if page["next"] is None:
            return entries
        after = {"after": page["next"]}
    return []


async def _looked(
    client: httpx.AsyncClient, context: str, customer_id: UUID, look: Look
) -> list[dict[str, Any]]:
    response = await client.get(f"/{context}/audit/customers/{customer_id}/{look.part}", params=look.asked)
    if response.status_code == httpx.codes.NOT_FOUND:
        return []
    return [{"context": context, **aggregate} for aggregate in answered(response)["aggregates"]]


def _moment(text: str, zone: ZoneInfo) -> str:
    """ISO 8601 in UTC; a time without a zone is one of the business's."""
    if not text:
        return ""
    if text == "now":
        return datetime.now(UTC).isoformat()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CannotRun(f"{text!r} is no moment: write 2026-03-02 or 2026-03-02T09:30+08:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).isoformat()


def _print_json(entries: Iterable[Entry], found: Iterable[Any], look: Look, _zone: ZoneInfo) -> None:
    for entry in entries:
        typer.echo(json.dumps(entry, ensure_ascii=False))
    named = {"from": look.earlier} if look.earlier else {}
    for aggregate in found:
        typer.echo(json.dumps({**named, "as_of": look.at, **aggregate}, ensure_ascii=False))


def _print_text(entries: Iterable[Entry], found: Iterable[Any], look: Look, zone: ZoneInfo) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for line in telling.facts(entries, zone):
        console.print(line)
    if look.earlier:
        for line in telling.differences(found, _read(look.earlier, zone), _read(look.at, zone)):
            console.print(line)
    elif look.at:
        for line in telling.states(found, _read(look.at, zone)):
            console.print(line)


def _read(moment: str, zone: ZoneInfo) -> datetime:
    """By the clocks of the zone."""
    return datetime.fromisoformat(moment).astimezone(zone)

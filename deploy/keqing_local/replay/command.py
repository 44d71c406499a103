"""Asks every context for its part, merges them, and prints the timeline or the state at a moment."""

import asyncio
import json
from collections.abc import Iterable
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
from keqing_local.replay.timeline import Entry, merged
from keqing_shared.settings import Settings

CONTEXTS = ("pipeline", "service-desk", "collections", "notify")
PAGE = 200


def replay(
    customer: Annotated[str, typer.Argument(help="The customer's id")],
    at: Annotated[
        str, typer.Option(help="Also show the state of everything as of this moment (ISO 8601, or 'now')")
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
    asyncio.run(
        _replay(customer_id, context or list(CONTEXTS), wanted, _moment(at, zone), as_json, url, token, zone)
    )


async def _replay(
    customer_id: UUID,
    contexts: list[str],
    wanted: dict[str, Any],
    at: str,
    as_json: bool,
    url: str,
    token: str,
    zone: ZoneInfo,
) -> None:
    async with connected(url, token, login="auditor", roles=["auditor"]) as client:
        histories = {context: await _history(client, context, customer_id, wanted) for context in contexts}
        if all(entries is None for entries in histories.values()):
            raise CannotRun(f"no context knows customer {customer_id}")
        entries = list(merged({context: entries or [] for context, entries in histories.items()}))
        states = [
            state
            for context in contexts
            if at and histories[context] is not None
            for state in await _states(client, context, customer_id, at)
        ]
    (_print_json if as_json else _print_text)(entries, states, at, zone)


async def _history(
    client: httpx.AsyncClient, context: str, customer_id: UUID, wanted: dict[str, Any]
) -> list[Entry] | None:
    """None: the context does not know the customer."""
    entries: list[Entry] = []
    after: dict[str, str] = {}
    while True:
        response = await client.get(
            f"/{context}/audit/customers/{customer_id}", params={**wanted, **after, "limit": PAGE}
        )
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        page = answered(response)
        entries += page["items"]
        if page["next"] is None:
            return entries
        after = {"after": page["next"]}


async def _states(
    client: httpx.AsyncClient, context: str, customer_id: UUID, at: str
) -> list[dict[str, Any]]:
    known = answered(await client.get(f"/{context}/audit/customers/{customer_id}/state", params={"at": at}))
    return [{"context": context, **state} for state in known["aggregates"]]


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


def _print_json(entries: Iterable[Entry], states: Iterable[Any], at: str, _zone: ZoneInfo) -> None:
    for entry in entries:
        typer.echo(json.dumps(entry, ensure_ascii=False))
    for state in states:
        typer.echo(json.dumps({"as_of": at, **state}, ensure_ascii=False))


def _print_text(entries: Iterable[Entry], states: Iterable[Any], at: str, zone: ZoneInfo) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for line in telling.facts(entries, zone):
        console.print(line)
    if at:
        for line in telling.states(states, datetime.fromisoformat(at).astimezone(zone)):
            console.print(line)

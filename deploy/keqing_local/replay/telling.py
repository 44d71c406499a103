"""A history as lines to be read: who did what and when, and below it what it said, at any width."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from keqing_local.replay.timeline import Entry

INDENT = "    "


def facts(entries: Iterable[Entry], zone: ZoneInfo) -> Iterator[Text]:
    for entry in entries:
        when = f"{datetime.fromisoformat(entry['recorded_at']).astimezone(zone):%Y-%m-%d %H:%M:%S}"
        place = f"{entry['context']}:{entry['position']}"
        cause = f"  ← {entry['causation_id']}" if entry["causation_id"] else ""
        yield Text.assemble(
            when, f"  {place:<18}  ", (entry["kind"], "bold"), f"  {entry['who']}", (cause, "dim")
        )
        if entry["why"]:
            yield Text(f"{INDENT}why: {entry['why']}")
        if said := told(entry["fact"]):
            yield Text(INDENT + ", ".join(f"{name}={_plain(member)}" for name, member in said.items()))


def states(of: Iterable[Mapping[str, Any]], at: datetime) -> Iterator[Text]:
    yield Text(f"\nas of {at:%Y-%m-%d %H:%M:%S}", "bold")
    for state in of:
        name = f"{state['context']} {state['aggregate']}"
        yield Text.assemble("\n", (name, "bold"), f" {state['aggregate_id']} (version {state['version']})")
        for member, value in told(state["state"] or {}).items():
            yield Text(f"{INDENT}{member}: {_plain(value)}")


def differences(of: Iterable[Mapping[str, Any]], since: datetime, at: datetime) -> Iterator[Text]:
    yield Text(f"\nfrom {since:%Y-%m-%d %H:%M:%S} to {at:%Y-%m-%d %H:%M:%S}", "bold")
    for one in of:
        versions = f"(version {one['version_before']} → {one['version']})"
        name = f"{one['context']} {one['aggregate']}"
        yield Text.assemble("\n", (name, "bold"), f" {one['aggregate_id']} {versions}")
        for member in one["members"]:
            before, after = (_plain(_sparing(member[side])) for side in ("before", "after"))
            yield Text(f"{INDENT}{member['path']}: {before} → {after}")


def told(members: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing, at any depth."""
    kept = {name: told(member) if isinstance(member, dict) else member for name, member in members.items()}
    return {name: member for name, member in kept.items() if member not in (None, [], {}, "")}


def _sparing(member: Any) -> Any:
    return told(member) if isinstance(member, dict) else "-" if member is None else member


def _plain(member: Any) -> str:
    match member:
        case str():
            return member
        case {"amount": str(amount), "currency": str(currency), **rest} if not rest:
            return f"{amount} {currency}"
    return json.dumps(member, ensure_ascii=False)

"""Rows that another system sends, and the sending of them."""

from typing import Any

import httpx

from tests.json_lines import import_rows


async def send(
    client: httpx.AsyncClient, kind: str, *rows: dict[str, Any] | str, dry_run: bool = False
) -> dict[str, Any]:
    return await import_rows(client, f"/imports/{kind}", *rows, dry_run=dry_run)


def customer(id: str, name: str, **members: Any) -> dict[str, Any]:
    return {
        "kind": "enterprise",
        "name": name,
        "owner": "li.wei",
        "external": [{"system": "legacy", "id": id}],
        **members,
    }


def opportunity(id: str, **members: Any) -> dict[str, Any]:
    return {"external": {"system": "legacy", "id": id}, "title": f"row {id}", "owner": "li.wei", **members}

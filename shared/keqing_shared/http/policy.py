"""A context's policy over HTTP: read by all staff, changed by an admin, its changes told with who and why."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError

from keqing_shared.difference import Difference, differences
from keqing_shared.domain import InvalidInput, value
from keqing_shared.http.access import ROLES, allow
from keqing_shared.http.ask import Ask
from keqing_shared.http.do import Do, Receipt
from keqing_shared.http.paging import Page, Paging
from keqing_shared.policy import POLICY, ChangePolicy, PolicyChanged, plain, policy_id

if TYPE_CHECKING:
    from keqing_shared.context import Context


class PolicyReasonMissing(InvalidInput):
    """A policy is changed for a reason"""


@value
class PolicyChange:
    """From ``changed_at`` on."""

    version: int
    changed_at: datetime
    who: str
    why: str | None
    numbers: tuple[Difference, ...]


def router_for(context: "Context") -> APIRouter:
    """The policy of one context; without routes when it has none."""
    router = APIRouter(prefix="/policy", tags=["policy"])
    if context.policy is None:
        return router
    id = policy_id(context.name)

    @router.get("", dependencies=[allow(*ROLES)], response_model=type(context.policy))
    async def policy(ask: Ask) -> Any:
        """The numbers that the rules go by now; its ETag is for changing them."""
        ask.etag(ask.service.in_force.version)
        return ask.policy

    async def change(body: Any, do: Do) -> Receipt:
        """Set all the numbers anew, valid from now on, in other processes within a second: send every member,
        as GET answers them. Say why in Keqing-Reason. What has happened stays as it was."""
        missing = left_out(body, msgspec.json.decode(await do.request.body()))
        if missing:
            raise RequestValidationError(
                [{"type": "missing", "loc": ("body", *path), "msg": "Field required"} for path in missing]
            )
        if do.why is None:
            raise PolicyReasonMissing("say why in Keqing-Reason", field="Keqing-Reason")
        receipt = await do(POLICY, id, ChangePolicy(policy=body, initial=context.policy))
        await do.service.in_force.load()
        return receipt

    change.__annotations__["body"] = type(context.policy)
    needed = {"requestBody": {"content": {"application/json": {"schema": required(context.policy)}}}}
    router.put("", dependencies=[allow("admin")], openapi_extra=needed)(change)

    @router.get("/changes", dependencies=[allow("admin", "auditor")])
    async def changes(ask: Ask, paging: Paging) -> Page[PolicyChange]:
        """Who changed which numbers, when and why; the latest first."""
        before = paging.after(int)
        told: list[PolicyChange] = []
        kept = plain(context.policy)
        for it in await ask.service.log.stream(id):
            fact = it.fact
            assert isinstance(fact, PolicyChanged)
            told.append(
                PolicyChange(
                    version=it.originator_version,
                    changed_at=it.recorded_at,
                    who=it.who,
                    why=it.why,
                    numbers=tuple(differences(kept, fact.policy)),
                )
            )
            kept = fact.policy
        shown = [one for one in reversed(told) if before is None or one.version < before[0]]
        return paging.page(shown[: paging.fetch], key=lambda one: (one.version,))

    return router


def left_out(policy: Any, sent: dict[str, Any]) -> list[tuple[str, ...]]:
    """The paths of the numbers that a document does not name, and that would have their defaults again."""
    missing: list[tuple[str, ...]] = []
    for name, inner in _members(policy):
        if name not in sent:
            missing.append((name,))
        elif inner is not None and isinstance(sent[name], dict):
            missing += [(name, *path) for path in left_out(inner, sent[name])]
    return missing


def required(policy: Any) -> dict[str, Any]:
    """What JSON Schema says of a document that leaves nothing out, beside the schema of the values."""
    within = {name: required(inner) for name, inner in _members(policy) if inner is not None}
    names = {"required": [name for name, _ in _members(policy)]}
    return {**names, "properties": within} if within else names


def _members(policy: Any) -> Iterator[tuple[str, Any]]:
    """Each name; with the value that has members of its own."""
    for one in fields(policy):
        inner = getattr(policy, one.name)
        yield one.name, inner if is_dataclass(inner) else None

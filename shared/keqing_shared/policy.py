"""A context's policy: its numbers, changed by an admin, valid from then on; every change is a fact.

The numbers are one ``@value`` class; what stands in ``Context.policy`` are those it begins with.
"""

from dataclasses import fields, is_dataclass, replace
from typing import Annotated, Any, TypeVar, get_args, get_type_hints
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from pydantic import TypeAdapter

from keqing_shared.difference import differences
from keqing_shared.domain import Aggregate, Command, Fact, InvalidInput

_T = TypeVar("_T")

ENVIRONMENT = "environment"
FromEnvironment = Annotated[_T, ENVIRONMENT]
"""Marks a number that is set where the service runs, such as the time zone: shown, never changed here."""


class SetByEnvironment(InvalidInput):
    """This is set where the service runs"""


class PolicyChanged(Fact, topic="policy.policy-changed.v1"):
    """From here on the context goes by these numbers."""

    policy: dict[str, Any]
    """All of them, as plain values."""
    changed: tuple[str, ...]
    """The paths of those that are other than before: ``touch_every.won``."""


class ChangePolicy(Command):
    policy: Any
    """The value as a whole, validated."""
    initial: Any
    """The one that the context begins with."""


class Policy(msgspec.Struct, frozen=True):
    """The numbers that somebody has set, as plain values."""

    policy: dict[str, Any]


def policy_id(context: str) -> UUID:
    """The stream of a context's policy."""
    return uuid5(NAMESPACE_URL, f"keqing:policy:{context}")


def plain(policy: Any) -> dict[str, Any]:
    """As it is kept: values of JSON."""
    kept: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(policy, enc_hook=str))
    return kept


def in_force(state: Policy | None, initial: Any) -> Any:
    """The policy as ``decide`` gets it. Numbers that came into being since it was kept have their
    defaults; those of the environment are what they are now. Raises ValueError for one that does not
    read, or that the rules of today do not allow."""
    if state is None:
        return initial
    kept = _under(msgspec.convert(state.policy, type(initial), strict=False), initial)
    return TypeAdapter(type(initial)).validate_json(msgspec.json.encode(plain(kept)))


def _under(policy: Any, initial: Any) -> Any:
    """The policy with what the environment sets as it is in ``initial``."""
    hints = get_type_hints(type(policy), include_extras=True)
    changes: dict[str, Any] = {}
    for one in fields(policy):
        mine, theirs = getattr(policy, one.name), getattr(initial, one.name)
        if ENVIRONMENT in get_args(hints[one.name]):
            changes[one.name] = theirs
        elif is_dataclass(mine) and type(mine) is type(theirs):
            changes[one.name] = _under(mine, theirs)
    return replace(policy, **changes)


def _decide(command: ChangePolicy, state: Policy | None, _policy: Any) -> list[PolicyChanged]:
    wanted, initial = plain(command.policy), command.initial
    fixed = [one.path for one in differences(plain(_under(command.policy, initial)), wanted)]
    if fixed:
        raise SetByEnvironment("leave {fixed} as it is, or set it anew where the service runs", fixed=fixed)
    changed = tuple(one.path for one in differences(plain(in_force(state, initial)), wanted))
    return [PolicyChanged(policy=wanted, changed=changed)] if changed else []


def _evolve(_state: Policy | None, fact: PolicyChanged) -> Policy:
    return Policy(fact.policy)


POLICY: Aggregate[Policy] = Aggregate(
    name="policy",
    facts=(PolicyChanged,),
    decide=_decide,
    evolve=_evolve,
    customer_of=lambda _id, _state: None,
    state=Policy,
)

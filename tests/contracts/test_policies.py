"""Every context's policy: what is served can be sent back, what contradicts itself is refused."""

import copy
from typing import Any

import msgspec
import pytest
from pydantic import TypeAdapter, ValidationError

from keqing_shared.policy import plain
from tests.journeys.house import CONTEXTS

POLICIES = {context.name: context.policy for context in CONTEXTS}


def read(name: str, document: dict[str, Any]) -> Any:
    """As PUT reads it."""
    return TypeAdapter(type(POLICIES[name])).validate_json(msgspec.json.encode(document), strict=True)


def served(name: str) -> dict[str, Any]:
    policy = POLICIES[name]
    document: dict[str, Any] = TypeAdapter(type(policy)).dump_python(policy, mode="json")
    return document


@pytest.mark.parametrize("name", POLICIES)
def test_the_policy_as_served_can_be_sent_back_and_is_kept_whole(name: str) -> None:
    assert read(name, served(name)) == POLICIES[name]
    assert msgspec.convert(plain(POLICIES[name]), type(POLICIES[name]), strict=False) == POLICIES[name]


@pytest.mark.parametrize(
    ("name", "path", "number", "why"),
    [
        ("pipeline", "grade_within.a", 2, "ascend"),
        ("pipeline", "country", "Atlantis", "holidays"),
        ("pipeline", "rest_days", [0, 1, 2, 3, 4, 5, 6], "at most 6"),
        ("service-desk", "terms.0.response_hours", 9, "no later than the solution"),
        ("service-desk", "terms.1.severity", "critical", "each severity once"),
        ("service-desk", "callbacks.1.kind", "three_days", "each kind once"),
        ("service-desk", "authority.1.role", "agent", "each role once"),
        ("service-desk", "authority.1.limit.amount", "499.99", "no less than an agent's"),
        ("service-desk", "working_time.closes", "13:00", "follow each other"),
        ("collections", "overdue_thresholds", [1, 30, 30], "ascend"),
        ("collections", "ageing_buckets", [60, 30], "ascend"),
        ("notify", "subscriptions.0.kind", "gossip", "no wording for gossip"),
        ("notify", "subscriptions.0.to.0.who", "role", "which role"),
        ("notify", "subscriptions.0.to.0.who", "person", "which member"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(name: str, path: str, number: Any, why: str) -> None:
    document = copy.deepcopy(served(name))
    inner: Any = document
    *outer, last = path.split(".")
    for step in outer:
        inner = inner[int(step) if step.isdecimal() else step]
    inner[last] = number
    with pytest.raises(ValidationError, match=why):
        read(name, document)

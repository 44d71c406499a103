"""What was stored once can be read for ever: an example of each version of each fact, kept in a file."""

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from keqing_shared.domain import Fact
from keqing_shared.log import Codec, UnknownTopic
from tests.golden.write import FOLDER, facts

FILES = sorted(FOLDER.glob("*.json"))
NEW_VERSION = (
    "the shape of {topic} has changed, and logs hold the old one: raise the version in its topic, add"
    " upcast_vN_vM, and run python -m tests.golden.write (CONTRIBUTING.md)"
)


def stored(path: Path) -> list[bytes]:
    return [bytes(one) for one in msgspec.json.decode(path.read_bytes(), type=list[msgspec.Raw])]


def current(topic: str) -> type[Fact]:
    """The fact that a topic of any version belongs to."""
    kind = topic.rpartition(".v")[0]
    return next(fact for fact in facts().values() if fact.topic.rpartition(".v")[0] == kind)


def complaint(topic: str, state: bytes, fact: type[Fact]) -> str | None:
    """What is wrong with a stored fact by today's code."""
    try:
        decoded = Codec([fact]).decode(topic, state)
    except (msgspec.ValidationError, AttributeError, KeyError, UnknownTopic) as error:
        return f"{NEW_VERSION.format(topic=topic)}: {error}"
    if topic == fact.topic and json.loads(Codec([fact]).encode(decoded)) != json.loads(state):
        return NEW_VERSION.format(topic=topic)
    return None


def versions(known: Iterable[type[Fact]]) -> set[str]:
    """The topics, all versions, under which a log may hold these facts."""
    return {
        f"{fact.topic.rpartition('.v')[0]}.v{version}"
        for fact in known
        for version in range(1, fact.class_version + 1)
    }


def unguarded(known: Iterable[type[Fact]], files: Iterable[Path]) -> set[str]:
    """Versions without a golden file."""
    return versions(known) - {path.stem for path in files}


def unknown(known: Iterable[type[Fact]], files: Iterable[Path]) -> set[str]:
    """Golden files of what no code reads any more."""
    return {path.stem for path in files} - versions(known)


def test_every_version_of_every_fact_has_its_file() -> None:
    assert unguarded(facts().values(), FILES) == set(), "python -m tests.golden.write"
    assert unknown(facts().values(), FILES) == set(), "a fact that was stored once must stay known"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_was_stored_is_still_read(path: Path) -> None:
    examples = stored(path)
    assert examples
    for state in examples:
        assert complaint(path.stem, state, current(path.stem)) is None


class Met(Fact, topic="golden.met.v1"):
    place: str
    minutes: int | None = None


MET = Codec([Met]).encode(Met(place="here", minutes=3))


class Renamed(Fact, topic="golden.met.v1"):
    place: str
    length: int | None = None


class Widened(Fact, topic="golden.met.v1"):
    place: str
    minutes: int | None = None
    weather: str | None = None


class Retyped(Fact, topic="golden.met.v1"):
    place: int
    minutes: int | None = None


class Versioned(Fact, topic="golden.met.v2"):
    place: str
    length: int | None = None

    @staticmethod
    def upcast_v1_v2(state: dict[str, object]) -> None:
        state["length"] = state.pop("minutes", None)


class WithoutUpcaster(Fact, topic="golden.met.v2"):
    place: str
    length: int | None = None


@pytest.mark.parametrize("changed", [Renamed, Widened, Retyped, WithoutUpcaster])
def test_a_change_of_shape_is_found(changed: type[Fact]) -> None:
    assert "raise the version in its topic" in (complaint("golden.met.v1", MET, changed) or "")


def test_a_new_version_with_its_upcaster_is_right() -> None:
    assert complaint("golden.met.v1", MET, Met) is None
    assert complaint("golden.met.v1", MET, Versioned) is None


def test_a_new_fact_or_version_without_a_file_and_a_file_without_its_fact_are_found() -> None:
    files = [Path("golden.met.v1.json")]
    assert unguarded([Met], files) == set()
    assert unguarded([Met], []) == {"golden.met.v1"}
    assert unguarded([Versioned], files) == {"golden.met.v2"}
    assert unknown([], files) == {"golden.met.v1"}
    assert unknown([Versioned], files) == set()

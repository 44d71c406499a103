"""Every personal member of every fact is sealed, and reads as something of its type once it is erased."""

from uuid import uuid4

import msgspec
import pytest

from keqing_local.catalogue.example import MOST_CODES, Example, fields, recorded
from keqing_local.services import SERVICES, context
from keqing_shared.domain import Fact
from keqing_shared.domain.personal import Blanks
from keqing_shared.log import Codec
from keqing_shared.privacy import Keys, MasterKeys

MARK = "a secret of theirs"
DAY = Example().personal_day
OWNER = uuid4()
FACTS = {fact.topic: fact for name in SERVICES for fact in context(name).facts}


def codec(key: bytes | None, *facts: type[Fact]) -> Codec:
    """Of a process that has the owner's key, or knows it as destroyed."""
    keys = Keys(None, MasterKeys([b"m" * 32]))
    keys.ring.keep({OWNER.bytes: key})
    return Codec(facts, keys)


def examples(fact: type[Fact]) -> list[Fact]:
    """With and without what may be missing, each code of each list once."""
    given = [Example(n, n % 2 == 0, n % 4 >= 2, personal=MARK).build(fact) for n in range(MOST_CODES)]
    return [*given, *(Example(personal=MARK).build(fact, {name}) for name in fields(fact))]


def tells(state: bytes) -> bool:
    return MARK.encode() in state or DAY.isoformat().encode() in state


@pytest.mark.parametrize("topic", FACTS)
def test_whatever_is_personal_is_sealed_and_comes_back(topic: str) -> None:
    fact = FACTS[topic]
    whole, erased = codec(b"k" * 32, fact), codec(None, fact)
    for example in examples(fact):
        state = whole.encode(example, OWNER)
        assert not tells(state), "marked, but not found"
        assert whole.decode(topic, state) == example
        bare = erased.decode(topic, state)
        assert not tells(msgspec.json.encode(bare))
        assert erased.encode(example, OWNER) == erased.encode(bare, OWNER), "an erased customer stays erased"


@pytest.mark.parametrize("service", SERVICES)
def test_an_erased_fact_is_told_as_it_was_told_before(service: str) -> None:
    """A stream that was lost is published again from the log, and has to say the same."""
    made = context(service)
    for fact in made.facts:
        whole, erased = codec(b"k" * 32, fact), codec(None, fact)
        for example in examples(fact):
            bare = erased.decode(fact.topic, whole.encode(example, OWNER))
            assert made.told(recorded(bare)) == made.told(recorded(example))


def test_there_is_something_to_be_found() -> None:
    blanks = Blanks(lambda _: None)
    found = {fact.__name__ for fact in FACTS.values() if blanks.concern(fact)}
    assert {"CustomerRegistered", "CallLogged", "ComplaintOpened", "InvoiceDisputed"} <= found

"""The envelope, held against the cloudevents library."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from keqing_shared.domain import Fact, Money, Recorded
from keqing_shared.messaging import Published
from keqing_shared.messaging.envelope import CONTENT_TYPE, NotOurs, message, opened

CUSTOMER = UUID("0193d0c8-7c1f-7f0e-9d1a-0a0a0a0a0a0a")
AT = datetime(2026, 3, 2, 4, 5, 6, 789_000, tzinfo=UTC)


class Tried(Fact, topic="sample.tried.v1"):
    pass


def recorded(**changed: Any) -> Recorded[Tried]:
    members: dict[str, Any] = {
        "fact": Tried(),
        "originator_id": CUSTOMER,
        "originator_version": 1,
        "position": 12,
        "customer_id": CUSTOMER,
        "recorded_at": AT,
        "who": "li.wei",
        "why": None,
        "command_id": CUSTOMER,
        "correlation_id": "c-1",
        "causation_id": "service-desk:7",
    }
    return Recorded(**{**members, **changed})


WON = Published(
    "DealWon", {"amount": Money(amount=Decimal("1200.50")), "won_on": date(2026, 3, 1), "说": "好"}
)


def read_by_the_library(payload: bytes) -> CloudEvent:
    event = from_structured_event(HTTPMessage({"content-type": CONTENT_TYPE}, payload))
    assert isinstance(event, CloudEvent)
    return event


def test_the_library_reads_every_attribute_and_the_data_of_our_message() -> None:
    event = read_by_the_library(message("pipeline", 9, recorded(), WON).payload)
    assert event.get_attributes() == {
        "specversion": "1.0",
        "id": "pipeline:12",
        "source": "/keqing/pipeline",
        "type": "keqing.pipeline.DealWon.v1",
        "subject": str(CUSTOMER),
        "time": AT,
        "datacontenttype": "application/json",
        "position": 12,
        "previous": 9,
        "who": "li.wei",
        "correlationid": "c-1",
        "causationid": "service-desk:7",
    }
    assert event.get_data() == {
        "amount": {"amount": "1200.50", "currency": "CNY"},
        "won_on": "2026-03-01",
        "说": "好",
    }


def test_the_library_writes_the_same_document() -> None:
    ours = message("pipeline", 9, recorded(), WON).payload
    theirs = to_structured_event(read_by_the_library(ours)).body
    assert json.loads(theirs) == json.loads(ours)


def test_what_the_library_writes_we_read() -> None:
    ours = message("pipeline", 9, recorded(), WON).payload
    theirs = to_structured_event(read_by_the_library(ours)).body
    envelope = opened(theirs)
    assert (envelope.context, envelope.name, envelope.position, envelope.previous) == (
        "pipeline",
        "DealWon",
        12,
        9,
    )
    assert (envelope.subject, envelope.time, envelope.who) == (CUSTOMER, AT, "li.wei")
    assert json.loads(bytes(envelope.data))["说"] == "好"


def test_nobodys_fact_has_no_subject_and_an_underscore_in_its_nats_subject() -> None:
    told = message("service-desk", 0, recorded(customer_id=None, causation_id=None), WON)
    assert told.subject == "keqing.service-desk.DealWon._"
    event = read_by_the_library(told.payload)
    assert event.get_subject() is None
    assert "causationid" not in event.get_attributes()


def test_a_customers_fact_travels_under_the_customers_subject_with_its_position_as_id() -> None:
    told = message("pipeline", 9, recorded(), WON)
    assert told.subject == f"keqing.pipeline.DealWon.{CUSTOMER}"
    assert told.id == "pipeline:12"


@pytest.mark.parametrize(
    "amended",
    [
        {"id": "pipeline:13"},
        {"source": "/keqing/collections"},
        {"specversion": "0.3"},
        {"previous": 12},
        {"previous": -1},
        {"position": "12"},
        {"subject": "somebody"},
        {"type": "elsewhere.DealWon.v1"},
    ],
)
def test_a_message_whose_attributes_contradict_each_other_is_not_ours(amended: dict[str, Any]) -> None:
    document = json.loads(message("pipeline", 9, recorded(), WON).payload) | amended
    with pytest.raises(NotOurs):
        opened(json.dumps(document).encode())


@pytest.mark.parametrize("payload", [b"", b"hello", b"{}", b"[]", b"\xff\xfe", b'{"id":1}'])
def test_what_is_no_cloudevent_is_not_ours(payload: bytes) -> None:
    with pytest.raises(NotOurs):
        opened(payload)


def test_a_public_event_is_named_like_a_fact_and_carries_an_object() -> None:
    with pytest.raises(ValueError, match="deal-won"):
        Published("deal-won", {})
    with pytest.raises(ValueError, match=r"Deal\.Won"):
        Published("Deal.Won", {})
    with pytest.raises(TypeError, match="list"):
        Published("DealWon", [1])

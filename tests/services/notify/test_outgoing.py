"""One POST to a real server on this machine."""

from ipaddress import ip_address

import pytest

from keqing_notify.outgoing import Outgoing
from keqing_notify.resolution import NameUnknown, addresses_of, leads_inside
from tests.services.notify.receiver import receiving

HEADERS = {"content-type": "application/json", "webhook-id": "msg_1"}


async def test_any_2xx_is_success() -> None:
    async with receiving(202) as receiver, Outgoing(anywhere=True, timeout=5) as outgoing:
        answer = await outgoing.post(receiver.url, HEADERS, b'{"a":1}')
        assert (answer.status, answer.reason, answer.gone) == (202, None, False)
        assert 0 <= answer.latency_ms < 5000
        (received,) = receiver.received
        assert received.request == "POST /hook?from=keqing HTTP/1.1"
        assert received.body == b'{"a":1}'
        assert received.headers["webhook-id"] == "msg_1"
        assert received.headers["host"] == f"127.0.0.1:{receiver.port}"


async def test_a_name_is_kept_as_the_host_though_its_address_is_connected_to() -> None:
    async with receiving() as receiver, Outgoing(anywhere=True, timeout=5) as outgoing:
        answer = await outgoing.post(f"http://localhost:{receiver.port}/", HEADERS, b"{}")
        # localhost may lead to ::1 first, where nobody listens; then nothing was received at all.
        if answer.reason is None:
            assert receiver.received[0].headers["host"] == f"localhost:{receiver.port}"


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_any_other_status_is_a_failure_that_names_it(status: int) -> None:
    async with receiving(status) as receiver, Outgoing(anywhere=True, timeout=5) as outgoing:
        answer = await outgoing.post(receiver.url, HEADERS, b"{}")
        assert (answer.status, answer.reason, answer.gone) == (status, f"status {status}", False)


async def test_410_says_that_the_receiver_is_gone() -> None:
    async with receiving(410) as receiver, Outgoing(anywhere=True, timeout=5) as outgoing:
        assert (await outgoing.post(receiver.url, HEADERS, b"{}")).gone


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as elsewhere, receiving(307) as receiver:
        receiver.extra = f"Location: {elsewhere.url}\r\n"
        async with Outgoing(anywhere=True, timeout=5) as outgoing:
            answer = await outgoing.post(receiver.url, HEADERS, b"{}")
        assert answer.reason == "status 307: redirects are not followed"
        assert elsewhere.received == []


async def test_a_receiver_that_never_answers_is_given_up_in_time() -> None:
    async with receiving(held=True) as receiver, Outgoing(anywhere=True, timeout=0.2) as outgoing:
        answer = await outgoing.post(receiver.url, HEADERS, b"{}")
        assert (answer.status, answer.reason) == (None, "no answer within 0.2 s")


async def test_a_closed_port_is_a_failure() -> None:
    async with receiving() as receiver:
        url = receiver.url
    async with Outgoing(anywhere=True, timeout=5) as outgoing:
        answer = await outgoing.post(url, HEADERS, b"{}")
    assert answer.status is None
    assert answer.reason is not None
    assert answer.reason.startswith("cannot send:")


async def test_a_name_nobody_knows_is_a_failure() -> None:
    async with Outgoing(anywhere=True, timeout=20) as outgoing:
        answer = await outgoing.post("https://nobody.invalid/", HEADERS, b"{}")
    assert answer.status is None
    assert answer.reason in ("its name cannot be resolved", "no answer within 20 s")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_private_address_is_refused_at_sending_too(host: str) -> None:
    async with receiving() as receiver, Outgoing(anywhere=False, timeout=5) as outgoing:
        answer = await outgoing.post(f"http://{host}:{receiver.port}/", HEADERS, b"{}")
        assert (answer.status, answer.reason) == (None, "its name leads into a private network")
        assert receiver.received == []


def test_one_private_address_among_public_ones_is_enough_to_be_led_inside() -> None:
    public, private = ip_address("8.8.8.8"), ip_address("10.0.0.1")
    assert leads_inside([public, private])
    assert not leads_inside([public])


async def test_addresses_are_those_of_the_resolver() -> None:
    assert ip_address("127.0.0.1") in await addresses_of("127.0.0.1", 80)
    with pytest.raises(NameUnknown):
        await addresses_of("a" * 64 + ".invalid", 80)

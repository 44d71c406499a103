from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from keqing_notify.address import AddressNotPublic, UrlNotUsable
from keqing_notify.webhook import (
    WEBHOOK,
    DisableWebhook,
    EnableWebhook,
    Endpoint,
    NoSuchWebhook,
    NothingChosen,
    RegisterWebhook,
    RotateSecret,
    UnknownKind,
    WebhookDisabled,
    WebhookEnabled,
    WebhookIsDisabled,
    WebhookRegistered,
    WebhookSecretRotated,
)
from keqing_shared.testing import given

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
ERP = Endpoint(url="https://erp.example.com/keqing", events=("collections.*",), kinds=("deal_won",))
REGISTERED = WebhookRegistered(endpoint=ERP, at=NOON)
KINDS = frozenset({"deal_won", "payment_overdue"})


def register(endpoint: Endpoint, development: bool = False) -> RegisterWebhook:
    return RegisterWebhook(endpoint=endpoint, known_kinds=KINDS, development=development, at=NOON)


def test_a_webhook_is_registered() -> None:
    given(WEBHOOK).when(register(ERP)).then(REGISTERED)


def test_registering_it_twice_says_nothing_new() -> None:
    given(WEBHOOK, REGISTERED).when(register(ERP)).then()


def test_a_webhook_without_events_and_kinds_is_refused() -> None:
    given(WEBHOOK).when(register(Endpoint(url="https://erp.example.com/"))).refused(NothingChosen)


def test_a_kind_that_no_subscription_makes_is_refused_by_name() -> None:
    given(WEBHOOK).when(
        register(Endpoint(url="https://erp.example.com/", kinds=("deal_won", "deal_wen", "aaa")))
    ).refused(UnknownKind, unknown=["aaa", "deal_wen"], field="kinds")


def test_an_address_in_a_private_network_is_refused_outside_development() -> None:
    inside = Endpoint(url="https://10.0.0.8/hook", events=("*",))
    given(WEBHOOK).when(register(inside)).refused(AddressNotPublic)
    given(WEBHOOK).when(register(inside, development=True)).then(WebhookRegistered(endpoint=inside, at=NOON))


def test_plain_http_is_refused() -> None:
    given(WEBHOOK).when(register(Endpoint(url="http://erp.example.com/", events=("*",)))).refused(
        UrlNotUsable
    )


def test_a_secret_is_rotated() -> None:
    given(WEBHOOK, REGISTERED).when(RotateSecret(at=NOON)).then(WebhookSecretRotated(at=NOON))


def test_a_webhook_is_disabled_once_and_enabled_once() -> None:
    disable = DisableWebhook(at=NOON, reason="by_hand")
    disabled = WebhookDisabled(at=NOON, reason="by_hand")
    enable = EnableWebhook(at=NOON, development=False)
    given(WEBHOOK, REGISTERED).when(disable).then(disabled)
    given(WEBHOOK, REGISTERED, disabled).when(disable).then()
    given(WEBHOOK, REGISTERED, disabled).when(enable).then(WebhookEnabled(at=NOON))
    given(WEBHOOK, REGISTERED).when(enable).then()


def test_a_disabled_webhook_gets_no_new_secret() -> None:
    given(WEBHOOK, REGISTERED, WebhookDisabled(at=NOON, reason="gone")).when(RotateSecret(at=NOON)).refused(
        WebhookIsDisabled
    )


def test_a_webhook_registered_in_development_is_not_enabled_elsewhere() -> None:
    local = WebhookRegistered(endpoint=Endpoint(url="http://localhost:9/", events=("*",)), at=NOON)
    given(WEBHOOK, local, WebhookDisabled(at=NOON, reason="by_hand")).when(
        EnableWebhook(at=NOON, development=False)
    ).refused(UrlNotUsable)


@pytest.mark.parametrize(
    "command",
    [
        RotateSecret(at=NOON),
        DisableWebhook(at=NOON, reason="by_hand"),
        EnableWebhook(at=NOON, development=True),
    ],
)
def test_what_is_not_registered_cannot_be_changed(
    command: RotateSecret | DisableWebhook | EnableWebhook,
) -> None:
    given(WEBHOOK).when(command).refused(NoSuchWebhook)


@pytest.mark.parametrize(
    ("events", "kinds", "wanted"),
    [
        (("*",), (), True),
        (("collections.*",), (), True),
        (("collections.PaymentOverdue",), (), True),
        (("collections.PaymentReceived", "pipeline.*"), (), False),
        (("pipeline.PaymentOverdue",), (), False),
        ((), ("payment_overdue",), True),
        ((), ("deal_won",), False),
    ],
)
def test_events_and_kinds_choose_what_is_sent(
    events: tuple[str, ...], kinds: tuple[str, ...], wanted: bool
) -> None:
    endpoint = Endpoint(url="https://erp.example.com/", events=events, kinds=kinds)
    assert endpoint.wants("collections.PaymentOverdue", ["payment_overdue"]) is wanted


@pytest.mark.parametrize(
    "pattern", ["", "**", "collections", "collections.payment", "notify.*", "pipeline.A b"]
)
def test_an_event_pattern_that_matches_nothing_is_invalid_input(pattern: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Endpoint).validate_python({"url": "https://e.example.com/", "events": [pattern]})

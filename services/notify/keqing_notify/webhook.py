"""A webhook: an address of another system that is told of events. Its secret is kept elsewhere."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace
from pydantic import Field

from keqing_notify.address import check_url
from keqing_shared.domain import Aggregate, Command, Fact, InvalidInput, Line, NotFound, RuleBroken, value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words

EventPattern = Annotated[
    str,
    Field(
        pattern=shape(
            r"^(\*|(pipeline|service-desk|collections)\.(\*|[A-Z][A-Za-z]{1,60}))$",
            Words("a service and an event, as in collections.PaymentOverdue, collections.* or *"),
        ),
        description="which events: `pipeline.DealWon`, `collections.*` or `*`",
        examples=["collections.PaymentOverdue"],
    ),
]
Kind = Annotated[
    str,
    Field(
        pattern=shape(r"^[a-z_]{1,60}$", Words("a kind of news, as in payment_overdue")),
        examples=["payment_overdue"],
    ),
]


@value
class Endpoint:
    """``events`` by name and ``kinds`` of news (see the subscriptions) choose what is sent; one is enough."""

    url: Annotated[
        str,
        Field(
            pattern=shape(
                r"^https?://[^\x00-\x20\x7f]+$",
                Words("an address that begins with https:// or http:// and has no blanks"),
            ),
            max_length=2000,
            examples=["https://erp.example.com/keqing"],
        ),
    ]
    events: Annotated[tuple[EventPattern, ...], Field(max_length=100)] = ()
    kinds: Annotated[tuple[Kind, ...], Field(max_length=100)] = ()
    description: Line | None = None

    def wants(self, event_type: str, kinds: Iterable[str]) -> bool:
        """``event_type`` is ``context.EventName``; ``kinds`` the news that it made."""
        source = event_type.partition(".")[0]
        return any(pattern in ("*", f"{source}.*", event_type) for pattern in self.events) or not set(
            kinds
        ).isdisjoint(self.kinds)


class WebhookRegistered(Fact, topic="notify.webhook-registered.v1"):
    endpoint: Endpoint
    at: datetime


class WebhookSecretRotated(Fact, topic="notify.webhook-secret-rotated.v1"):
    at: datetime


class WebhookDisabled(Fact, topic="notify.webhook-disabled.v1"):
    at: datetime
    reason: str
    """``by_hand``, or ``gone``: the receiver answered 410."""


class WebhookEnabled(Fact, topic="notify.webhook-enabled.v1"):
    at: datetime


WebhookFact = WebhookRegistered | WebhookSecretRotated | WebhookDisabled | WebhookEnabled


class RegisterWebhook(Command):
    endpoint: Endpoint
    known_kinds: frozenset[str]
    development: bool
    at: datetime


class RotateSecret(Command):
    at: datetime


class DisableWebhook(Command):
    at: datetime
    reason: Literal["by_hand", "gone"]


class EnableWebhook(Command):
    development: bool
    at: datetime


WebhookCommand = RegisterWebhook | RotateSecret | DisableWebhook | EnableWebhook


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    endpoint: Endpoint
    enabled: bool = True


class NoSuchWebhook(NotFound):
    """There is no such webhook."""


class WebhookIsDisabled(RuleBroken):
    """The webhook is disabled; enable it first."""


class NothingChosen(InvalidInput):
    """A webhook names at least one event or kind."""


class UnknownKind(InvalidInput):
    """No subscription makes this kind of news."""


def decide(command: WebhookCommand, webhook: Webhook | None, policy: object) -> list[WebhookFact]:
    if isinstance(command, RegisterWebhook):
        return _register(command, webhook)
    if webhook is None:
        raise NoSuchWebhook
    match command:
        case RotateSecret(at=at):
            if not webhook.enabled:
                raise WebhookIsDisabled
            return [WebhookSecretRotated(at=at)]
        case DisableWebhook(at=at, reason=reason):
            return [WebhookDisabled(at=at, reason=reason)] if webhook.enabled else []
        case EnableWebhook(development=development, at=at):
            check_url(webhook.endpoint.url, development=development)
            return [] if webhook.enabled else [WebhookEnabled(at=at)]


def _register(command: RegisterWebhook, webhook: Webhook | None) -> list[WebhookFact]:
    if webhook is not None:
        return []
    endpoint = command.endpoint
    check_url(endpoint.url, development=command.development)
    if not endpoint.events and not endpoint.kinds:
        raise NothingChosen("give events, kinds or both", field="events")
    if unknown := sorted(set(endpoint.kinds) - command.known_kinds):
        raise UnknownKind("unknown: {unknown}", field="kinds", unknown=unknown)
    return [WebhookRegistered(endpoint=endpoint, at=command.at)]


def evolve(webhook: Webhook | None, fact: WebhookFact) -> Webhook | None:
    if isinstance(fact, WebhookRegistered):
        return Webhook(endpoint=fact.endpoint)
    if webhook is None:
        return None
    match fact:
        case WebhookSecretRotated():
            return webhook
        case WebhookDisabled():
            return replace(webhook, enabled=False)
        case WebhookEnabled():
            return replace(webhook, enabled=True)


WEBHOOK = Aggregate(
    name="webhook",
    facts=(WebhookRegistered, WebhookSecretRotated, WebhookDisabled, WebhookEnabled),
    decide=decide,
    evolve=evolve,
    customer_of=lambda _id, _webhook: None,
    state=Webhook,
)

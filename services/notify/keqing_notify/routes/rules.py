"""What notify goes by: its subscriptions with their wording, and its numbers."""

from fastapi import APIRouter

from keqing_notify.policy import NotifyPolicy
from keqing_notify.routes.inbox import EVERYBODY
from keqing_notify.subscription import Subscription
from keqing_notify.wording import LANGUAGES, WORDINGS
from keqing_shared.domain import value
from keqing_shared.http import Ask, allow

router = APIRouter(tags=["policy"])


@value
class Text:
    """A template: ``$number`` stands for a member of the event, ``$customer`` for the customer's name."""

    title: str
    body: str


@value
class SubscriptionShown:
    subscription: Subscription
    wording: dict[str, Text]
    """By language."""


@router.get("/subscriptions", dependencies=[allow(*EVERYBODY)])
async def subscriptions(ask: Ask) -> list[SubscriptionShown]:
    """Which events are told to whom, and in which words."""
    policy: NotifyPolicy = ask.policy
    return [
        SubscriptionShown(
            subscription=one,
            wording={
                language: Text(
                    title=WORDINGS[one.kind][language].title.template,
                    body=WORDINGS[one.kind][language].body.template,
                )
                for language in LANGUAGES
            },
        )
        for one in policy.subscriptions
    ]

"""What the others hear of pipeline, member for member."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from keqing_pipeline.customer.facts import CustomerAmended, CustomerRegistered, OwnerChanged
from keqing_pipeline.customer.file import CustomerDetails, IndividualSections, Kind
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.opportunity.contact import Call, Channel, ContactOutcome, Message, Visit
from keqing_pipeline.opportunity.facts import (
    CallLogged,
    DealLost,
    DealWon,
    FollowUpMissed,
    GradeChanged,
    ImportRepeated,
    MessageLogged,
    NeedConfirmed,
    NeedDiagnosed,
    OpportunityAmended,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityTakenUp,
    RecommendationAccepted,
    RecommendationMade,
    RecommendationRejected,
    StageAdvanced,
    StageReceded,
    VisitLogged,
)
from keqing_pipeline.opportunity.grade import Grade
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.opportunity.stage import Outcome, Signal, Stage
from keqing_pipeline.published import publish
from keqing_pipeline.tracking.band import Band
from keqing_pipeline.tracking.pursuit_facts import (
    ClaimedFromPool,
    CustomerTracked,
    OpportunityJoined,
    RemovalSuggested,
    RemovedToPool,
    TakenOutOfPool,
    TrackingEnded,
    TrackingPassedOn,
)
from keqing_pipeline.tracking.removal import RemovalReason
from keqing_pipeline.tracking.tracking_list import BandOverfilled, PlaceLeft
from keqing_pipeline.user import USER, Profile, Role, UserAmended, UserDeactivated, UserEnrolled
from keqing_shared.domain import ExternalReference, Fact, Money, Recorded

ID, ABOUT = UUID(int=9), {"opportunity_id": str(UUID(int=9))}
DAY = date(2026, 3, 2)
MOMENT = datetime(2026, 3, 2, 2, tzinfo=UTC)
SECRETS = ("王丽", "13800138000", "喜欢钓鱼", "想先看案例", "发案例", "价格偏高")
DETAILS = CustomerDetails(
    phones=("+8613800138000",),
    external=(ExternalReference(system="crm", id="77"),),
    individual=IndividualSections(special_interests="喜欢钓鱼"),
    note="想先看案例",
)
CALL = Call(
    outcome=ContactOutcome.INTERACTIVE,
    with_whom=("王丽",),
    signals=(Signal.ASKS_PRICE,),
    note="想先看案例",
    objections=("价格偏高",),
    next_step="发案例",
    next_on=date(2026, 3, 5),
)
CONTACT = ABOUT | {
    "outcome": "interactive",
    "effective": True,
    "signals": ["asks_price"],
    "at": "2026-03-02T02:00:00Z",
    "by": "li.wei",
    "next_on": "2026-03-05",
}
TOLD = {"owner": "li.wei", "importance": "ordinary", "external": [{"system": "crm", "id": "77"}]}
PROFILE = Profile(name="李伟", roles=(Role.REP,), team="north", manager="zhou.hong")
PERSON = {
    "login": "li.wei",
    "name": "李伟",
    "roles": ["rep"],
    "team": "north",
    "manager": "zhou.hong",
    "language": "zh",
}
YUAN = Money(amount=Decimal("48000.50"))


def told(fact: Fact) -> tuple[str, dict[str, object]] | None:
    recorded = Recorded(
        fact=fact,
        originator_id=ID,
        originator_version=1,
        position=1,
        customer_id=None,
        recorded_at=MOMENT,
        who="li.wei",
        why=None,
        command_id=ID,
        correlation_id="",
        causation_id=None,
    )
    published = publish(recorded)
    if published is None:
        return None
    return published.name, msgspec.json.decode(msgspec.json.encode(published.data))


@pytest.mark.parametrize(
    ("fact", "data"),
    [
        (
            CustomerRegistered(kind=Kind.INDIVIDUAL, owner="li.wei", person_name="王丽", details=DETAILS),
            {"kind": "individual", "name": None, **TOLD},
        ),
        (
            CustomerRegistered(kind=Kind.ENTERPRISE, owner="li.wei", name="远山", details=DETAILS),
            {"kind": "enterprise", "name": "远山", **TOLD},
        ),
        (
            CustomerAmended(
                kind=Kind.ENTERPRISE, owner="li.wei", name="远山", details=DETAILS, changed=("note",)
            ),
            {"kind": "enterprise", "name": "远山", **TOLD},
        ),
        (
            OwnerChanged(owner="zhao.min", previous="li.wei", reason="x"),
            {"owner": "zhao.min", "previous": "li.wei"},
        ),
        (UserEnrolled(login="li.wei", profile=PROFILE), PERSON | {"active": True}),
        (UserAmended(login="li.wei", profile=PROFILE), PERSON | {"active": True}),
        (UserDeactivated(login="li.wei", profile=PROFILE), PERSON | {"active": False}),
        (
            OpportunityOpened(owner="li.wei", title="想先看案例", stage=Stage.UNAWARE, amount=YUAN),
            ABOUT
            | {
                "owner": "li.wei",
                "amount": {"amount": "48000.50", "currency": "CNY"},
                "expected_close_on": None,
            },
        ),
        (CallLogged(call=CALL, at=MOMENT, on=DAY, by="li.wei"), CONTACT),
        (
            VisitLogged(visit=Visit(**vars(CALL)), at=MOMENT, on=DAY, by="li.wei"),
            CONTACT,
        ),
        (
            MessageLogged(
                message=Message(**vars(CALL), channel=Channel.WECHAT), at=MOMENT, on=DAY, by="li.wei"
            ),
            CONTACT,
        ),
        (
            GradeChanged(owner="li.wei", before=Grade.B, after=Grade.A, on=DAY),
            ABOUT | {"owner": "li.wei", "before": "B", "after": "A", "on": "2026-03-02"},
        ),
        (
            StageAdvanced(before=Stage.UNAWARE, after=Stage.CONSIDERING, on=DAY, owner="li.wei"),
            ABOUT | {"owner": "li.wei", "before": "0", "after": "3"},
        ),
        (
            StageReceded(before=Stage.SURE, after=Stage.REFUSED, on=DAY, owner="li.wei", reason="x"),
            ABOUT | {"owner": "li.wei", "before": "4", "after": "refused"},
        ),
        (
            NeedDiagnosed(answers=(), need="orders", awareness="user", on=DAY, by="li.wei"),
            ABOUT | {"need": "orders", "awareness": "user", "by": "li.wei"},
        ),
        (
            RecommendationMade(product="sales-desk", need="orders", awareness="user", on=DAY, by="li.wei"),
            ABOUT | {"need": "orders", "awareness": "user", "by": "li.wei", "product": "sales-desk"},
        ),
        (
            RecommendationAccepted(product="sales-desk", on=DAY, by="li.wei"),
            ABOUT | {"product": "sales-desk", "by": "li.wei"},
        ),
        (
            RecommendationRejected(product="sales-desk", reason="想先看案例", on=DAY, by="li.wei"),
            ABOUT | {"product": "sales-desk", "by": "li.wei"},
        ),
        (
            DealWon(owner="li.wei", amount=YUAN, won_on=DAY, products=("CRM",)),
            ABOUT
            | {
                "owner": "li.wei",
                "amount": {"amount": "48000.50", "currency": "CNY"},
                "products": ["CRM"],
                "won_on": "2026-03-02",
            },
        ),
        (
            DealLost(owner="li.wei", reason="price", rival="Beishan", lost_on=DAY),
            ABOUT | {"owner": "li.wei", "rival": "Beishan", "lost_on": "2026-03-02"},
        ),
        (
            OpportunityReopened(was=Outcome.WON, stage=Stage.SURE, on=DAY, reason="x"),
            ABOUT | {"was": "won"},
        ),
        (
            OpportunityHandedOver(owner="zhao.min", previous="li.wei", reason="x"),
            ABOUT | {"owner": "zhao.min", "previous": "li.wei"},
        ),
        (
            OpportunityLetGo(owner="zhou.hong", previous="li.wei", on=DAY),
            ABOUT | {"owner": "zhou.hong", "previous": "li.wei"},
        ),
        (
            OpportunityTakenUp(owner="zhao.min", previous="zhou.hong", on=DAY, next_touch_on=DAY),
            ABOUT | {"owner": "zhao.min", "previous": "zhou.hong"},
        ),
        (
            CustomerTracked(customer_id=ID, owner="li.wei", on=DAY, opportunities=(ID,)),
            {"owner": "li.wei", "on": "2026-03-02"},
        ),
        (TrackingEnded(owner="li.wei", on=DAY), {"owner": "li.wei", "on": "2026-03-02"}),
        (
            TrackingPassedOn(owner="zhao.min", previous="li.wei", on=DAY),
            {"owner": "zhao.min", "previous": "li.wei", "on": "2026-03-02"},
        ),
        (
            RemovalSuggested(owner="li.wei", reason=RemovalReason.STAGNANT, contacts=5),
            {"owner": "li.wei", "reason": "stagnant", "contacts": 5},
        ),
        (
            RemovedToPool(
                owner="li.wei", reason=RemovalReason.OTHER, on=DAY, keeper="zhou.hong", note="想先看案例"
            ),
            {"owner": "li.wei", "reason": "other", "on": "2026-03-02", "keeper": "zhou.hong"},
        ),
        (
            ClaimedFromPool(owner="zhao.min", previous="li.wei", on=DAY),
            {"owner": "zhao.min", "previous": "li.wei", "on": "2026-03-02"},
        ),
        (TakenOutOfPool(owner="zhao.min", on=DAY), {"owner": "zhao.min", "on": "2026-03-02"}),
        (
            BandOverfilled(owner="li.wei", customer_id=ID, band=Band.CLOSE, count=11, capacity=10),
            {"owner": "li.wei", "band": "close", "count": 11, "capacity": 10},
        ),
        (
            FollowUpMissed(owner="li.wei", due_on=DAY, in_a_row=3, level="manager"),
            ABOUT | {"owner": "li.wei", "due_on": "2026-03-02", "in_a_row": 3, "level": "manager"},
        ),
    ],
)
def test_what_travels_of_each_fact_and_nothing_personal(fact: Fact, data: dict[str, object]) -> None:
    name = type(fact).__name__
    assert told(fact) == (name, data)
    assert not any(secret in str(data) for secret in SECRETS)


@pytest.mark.parametrize(
    "fact",
    [
        OpportunityOpened(owner="li.wei", title="x", stage=Stage.UNAWARE, import_digest="0"),
        DealWon(owner="li.wei", amount=YUAN, won_on=DAY, imported=True),
        DealLost(owner="li.wei", reason="x", lost_on=DAY, imported=True),
        ImportRepeated(import_digest="0"),
        OpportunityAmended(title="x"),
        NeedConfirmed(need="orders", diagnosed="orders", on=DAY, by="li.wei"),
        OpportunityJoined(opportunity_id=ID),
        PlaceLeft(customer_id=ID, on=DAY),
    ],
)
def test_imported_history_and_inner_matters_are_not_told(fact: Fact) -> None:
    assert told(fact) is None


def test_every_topic_is_pipelines_and_says_its_version() -> None:
    topics = [fact.topic for aggregate in (CUSTOMER, OPPORTUNITY, USER) for fact in aggregate.facts]
    assert len(set(topics)) == len(topics)
    assert all(topic.startswith("pipeline.") and topic[-3:-1] == ".v" for topic in topics)

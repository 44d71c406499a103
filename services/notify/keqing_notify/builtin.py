"""The subscriptions the product ships with, so that it is useful unconfigured."""

from keqing_notify.subscription import Audience, Condition, Subscription

OWNER = Audience(who="owner")
OWNERS_MANAGER = Audience(who="owners_manager")
ASSIGNED = Audience(who="person", member="assigned_to")
COLLECTORS = Audience(who="role", role="collector")
SUPERVISORS = Audience(who="role", role="supervisor")

_CRITICAL = Condition(member="severity", one_of=("critical",))


def _by_level(member: str) -> tuple[Audience, ...]:
    """Supervisors or sales managers, as the member says."""
    return tuple(
        Audience(who="role", role=role, when=(Condition(member=member, one_of=(level,)),))
        for level, role in (("supervisor", "supervisor"), ("manager", "sales_manager"))
    )


BUILT_IN: tuple[Subscription, ...] = (
    Subscription(
        source="pipeline",
        event="FollowUpMissed",
        kind="missed_touch",
        to=(
            OWNER,
            Audience(who="owners_manager", when=(Condition(member="level", one_of=("manager",)),)),
        ),
        collapse=("opportunity_id",),
    ),
    Subscription(
        source="pipeline",
        event="BandOverfilled",
        kind="band_overfilled",
        to=(OWNER,),
        collapse=("owner", "band"),
    ),
    Subscription(source="pipeline", event="RemovalSuggested", kind="removal_suggested", to=(OWNER,)),
    Subscription(source="pipeline", event="DealWon", kind="deal_won", to=(OWNERS_MANAGER,)),
    Subscription(source="pipeline", event="DealLost", kind="deal_lost", to=(OWNERS_MANAGER,)),
    Subscription(
        source="pipeline",
        event="OwnerChanged",
        kind="owner_changed",
        to=(OWNER, Audience(who="person", member="previous")),
    ),
    Subscription(
        source="pipeline", event="OpportunityHandedOver", kind="opportunity_handed_over", to=(OWNER,)
    ),
    Subscription(
        source="pipeline",
        event="CareRequested",
        kind="care_to_approve",
        to=(
            Audience(who="person", member="approver"),
            # Whoever nobody leads is decided for by an admin.
            Audience(who="role", role="admin", when=(Condition(member="led", one_of=("False",)),)),
        ),
        collapse=("request_id",),
    ),
    Subscription(
        # To the person that it names: the event is about a day, not about a customer.
        source="pipeline",
        event="CareDayAhead",
        kind="care_tomorrow",
        to=(Audience(who="person", member="owner"),),
        collapse=("on",),
    ),
    Subscription(
        source="pipeline",
        event="DefectionWarned",
        kind="defection_warning",
        to=(OWNER, OWNERS_MANAGER),
    ),
    Subscription(
        source="pipeline", event="DefectionWarningWithdrawn", kind="defection_warning_withdrawn", to=(OWNER,)
    ),
    Subscription(source="pipeline", event="AccountReviewDue", kind="account_review_due", to=(OWNER,)),
    Subscription(
        # By a rule: whoever ends one by hand, or merges its file, knows.
        source="pipeline",
        event="KeyAccountEnded",
        kind="key_account_ended",
        to=(OWNER, OWNERS_MANAGER),
        when=(Condition(member="because", one_of=("not_class_a", "unprofitable", "squeezing")),),
    ),
    Subscription(
        source="service-desk",
        event="ComplaintOpened",
        kind="complaint_opened",
        to=(OWNER, ASSIGNED, Audience(who="role", role="supervisor", when=(_CRITICAL,))),
        critical_when=(_CRITICAL,),
    ),
    Subscription(
        source="service-desk",
        event="ComplaintReopened",
        kind="complaint_reopened",
        to=(OWNER, ASSIGNED),
        collapse=("complaint_id",),
    ),
    Subscription(
        source="service-desk",
        event="SettlementAwaitsApproval",
        kind="settlement_awaits_approval",
        to=_by_level("needs"),
        collapse=("complaint_id",),
    ),
    Subscription(
        source="service-desk",
        event="SettlementDeclined",
        kind="settlement_declined",
        to=(ASSIGNED,),
        collapse=("complaint_id",),
    ),
    Subscription(
        source="service-desk",
        event="ComplaintReassigned",
        kind="complaint_reassigned",
        to=(ASSIGNED,),
        collapse=("complaint_id",),
    ),
    Subscription(
        # A missed clock escalates by itself and is news of its own.
        source="service-desk",
        event="ComplaintEscalated",
        kind="complaint_escalated",
        to=_by_level("to"),
        when=(Condition(member="cause", one_of=("by_hand",)),),
        critical=True,
    ),
    Subscription(
        source="service-desk",
        event="ResponseOverdue",
        kind="response_overdue",
        to=(ASSIGNED, SUPERVISORS),
        critical=True,
        collapse=("complaint_id",),
    ),
    Subscription(
        source="service-desk",
        event="SolutionOverdue",
        kind="solution_overdue",
        to=(ASSIGNED, SUPERVISORS),
        critical=True,
        collapse=("complaint_id",),
    ),
    Subscription(source="service-desk", event="ComplaintClosed", kind="complaint_closed", to=(OWNER,)),
    Subscription(source="service-desk", event="CallbackDue", kind="callback_due", to=(OWNER,)),
    Subscription(
        source="service-desk",
        event="CallbackMissed",
        kind="callback_missed",
        to=(OWNER, SUPERVISORS),
        collapse=("callback_id",),
    ),
    Subscription(
        source="collections",
        event="PaymentOverdue",
        kind="payment_overdue",
        to=(
            OWNER,
            COLLECTORS,
            Audience(who="owners_manager", when=(Condition(member="threshold", at_least=30),)),
        ),
        critical_when=(Condition(member="threshold", at_least=90),),
        collapse=("invoice_id",),
    ),
    Subscription(
        source="collections",
        event="InvoiceDisputed",
        kind="invoice_disputed",
        to=(OWNER, COLLECTORS),
        collapse=("invoice_id",),
    ),
    Subscription(
        source="collections", event="PaymentReversed", kind="payment_reversed", to=(OWNER, COLLECTORS)
    ),
)

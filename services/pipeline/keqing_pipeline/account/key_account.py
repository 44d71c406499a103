"""Key accounts: who may be one, the plan agreed for it, and its reviews."""

from datetime import date, timedelta

from keqing_pipeline.account import refusals as no
from keqing_pipeline.account.commands import (
    AgreePlan,
    AppraiseAccount,
    EndKeyAccount,
    KeyAccountCommand,
    NameKeyAccount,
    NoteReviewDue,
    RestoreKeyAccount,
    ReviewAccount,
    TakeKeyAccountOver,
)
from keqing_pipeline.account.facts import (
    AccountAppraised,
    AccountFact,
    AccountReviewDue,
    AccountReviewed,
    KeyAccountEnded,
    KeyAccountNamed,
    KeyAccountRestored,
    KeyAccountTakenOver,
    PlanAgreed,
)
from keqing_pipeline.account.state import Account
from keqing_pipeline.account.values import AbcClass, AccountPlan, Appraisal, KeyEnd
from keqing_pipeline.customer.man import Known
from keqing_pipeline.policy import PipelinePolicy


def decide_key_account(
    command: KeyAccountCommand, account: Account, policy: PipelinePolicy
) -> list[AccountFact]:
    match command:
        case AppraiseAccount(appraisal=appraisal, on=on):
            if appraisal == account.appraisal:
                return []
            appraised = AccountAppraised(appraisal=appraisal, on=on)
            broken = _broken_by(appraisal)
            if account.key_since is None or broken is None:
                return [appraised]
            return [appraised, KeyAccountEnded(on=on, because=broken)]
        case NameKeyAccount(purchases=purchases, on=on):
            if account.key_since is not None:
                raise no.AlreadyKeyAccount
            _check_worthy(account, account.appraisal or command.appraisal, purchases, policy)
            return [KeyAccountNamed(purchases=purchases, on=on)]
        case TakeKeyAccountOver(merged=merged, standing=standing, on=on):
            if account.key_since is not None:
                return []
            return [KeyAccountTakenOver(merged=merged, standing=standing, on=on)]
        case RestoreKeyAccount(standing=standing, on=on):
            return [] if account.key_since is not None else [KeyAccountRestored(standing=standing, on=on)]
        case NoteReviewDue(on=today):
            due_on = account.review_due_on
            if due_on is None or due_on > today or due_on == account.review_noted_on:
                return []
            return [AccountReviewDue(due_on=due_on)]
    if account.key_since is None:
        raise no.NotKeyAccount("name it a key account first")
    match command:
        case EndKeyAccount(reason=reason, on=on, because=because):
            return [KeyAccountEnded(reason=reason, on=on, because=because)]
        case AgreePlan(plan=plan, on=on):
            return _agreed(plan, on, account, policy)
        case ReviewAccount(findings=findings, on=on):
            if account.plan is None:
                raise no.PlanMissing("agree on a plan first")
            next_due_on = _next_review(account.plan, on, policy)
            return [AccountReviewed(findings=findings, on=on, next_due_on=next_due_on)]


def _broken_by(appraisal: Appraisal) -> KeyEnd | None:
    """The rule of a key account that this judgement says is not kept."""
    if appraisal.profitable is Known.NO:
        return KeyEnd.UNPROFITABLE
    return KeyEnd.SQUEEZING if appraisal.squeezing is Known.YES else None


def _check_worthy(
    account: Account, appraisal: Appraisal | None, purchases: int, policy: PipelinePolicy
) -> None:
    """Class A, and bought repeatedly, and profitable, and not squeezing."""
    if account.abc is None:
        raise no.NotClassA("it is in no class: it bought nothing, or classes are still to be computed")
    if account.abc is not AbcClass.A:
        raise no.NotClassA("its class is {abc}", abc=account.abc)
    needed = policy.key_account.purchases
    if purchases < needed:
        raise no.BoughtTooSeldom(
            "it has bought {purchases} times, {needed} are needed", purchases=purchases, needed=needed
        )
    unknown = [
        question
        for question in ("profitable", "squeezing")
        if appraisal is None or getattr(appraisal, question) is Known.UNKNOWN
    ]
    if appraisal is None or unknown:
        raise no.NotAppraised("find out and appraise: {unknown}", unknown=unknown)
    if appraisal.profitable is Known.NO:
        raise no.Unprofitable("appraise it anew once it earns something")
    if appraisal.squeezing is Known.YES:
        raise no.Squeezing("appraise it anew once its demands have an end")


def _agreed(plan: AccountPlan, on: date, account: Account, policy: PipelinePolicy) -> list[AccountFact]:
    standards = [promise.standard for promise in plan.promises]
    twice = sorted({standard for standard in standards if standards.count(standard) > 1})
    if twice:
        raise no.PromiseTwice("promised twice: {standards}", field="promises", standards=twice)
    kept = account.plan.objectives if account.plan else ()
    new = [objective for objective in plan.objectives if objective not in kept]
    if any(objective.by is not None and objective.by < on for objective in new):
        raise no.ObjectivePast("today is {today}", field="objectives", today=on.isoformat())
    if plan == account.plan:
        return []
    return [PlanAgreed(plan=plan, on=on, review_due_on=_next_review(plan, on, policy))]


def _next_review(plan: AccountPlan, on: date, policy: PipelinePolicy) -> date:
    days = plan.review_every_days or policy.key_account.review_every_days
    return policy.working_day(on + timedelta(days=days))

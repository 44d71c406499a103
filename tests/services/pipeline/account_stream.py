"""What is said of an account, in the words of its tests."""

from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.account.facts import (
    AccountAppraised,
    AccountClassed,
    AccountFact,
    AccountOpened,
    KeyAccountNamed,
    PlanAgreed,
)
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.values import AbcClass, AccountPlan, Appraisal, Objective, Promise, Standard
from keqing_pipeline.customer.man import Known
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.testing import Given, given

CUSTOMER, THING = UUID(int=1), UUID(int=2)
TODAY = date(2026, 3, 2)
OPENED = AccountOpened(customer_id=CUSTOMER)
ABOUT: dict[str, Any] = {"customer_id": CUSTOMER, "on": TODAY}
CLASS_A = AccountClassed(abc=AbcClass.A, as_of=TODAY)
NAMED = KeyAccountNamed(purchases=3, on=TODAY)
PLAN = AccountPlan(
    objectives=(Objective(what="两条产线都用我们的设备", by=date(2026, 12, 31)),),
    team=("li.wei", "zhao.min"),
    promises=(Promise(standard=Standard.FORETHOUGHT, what="每季度一次巡检"),),
)
AGREED = PlanAgreed(plan=PLAN, on=TODAY, review_due_on=date(2026, 6, 1))


def account(*facts: AccountFact) -> Given:
    return given(ACCOUNT, OPENED, *facts, policy=PipelinePolicy())


def appraised(profitable: Known = Known.YES, squeezing: Known = Known.NO) -> AccountAppraised:
    appraisal = Appraisal(profitable=profitable, squeezing=squeezing, evidence="去年毛利两成")
    return AccountAppraised(appraisal=appraisal, on=TODAY)

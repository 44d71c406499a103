"""Purchase projects and need diagnosis over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from keqing_pipeline.opportunity.catalogue import Catalogue
from keqing_pipeline.opportunity.commands import (
    AnswerRecommendation,
    ConfirmNeed,
    DescribePurchase,
    DiagnoseNeed,
    Recommend,
)
from keqing_pipeline.opportunity.need import Answers
from keqing_pipeline.opportunity.purchase import PurchaseProject
from keqing_pipeline.routes.opportunities import READERS, SALES, on_ones_own
from keqing_shared.domain import Code, Note, value
from keqing_shared.http import Ask, Do, Receipt

router = APIRouter(tags=["needs"])


@value
class Questionnaire:
    answers: Answers


@value
class NeedSeen:
    need: Code
    """As the customer sees it: the diagnosed one, or another of the catalogue."""


@value
class Choice:
    product: Code | None = None
    """Left out: what the catalogue advises."""


@value
class Rejection:
    reason: Note


@router.get("/catalogue", dependencies=[READERS])
async def catalogue(ask: Ask) -> Catalogue:
    """The questionnaire, the needs and levels of awareness it tells, the products and what to say of them."""
    given: Catalogue = ask.policy.catalogue
    return given


@router.put("/opportunities/{opportunity_id}/purchase-project", dependencies=[SALES])
async def describe(opportunity_id: UUID, body: PurchaseProject, do: Do) -> Receipt:
    """Say how the customer means to buy: plan, problem, people, timetable, budget, process."""
    return await on_ones_own(do, opportunity_id, DescribePurchase(project=body))


@router.post("/opportunities/{opportunity_id}/diagnosis", dependencies=[SALES])
async def diagnose(opportunity_id: UUID, body: Questionnaire, do: Do) -> Receipt:
    """Answers to every question of the catalogue; they tell the need and the level of awareness."""
    command = DiagnoseNeed(answers=body.answers, at=do.now, by=do.user.login)
    return await on_ones_own(do, opportunity_id, command)


@router.post("/opportunities/{opportunity_id}/need", dependencies=[SALES])
async def confirm(opportunity_id: UUID, body: NeedSeen, do: Do) -> Receipt:
    """The customer confirms the diagnosed need, or corrects it."""
    return await on_ones_own(do, opportunity_id, ConfirmNeed(need=body.need, at=do.now, by=do.user.login))


@router.post("/opportunities/{opportunity_id}/recommendation", dependencies=[SALES])
async def recommend(opportunity_id: UUID, do: Do, body: Choice = Choice()) -> Receipt:
    """Recommend what the catalogue advises for the need, or another of its products."""
    return await on_ones_own(do, opportunity_id, Recommend(product=body.product, at=do.now, by=do.user.login))


@router.post("/opportunities/{opportunity_id}/recommendation/accepted", dependencies=[SALES])
async def accept(opportunity_id: UUID, do: Do) -> Receipt:
    """The customer takes the recommendation."""
    command = AnswerRecommendation(accepted=True, at=do.now, by=do.user.login)
    return await on_ones_own(do, opportunity_id, command)


@router.post("/opportunities/{opportunity_id}/recommendation/rejected", dependencies=[SALES])
async def reject(opportunity_id: UUID, body: Rejection, do: Do) -> Receipt:
    """The customer will not have it."""
    command = AnswerRecommendation(accepted=False, reason=body.reason, at=do.now, by=do.user.login)
    return await on_ones_own(do, opportunity_id, command)

"""Need diagnosis: answers tell a need and a level of awareness, these a recommendation; the customer has
the last word on both."""

from collections.abc import Sequence

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.catalogue import Answer, Catalogue
from keqing_pipeline.opportunity.commands import (
    AnswerRecommendation,
    ConfirmNeed,
    DiagnoseNeed,
    NeedCommand,
    Recommend,
)
from keqing_pipeline.opportunity.facts import (
    NeedConfirmed,
    NeedDiagnosed,
    OpportunityFact,
    RecommendationAccepted,
    RecommendationMade,
    RecommendationRejected,
)
from keqing_pipeline.opportunity.need import Answered, Diagnosis, Reply
from keqing_pipeline.opportunity.stage_change import check_open, reason_given
from keqing_pipeline.opportunity.state import Opportunity
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Words


def diagnose(command: NeedCommand, opportunity: Opportunity, policy: PipelinePolicy) -> list[OpportunityFact]:
    check_open(opportunity)
    catalogue, on, by = policy.catalogue, policy.day_of(command.at), command.by
    if isinstance(command, DiagnoseNeed):
        need, awareness = told_by(command.answers, catalogue)
        return [NeedDiagnosed(answers=command.answers, need=need, awareness=awareness, on=on, by=by)]
    diagnosis = opportunity.diagnosis
    if diagnosis is None:
        raise no.NotDiagnosed("go through the questionnaire with the customer first")
    match command:
        case ConfirmNeed(need=need):
            _check_known("need", need, [one.code for one in catalogue.needs])
            return [NeedConfirmed(need=need, diagnosed=diagnosis.diagnosed, on=on, by=by)]
        case Recommend(product=chosen):
            product = chosen or _advised(diagnosis, catalogue)
            others = [one.code for one in catalogue.products if one.code not in diagnosis.rejected]
            _check_known("product", product, [one.code for one in catalogue.products])
            if product in diagnosis.rejected:
                raise no.RejectedAlready(
                    "choose another product: {others}; or diagnose anew", field="product", others=others
                )
            return [
                RecommendationMade(
                    product=product, need=diagnosis.need, awareness=diagnosis.awareness, on=on, by=by
                )
            ]
        case AnswerRecommendation(accepted=accepted, reason=reason):
            product = _awaiting(diagnosis)
            if accepted:
                return [RecommendationAccepted(product=product, on=on, by=by)]
            why = reason_given(reason, Words("say why the customer will not have it"))
            return [RecommendationRejected(product=product, reason=why, on=on, by=by)]


def told_by(answers: Sequence[Answered], catalogue: Catalogue) -> tuple[str, str]:
    """The need most answers point to, of several the one listed first; and the highest level of awareness
    that the points reach."""
    given = {one.question: one.answer for one in answers}
    if len(given) < len(answers):
        raise no.AnsweredTwice("give one answer to each question", field="answers")
    asked = {question.code: question for question in catalogue.questions}
    for code in given:
        _check_known("answers", code, list(asked))
    if missing := [code for code in asked if code not in given]:
        raise no.AnswersMissing("answer these as well: {missing}", field="answers", missing=missing)
    chosen: list[Answer] = []
    for code, question in asked.items():
        offered = {answer.code: answer for answer in question.answers}
        _check_known("answers", given[code], list(offered))
        chosen.append(offered[given[code]])
    votes = [answer.points_to for answer in chosen]
    points = sum(answer.awareness for answer in chosen)
    need = max(catalogue.needs, key=lambda need: votes.count(need.code))
    level = [level for level in catalogue.awareness if level.from_points <= points][-1]
    return need.code, level.code


def _advised(diagnosis: Diagnosis, catalogue: Catalogue) -> str:
    advice = catalogue.advise(diagnosis.need, diagnosis.awareness)
    if advice is None:
        raise no.NotDiagnosed("the catalogue is another by now: diagnose anew")
    return advice.product


def _awaiting(diagnosis: Diagnosis) -> str:
    if diagnosis.recommended is None or diagnosis.reply is not Reply.AWAITED:
        raise no.NothingRecommended("recommend a product first")
    return diagnosis.recommended


def _check_known(field: str, code: str, known: list[str]) -> None:
    if code not in known:
        raise no.NotInCatalogue("{code} is none of: {known}", field=field, code=code, known=known)

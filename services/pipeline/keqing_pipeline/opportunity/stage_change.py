"""Changes of stage: up with evidence, down with a reason."""

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import ChangeStage
from keqing_pipeline.opportunity.facts import OpportunityFact, StageAdvanced, StageReceded
from keqing_pipeline.opportunity.stage import Outcome, Stage, is_shown, showing
from keqing_pipeline.opportunity.state import Opportunity
from keqing_pipeline.opportunity.touch import next_touch
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Words

_QUESTIONS = {
    "can_meet_need": Words("can we meet the need"),
    "returns_enough": Words("will they return enough"),
    "stronger_than_rivals": Words("are we stronger than rivals"),
}


def change_stage(
    command: ChangeStage, opportunity: Opportunity, policy: PipelinePolicy
) -> list[OpportunityFact]:
    check_open(opportunity)
    before, after = opportunity.stage, command.to
    if after is before:
        return []
    on = policy.day_of(command.at)
    last_on = opportunity.last_contact_on or on
    due = next_touch(policy, after, last_on, opportunity.promised_on)
    if after.rank < before.rank:
        reason = reason_given(command.reason, Words("say why the customer has moved away from a yes"))
        return [
            StageReceded(
                before=before, after=after, on=on, owner=opportunity.owner, reason=reason, next_touch_on=due
            )
        ]
    if not is_shown(after, opportunity.signals):
        missing = list(showing(after))
        if opportunity.evidence_from is not None:
            raise no.EvidenceMissing(
                "log a call or visit of {since} or later, when the stage last changed, that shows one of:"
                " {missing}",
                field="to",
                since=opportunity.evidence_from.isoformat(),
                missing=missing,
            )
        raise no.EvidenceMissing(
            "log a call or visit that shows one of: {missing}", field="to", missing=missing
        )
    return [
        StageAdvanced(
            before=before,
            after=after,
            on=on,
            owner=opportunity.owner,
            evidence=tuple(signal for signal in opportunity.signals if signal in showing(after)),
            next_touch_on=due,
            assessment_overridden=_assessment_overridden(command, before, policy),
            reason=command.reason,
        )
    ]


def _assessment_overridden(command: ChangeStage, before: Stage, policy: PipelinePolicy) -> bool:
    blocked_from = policy.assessed_from_stage.rank
    objections = command.assessment.objections()
    if not objections or not before.rank < blocked_from <= command.to.rank:
        return False
    if not command.override_assessment:
        raise no.AssessmentSaysNo(
            "answered with no: {questions}; a manager may send override_assessment with a reason",
            objections=list(objections),
            questions=[_QUESTIONS[one] for one in objections],
        )
    if not command.may_override:
        raise no.OverrideNotAllowed("have a sales manager send it")
    reason_given(command.reason, Words("say why the assessment does not hold"))
    return True


def check_open(opportunity: Opportunity) -> None:
    if opportunity.outcome is not Outcome.OPEN:
        raise no.AlreadyDecided("it is {outcome}; reopen it first", outcome=opportunity.outcome)


def reason_given(given: str | None, ask: Words) -> str:
    if given is None or not given.strip():
        raise no.ReasonMissing(ask, field="reason")
    return given

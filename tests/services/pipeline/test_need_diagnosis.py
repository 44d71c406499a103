"""Need diagnosis: what answers tell, what is recommended for it, and the customer's word on both."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.catalogue import Catalogue
from keqing_pipeline.opportunity.commands import (
    AnswerRecommendation,
    ConfirmNeed,
    DescribePurchase,
    DiagnoseNeed,
    Recommend,
)
from keqing_pipeline.opportunity.default_catalogue import DEFAULT_CATALOGUE
from keqing_pipeline.opportunity.diagnosis import told_by
from keqing_pipeline.opportunity.facts import (
    DealLost,
    NeedConfirmed,
    NeedDiagnosed,
    PurchaseProjectDescribed,
    RecommendationAccepted,
    RecommendationMade,
    RecommendationRejected,
)
from keqing_pipeline.opportunity.need import Answered
from keqing_pipeline.opportunity.purchase import Milestone, PurchaseProject
from keqing_shared.domain import Money
from tests.services.pipeline.history import OPENED, at, having

ON = date(2026, 3, 3)
GIVEN = {
    "found-by": "salespeople",  # enquiries
    "worry": "few-enquiries",  # enquiries
    "growth": "old-customers",  # returning
    "who-looks-after": "somebody",  # 1 point
    "watches": "enquiries-too",  # 1 point
}


def answers(**other: str) -> tuple[Answered, ...]:
    given = GIVEN | {code.replace("_", "-"): answer for code, answer in other.items()}
    return tuple(Answered(question=code, answer=answer) for code, answer in given.items())


DIAGNOSED = NeedDiagnosed(answers=answers(), need="enquiries", awareness="user", on=ON, by="li.wei")
MADE = RecommendationMade(product="search-presence", need="enquiries", awareness="user", on=ON, by="li.wei")
REJECTED = RecommendationRejected(product="search-presence", reason="太贵", on=ON, by="li.wei")
WHO: dict[str, Any] = {"at": at(3), "by": "li.wei"}


def test_the_answers_tell_the_need_most_of_them_point_to_and_the_level_their_points_reach() -> None:
    having(OPENED).when(DiagnoseNeed(answers=answers(), **WHO)).then(DIAGNOSED)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"watches": "sales-only"}, ("enquiries", "newcomer")),  # 1 point: user begins at 2
        ({"who_looks_after": "team", "watches": "by-channel"}, ("enquiries", "expert")),  # 5 points
        ({"found_by": "online", "who_looks_after": "nobody"}, ("enquiries", "user")),  # 1 to 1 to 1, 3 points
        ({"found_by": "online", "worry": "few-orders"}, ("orders", "user")),
        ({"found_by": "word-of-mouth", "growth": "new-markets"}, ("visibility", "user")),
    ],
)
def test_other_answers_tell_otherwise(other: dict[str, str], told: tuple[str, str]) -> None:
    assert told_by(answers(**other), DEFAULT_CATALOGUE) == told


def test_of_needs_equally_pointed_to_the_one_listed_first_counts() -> None:
    tie = answers(worry="unknown", growth="old-customers", found_by="salespeople")
    assert told_by(tie, DEFAULT_CATALOGUE)[0] == "visibility"


def test_the_questionnaire_is_answered_whole() -> None:
    having(OPENED).when(DiagnoseNeed(answers=answers()[:3], **WHO)).refused(
        no.AnswersMissing, missing=["who-looks-after", "watches"]
    )


def test_a_question_is_answered_once_and_from_what_is_offered() -> None:
    twice = (*answers(), Answered(question="worry", answer="unknown"))
    having(OPENED).when(DiagnoseNeed(answers=twice, **WHO)).refused(no.AnsweredTwice, field="answers")
    having(OPENED).when(DiagnoseNeed(answers=answers(worry="weather"), **WHO)).refused(
        no.NotInCatalogue, code="weather", known=["unknown", "few-enquiries", "few-orders", "few-return"]
    )
    having(OPENED).when(DiagnoseNeed(answers=answers(sign="leo"), **WHO)).refused(
        no.NotInCatalogue, code="sign"
    )


def test_the_customer_confirms_or_corrects_the_need() -> None:
    having(OPENED, DIAGNOSED).when(ConfirmNeed(need="enquiries", **WHO)).then(
        NeedConfirmed(need="enquiries", diagnosed="enquiries", on=ON, by="li.wei")
    )
    corrected = NeedConfirmed(need="orders", diagnosed="enquiries", on=ON, by="li.wei")
    having(OPENED, DIAGNOSED).when(ConfirmNeed(need="orders", **WHO)).then(corrected)
    having(OPENED, DIAGNOSED, corrected).when(Recommend(**WHO)).then(
        RecommendationMade(product="sales-desk", need="orders", awareness="user", on=ON, by="li.wei")
    )
    having(OPENED, DIAGNOSED).when(ConfirmNeed(need="fame", **WHO)).refused(no.NotInCatalogue, field="need")


def test_the_catalogue_recommends_for_need_and_awareness() -> None:
    having(OPENED, DIAGNOSED).when(Recommend(**WHO)).then(MADE)


def test_without_a_diagnosis_nothing_is_confirmed_or_recommended() -> None:
    for command in (ConfirmNeed(need="orders", **WHO), Recommend(**WHO)):
        having(OPENED).when(command).refused(no.NotDiagnosed)


def test_a_recommendation_is_accepted_once() -> None:
    yes = AnswerRecommendation(accepted=True, **WHO)
    accepted = RecommendationAccepted(product="search-presence", on=ON, by="li.wei")
    having(OPENED, DIAGNOSED).when(yes).refused(no.NothingRecommended)
    having(OPENED, DIAGNOSED, MADE).when(yes).then(accepted)
    having(OPENED, DIAGNOSED, MADE, accepted).when(yes).refused(no.NothingRecommended)


def test_a_rejection_says_why_and_leads_to_another_product() -> None:
    history = (OPENED, DIAGNOSED, MADE)
    having(*history).when(AnswerRecommendation(accepted=False, **WHO)).refused(no.ReasonMissing)
    having(*history).when(AnswerRecommendation(accepted=False, reason="太贵", **WHO)).then(REJECTED)
    again = having(*history, REJECTED).when(Recommend(**WHO))
    again.refused(no.RejectedAlready, others=["shop-window", "sales-desk", "customer-club"])
    having(*history, REJECTED).when(Recommend(product="shop-window", **WHO)).then(
        RecommendationMade(product="shop-window", need="enquiries", awareness="user", on=ON, by="li.wei")
    )
    having(*history).when(Recommend(product="moon", **WHO)).refused(no.NotInCatalogue, field="product")


def test_a_new_diagnosis_begins_anew() -> None:
    history = (OPENED, DIAGNOSED, MADE, REJECTED, DIAGNOSED)
    having(*history).when(Recommend(**WHO)).then(MADE)


def test_what_is_decided_is_not_diagnosed() -> None:
    lost = DealLost(owner="li.wei", reason="price", lost_on=ON)
    having(OPENED, lost).when(DiagnoseNeed(answers=answers(), **WHO)).refused(no.AlreadyDecided)


def broken(change: Callable[[Catalogue], dict[str, Any]]) -> str:
    """What is wrong with the default catalogue once changed so."""
    read = TypeAdapter(Catalogue)
    whole = read.dump_python(DEFAULT_CATALOGUE, mode="json")
    assert read.validate_python(whole) == DEFAULT_CATALOGUE
    changed = read.dump_python(replace(DEFAULT_CATALOGUE, **change(DEFAULT_CATALOGUE)), mode="json")
    with pytest.raises(ValidationError) as refused:
        read.validate_python(changed)
    return str(refused.value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda it: {"advice": it.advice[1:]}, "give one advice for each need"),
        (lambda it: {"advice": (*it.advice, it.advice[0])}, "give one advice for each need"),
        (lambda it: {"needs": (*it.needs, it.needs[0])}, "give each a code of its own: visibility"),
        (lambda it: {"products": it.products[1:]}, "list these among the products: shop-window"),
        (lambda it: {"awareness": it.awareness[::-1]}, "begin at 0 points and ascend"),
        (
            lambda it: {
                "needs": it.needs[1:],
                "advice": tuple(one for one in it.advice if one.need != it.needs[0].code),
            },
            "word-of-mouth points to visibility: list it among the needs",
        ),
    ],
)
def test_a_catalogue_is_judged_as_a_whole(
    change: Callable[[Catalogue], dict[str, Any]], complaint: str
) -> None:
    assert complaint in broken(change)


def test_a_purchase_project_is_described_as_a_whole() -> None:
    project = PurchaseProject(
        plan="换系统",
        problem="订单错漏",
        deciders=("王总",),
        influencers=("李工", "采购小张"),
        timetable=(Milestone(on=date(2026, 4, 1), what="招标"),),
        budget=Money(amount=80000),  # type: ignore[arg-type]
        process="先试用，再招标，董事会签字",
    )
    having(OPENED).when(DescribePurchase(project=project)).then(PurchaseProjectDescribed(project=project))
    poor = PurchaseProject(budget=Money(amount=-1))  # type: ignore[arg-type]
    having(OPENED).when(DescribePurchase(project=poor)).refused(no.AmountNegative, field="budget")

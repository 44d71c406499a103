"""People: enrolled, amended, gone; and who is under whom."""

from dataclasses import replace

from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.user import (
    USER,
    AmendUser,
    DeactivateUser,
    EnrolUser,
    ImportUser,
    Language,
    LoginTaken,
    ManagerCycle,
    ManagerUnknown,
    Profile,
    Role,
    UserAmended,
    UserDeactivated,
    UserEnrolled,
    UserFact,
    UserUnknown,
    user_id,
)
from keqing_shared.testing import Given, given

LI = Profile(name="李伟", roles=(Role.REP,), team="华北", manager="zhou.hong", language=Language.ZH)
ENROLLED = UserEnrolled(login="li.wei", profile=LI)


def having(*facts: UserFact) -> Given:
    return given(USER, *facts, policy=PipelinePolicy())


def test_somebody_is_enrolled_under_an_enrolled_manager() -> None:
    having().when(EnrolUser(login="li.wei", profile=LI, superiors=("zhou.hong",))).then(ENROLLED)


def test_somebody_without_a_manager_is_enrolled() -> None:
    boss = Profile(name="周红", roles=(Role.SALES_MANAGER, Role.ADMIN))
    having().when(EnrolUser(login="zhou.hong", profile=boss)).then(
        UserEnrolled(login="zhou.hong", profile=boss)
    )


def test_a_login_is_given_once() -> None:
    having(ENROLLED).when(EnrolUser(login="li.wei", profile=LI, superiors=("zhou.hong",))).refused(LoginTaken)


def test_an_unknown_manager_is_refused() -> None:
    having().when(EnrolUser(login="li.wei", profile=LI)).refused(ManagerUnknown, field="manager")


def test_nobody_is_their_own_superior() -> None:
    alone = replace(LI, manager="li.wei")
    having().when(EnrolUser(login="li.wei", profile=alone)).refused(ManagerCycle)
    having(ENROLLED).when(AmendUser(profile=LI, superiors=("zhou.hong", "wu.jun", "li.wei"))).refused(
        ManagerCycle, field="manager"
    )


def test_amending_says_only_what_changed() -> None:
    promoted = replace(LI, roles=(Role.REP, Role.SALES_MANAGER))
    having(ENROLLED).when(AmendUser(profile=promoted, superiors=("zhou.hong",))).then(
        UserAmended(login="li.wei", profile=promoted)
    )
    having(ENROLLED).when(AmendUser(profile=LI, superiors=("zhou.hong",))).then()


def test_somebody_leaves_once_and_may_return() -> None:
    gone = UserDeactivated(login="li.wei", profile=LI)
    having(ENROLLED).when(DeactivateUser()).then(gone)
    having(ENROLLED, gone).when(DeactivateUser()).then()
    tried = having(ENROLLED, gone).when(AmendUser(profile=LI, superiors=("zhou.hong",)))
    tried.then(UserAmended(login="li.wei", profile=LI))
    assert tried.state().active


def test_a_row_enrols_then_amends_then_says_nothing() -> None:
    row = ImportUser(login="li.wei", profile=LI, superiors=("zhou.hong",))
    having().when(row).then(ENROLLED)
    having(ENROLLED).when(row).then()
    moved = replace(LI, team="华东")
    having(ENROLLED).when(ImportUser(login="li.wei", profile=moved, superiors=("zhou.hong",))).then(
        UserAmended(login="li.wei", profile=moved)
    )


def test_the_unknown_are_neither_amended_nor_sent_away() -> None:
    having().when(AmendUser(profile=LI, superiors=("zhou.hong",))).refused(UserUnknown)
    having().when(DeactivateUser()).refused(UserUnknown)


def test_one_login_one_stream() -> None:
    assert user_id("li.wei") == user_id("li.wei") != user_id("li.wei2")

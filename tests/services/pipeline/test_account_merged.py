"""Two accounts of one customer: which class, and which key account, stands while their files are one."""

from datetime import date
from uuid import UUID

from keqing_pipeline.account import refusals as no
from keqing_pipeline.account.commands import (
    EndKeyAccount,
    GiveClassBack,
    NameKeyAccount,
    RestoreKeyAccount,
    TakeClassOver,
    TakeKeyAccountOver,
)
from keqing_pipeline.account.facts import (
    AccountClassed,
    ClassGivenBack,
    ClassTakenOver,
    KeyAccountEnded,
    KeyAccountRestored,
    KeyAccountTakenOver,
)
from keqing_pipeline.account.values import AbcClass, KeyEnd, KeyStanding
from keqing_pipeline.customer.man import Known

from .account_stream import ABOUT, AGREED, CLASS_A, NAMED, PLAN, THING, TODAY, account, appraised

OTHER = UUID(int=3)


def test_the_better_class_is_taken_over_and_given_back_unless_one_was_computed_meanwhile() -> None:
    taking = TakeClassOver(**ABOUT, merged=OTHER, abc=AbcClass.A)
    giving = GiveClassBack(**ABOUT, merged=OTHER)
    class_b = AccountClassed(abc=AbcClass.B, as_of=TODAY)
    for before, known in (([], None), ([class_b], AbcClass.B)):
        taken = ClassTakenOver(merged=OTHER, abc=AbcClass.A, on=TODAY, previous=known)
        account(*before).when(taking).then(taken)
        back = account(*before, taken).when(giving)
        back.then(ClassGivenBack(previous=AbcClass.A, abc=known, on=TODAY))
        assert back.state().abc is known
        account(*before, taken).when(GiveClassBack(**ABOUT, merged=THING)).then()
        computed = AccountClassed(abc=AbcClass.C, as_of=TODAY, previous=AbcClass.A)
        account(*before, taken, computed).when(giving).then()
    account(CLASS_A).when(taking).then()
    account(CLASS_A).when(TakeClassOver(**ABOUT, merged=OTHER, abc=AbcClass.B)).then()


STANDING = KeyStanding(since=TODAY, plan=PLAN, review_due_on=date(2026, 6, 1))


def test_a_key_account_is_taken_over_with_its_plan_and_goes_back_as_it_is_by_then() -> None:
    taking = TakeKeyAccountOver(**ABOUT, merged=OTHER, standing=STANDING)
    taken = KeyAccountTakenOver(merged=OTHER, standing=STANDING, on=TODAY)
    tried = account(CLASS_A).when(taking)
    tried.then(taken)
    assert (tried.state().key, tried.state().key_came_with) == (STANDING, OTHER)
    account(CLASS_A, NAMED).when(taking).then()
    parted = KeyAccountEnded(on=TODAY, because=KeyEnd.PARTED)
    account(CLASS_A, taken).when(EndKeyAccount(**ABOUT, because=KeyEnd.PARTED)).then(parted)
    passed_on = KeyAccountEnded(on=TODAY, because=KeyEnd.TAKEN_OVER)
    restoring = RestoreKeyAccount(**ABOUT, standing=STANDING)
    restored = KeyAccountRestored(standing=STANDING, on=TODAY)
    back = account(CLASS_A, NAMED, passed_on).when(restoring)
    back.then(restored)
    assert back.state().key == STANDING


def test_a_key_account_that_becomes_part_of_another_rests_with_its_plan() -> None:
    merged = account(CLASS_A, NAMED, AGREED).when(EndKeyAccount(**ABOUT, because=KeyEnd.MERGED))
    assert (merged.state().key, merged.state().key_rests) == (None, STANDING)
    by_hand = account(CLASS_A, NAMED, AGREED).when(EndKeyAccount(**ABOUT, reason="不做了"))
    assert by_hand.state().key_rests is None


def test_of_several_files_an_appraisal_of_any_will_do() -> None:
    naming = NameKeyAccount(**ABOUT, purchases=3, appraisal=appraised().appraisal)
    account(CLASS_A).when(naming).then(NAMED)
    account(CLASS_A, appraised(profitable=Known.NO)).when(naming).refused(no.Unprofitable)

"""Two files of one customer: one becomes part of the other, and can be parted from it again."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import reduce
from uuid import UUID

from hypothesis import given as sampled
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct

from keqing_pipeline.customer import refusals as no
from keqing_pipeline.customer.commands import (
    AbsorbCustomer,
    AmendCustomer,
    ImportCustomer,
    MergeCustomer,
    ReassignCustomer,
    ReleaseCustomer,
    TakeAlong,
    UndoMerge,
)
from keqing_pipeline.customer.erasure import CustomerErased, EraseCustomer, PartsNotErased
from keqing_pipeline.customer.facts import (
    CustomerAbsorbed,
    CustomerAmended,
    CustomerFact,
    CustomerMerged,
    CustomerRegistered,
    CustomerReleased,
    Follower,
    MergeUndone,
    TakenAlong,
)
from keqing_pipeline.customer.file import CustomerFile, Kind
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.state import Customer
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import CustomerIsErased, ExternalReference, MergedAway
from keqing_shared.testing import Given, given

GONE, KEPT, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
POLICY = PipelinePolicy()
TODAY = date(2026, 3, 2)
CRM, ERP = ExternalReference(system="crm", id="1"), ExternalReference(system="erp", id="2")
ONE = CustomerFile(
    kind=Kind.ENTERPRISE, name="远山科技", phones=("+8613800138000", "+8613800138001"), external=(CRM,)
)
OTHER = CustomerFile(kind=Kind.ENTERPRISE, name="北京远山", phones=("+8613800138001",), external=(ERP,))
FOLLOWERS = (Follower(kind="opportunity", id=UUID(int=8)), Follower(kind="contact", id=UUID(int=9)))


def registered(file: CustomerFile) -> CustomerRegistered:
    return CustomerRegistered(kind=file.kind, name=file.name, owner="li.wei", details=file.details())


def having(*facts: CustomerFact) -> Given:
    return given(CUSTOMER, *facts, policy=POLICY)


MERGING = MergeCustomer(customer_id=GONE, into=KEPT, reason="同一家")
MERGED = CustomerMerged(into=KEPT, reason="同一家")
ABSORBING = AbsorbCustomer(merged=GONE, file=ONE, followers=FOLLOWERS)


def test_a_file_becomes_part_of_another_and_stays_as_it_was() -> None:
    tried = having(registered(ONE)).when(MERGING)
    tried.then(MERGED)
    assert (tried.state().file, tried.state().merged_into) == (ONE, KEPT)


def test_the_other_takes_over_the_phones_and_references_that_it_did_not_have() -> None:
    whole = replace(OTHER, phones=("+8613800138001", "+8613800138000"), external=(ERP, CRM))
    having(registered(OTHER)).when(ABSORBING).then(
        CustomerAbsorbed(merged=GONE, phones=("+8613800138000",), external=(CRM,), followers=FOLLOWERS),
        CustomerAmended(
            kind=Kind.ENTERPRISE,
            name="北京远山",
            owner="li.wei",
            details=whole.details(),
            changed=("phones", "external"),
        ),
    )


def test_whoever_asks_anything_of_a_merged_file_is_told_where_it_is() -> None:
    for command in (
        AmendCustomer(file=ONE, today=TODAY),
        ReassignCustomer(owner="zhao.min", reason="x"),
        ImportCustomer(file=ONE, owner="li.wei", today=TODAY),
        AbsorbCustomer(merged=THIRD, file=OTHER),
        MergeCustomer(customer_id=GONE, into=THIRD, reason="x"),
    ):
        having(registered(ONE), MERGED).when(command).refused(MergedAway, survivor=str(KEPT))


def test_a_file_is_not_merged_with_itself_nor_a_person_with_a_firm() -> None:
    itself = MergeCustomer(customer_id=GONE, into=GONE, reason="x")
    having(registered(ONE)).when(itself).refused(no.MergedWithItself, field="into")
    person = AbsorbCustomer(merged=GONE, file=CustomerFile(kind=Kind.INDIVIDUAL, name="王丽"))
    having(registered(OTHER)).when(person).refused(no.KindsDiffer)


def test_a_file_does_not_take_more_than_it_can_hold() -> None:
    nine = replace(ONE, phones=tuple(f"+861380013801{n}" for n in range(9)))
    full = replace(OTHER, phones=("+8613800138001", "+8613800138002"))
    having(registered(full)).when(AbsorbCustomer(merged=GONE, file=nine)).refused(
        no.FileTooFull, field="phones", most=10
    )


def test_undoing_says_both_files_as_they_are_again() -> None:
    having(registered(ONE), MERGED).when(UndoMerge(reason="看错了")).then(
        MergeUndone(out_of=KEPT, reason="看错了"),
        CustomerAmended(
            kind=Kind.ENTERPRISE, name="远山科技", owner="li.wei", details=ONE.details(), changed=()
        ),
    )
    absorbed = having(registered(OTHER)).when(ABSORBING)
    released = having(registered(OTHER), *absorbed.outcome()).when(ReleaseCustomer(merged=GONE))
    assert [type(fact) for fact in released.outcome()] == [CustomerReleased, CustomerAmended]
    assert (released.state().file, released.state().absorbed) == (OTHER, ())
    assert absorbed.state().followers_of(GONE) == FOLLOWERS


def test_what_was_not_merged_is_not_parted() -> None:
    having(registered(ONE)).when(UndoMerge(reason="x")).refused(no.NotMerged)
    having(registered(OTHER)).when(ReleaseCustomer(merged=GONE)).refused(no.NotMerged)


def test_a_part_is_erased_by_itself_and_the_whole_only_after_its_parts() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    erased = CustomerErased(reason="by letter", at=at, by="root")
    alone = EraseCustomer(reason="by letter", at=at, by="root")
    having(registered(ONE), MERGED).when(alone).then(erased)
    having(registered(OTHER)).when(replace_struct(alone, parts=(GONE,))).refused(
        PartsNotErased, parts=[str(GONE)]
    )
    having(registered(ONE), erased).when(MERGING).refused(CustomerIsErased)


def test_a_merge_is_undone_only_once_the_later_merge_of_the_other_is() -> None:
    history = having(registered(OTHER)).when(ABSORBING).outcome()
    merged_too = CustomerMerged(into=THIRD, reason="x")
    having(registered(OTHER), *history, merged_too).when(ReleaseCustomer(merged=GONE)).refused(
        MergedAway, survivor=str(THIRD)
    )


def test_what_was_left_behind_is_taken_along_once_also_by_a_file_that_is_part_of_another() -> None:
    late = (Follower(kind="contact", id=UUID(int=10)),)
    history = having(registered(OTHER)).when(ABSORBING).outcome()
    taking = TakeAlong(merged=GONE, followers=late)
    taken = TakenAlong(merged=GONE, followers=late)
    tried = having(registered(OTHER), *history).when(taking)
    tried.then(taken)
    assert tried.state().followers_of(GONE) == (*FOLLOWERS, *late)
    having(registered(OTHER), *history, taken).when(taking).then()
    having(registered(OTHER), *history, CustomerMerged(into=THIRD, reason="x")).when(taking).then(taken)
    having(registered(OTHER)).when(taking).refused(no.NotMerged)


NUMBERS = [f"+861380013800{n}" for n in range(5)]
PHONES = st.lists(st.sampled_from(NUMBERS), unique=True, max_size=5).map(tuple)


def files(system: str) -> st.SearchStrategy[CustomerFile]:
    references = st.lists(st.integers(0, 4), unique=True, max_size=5).map(
        lambda ids: tuple(ExternalReference(system=system, id=str(id)) for id in ids)
    )
    return st.builds(
        CustomerFile, kind=st.just(Kind.ENTERPRISE), name=st.just(system), phones=PHONES, external=references
    )


@settings(max_examples=200, deadline=None)
@sampled(files("one"), files("other"))
def test_merging_and_undoing_restores_both_files(one: CustomerFile, other: CustomerFile) -> None:
    gone, kept = having(registered(one)).when(MERGING), having(registered(other))
    absorbed = kept.when(AbsorbCustomer(merged=GONE, file=one, followers=FOLLOWERS))
    whole = absorbed.state()
    assert set(whole.details.phones) == {*one.phones, *other.phones}
    assert set(whole.details.external) == {*one.external, *other.external}
    assert len(set(whole.details.phones)) == len(whole.details.phones)
    undone = having(registered(one), *gone.outcome()).when(UndoMerge(reason="x")).state()
    parted = having(registered(other), *absorbed.outcome()).when(ReleaseCustomer(merged=GONE)).state()
    assert (undone, parted) == (state_of(one), state_of(other))


def state_of(file: CustomerFile) -> Customer | None:
    return reduce(CUSTOMER.evolve, [registered(file)], None)

"""A customer's life: registered, amended, passed on, imported again."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import msgspec

from keqing_pipeline.customer.amending import row_digest
from keqing_pipeline.customer.commands import (
    AddExternalReference,
    AmendCustomer,
    CorrectCustomer,
    ImportCustomer,
    ReassignCustomer,
    RegisterCustomer,
)
from keqing_pipeline.customer.facts import (
    CustomerAmended,
    CustomerFact,
    CustomerRegistered,
    OwnerChanged,
)
from keqing_pipeline.customer.file import (
    Assessment,
    Basics,
    CustomerFile,
    EnterpriseSections,
    FoundedInFuture,
    IndividualSections,
    Kind,
    LeadSource,
    SectionsMismatch,
    Traits,
)
from keqing_pipeline.customer.man import Known
from keqing_pipeline.customer.refusals import AlreadyRegistered, CustomerUnknown, KindFixed, ReasonMissing
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import ExternalReference
from keqing_shared.testing import Given, given

YUANSHAN = CustomerFile(
    kind=Kind.ENTERPRISE,
    name="远山科技有限公司",
    phones=("+8613800138000",),
    source=LeadSource.TRADE_SHOW,
    enterprise=EnterpriseSections(traits=Traits(region="华北", employees=120)),
    external=(ExternalReference(system="crm", id="77"),),
)
WANG = CustomerFile(kind=Kind.INDIVIDUAL, name="王丽", individual=IndividualSections(education="硕士"))
TODAY = date(2026, 3, 2)
REGISTERED = CustomerRegistered(
    kind=Kind.ENTERPRISE, name="远山科技有限公司", owner="li.wei", details=YUANSHAN.details()
)


def having(*facts: CustomerFact) -> Given:
    return given(CUSTOMER, *facts, policy=PipelinePolicy())


def test_an_enterprise_is_registered_with_its_owner() -> None:
    having().when(RegisterCustomer(file=YUANSHAN, owner="li.wei", today=TODAY)).then(REGISTERED)


def test_an_individuals_name_is_personal() -> None:
    having().when(RegisterCustomer(file=WANG, owner="li.wei", today=TODAY)).then(
        CustomerRegistered(kind=Kind.INDIVIDUAL, person_name="王丽", owner="li.wei", details=WANG.details())
    )


def test_a_resembling_customer_is_registered_with_the_reason_why_it_is_another() -> None:
    other = UUID(int=7)
    command = RegisterCustomer(
        file=WANG, owner="li.wei", distinct_because="another Wang", resembles=(other,), today=TODAY
    )
    [fact] = having().when(command).outcome()
    assert (fact.distinct_because, fact.resembles) == ("another Wang", (other,))


def test_nobody_is_registered_twice_under_one_id() -> None:
    having(REGISTERED).when(RegisterCustomer(file=YUANSHAN, owner="li.wei", today=TODAY)).refused(
        AlreadyRegistered
    )


def test_sections_of_the_other_kind_are_refused() -> None:
    wrong = replace(YUANSHAN, individual=IndividualSections())
    having().when(RegisterCustomer(file=wrong, owner="li.wei", today=TODAY)).refused(
        SectionsMismatch, field="individual"
    )
    wrong = replace(WANG, enterprise=EnterpriseSections())
    having().when(RegisterCustomer(file=wrong, owner="li.wei", today=TODAY)).refused(
        SectionsMismatch, field="enterprise"
    )


def test_amending_names_the_members_that_changed() -> None:
    amended = replace(
        YUANSHAN, name="远山智能有限公司", assessment=Assessment(returns_enough=Known.NO), phones=()
    )
    having(REGISTERED).when(AmendCustomer(file=amended, today=TODAY)).then(
        CustomerAmended(
            kind=Kind.ENTERPRISE,
            owner="li.wei",
            name="远山智能有限公司",
            details=amended.details(),
            changed=("phones", "assessment", "name"),
        )
    )


def test_amending_nothing_says_nothing() -> None:
    having(REGISTERED).when(AmendCustomer(file=YUANSHAN, today=TODAY)).then()


def test_the_kind_stays_what_it_was() -> None:
    having(REGISTERED).when(AmendCustomer(file=WANG, today=TODAY)).refused(KindFixed, field="kind")


def test_what_is_amended_shows_in_the_file() -> None:
    amended = replace(YUANSHAN, note="喜欢上午来访")
    assert having(REGISTERED).when(AmendCustomer(file=amended, today=TODAY)).state().file == amended


def test_a_customer_changes_hands_for_a_reason() -> None:
    having(REGISTERED).when(ReassignCustomer(owner="zhao.min", reason="new region")).then(
        OwnerChanged(owner="zhao.min", previous="li.wei", reason="new region")
    )
    having(REGISTERED).when(ReassignCustomer(owner="zhao.min", reason=" ")).refused(ReasonMissing)
    having(REGISTERED).when(ReassignCustomer(owner="li.wei", reason="none")).then()


def test_an_external_reference_is_added_once() -> None:
    erp = ExternalReference(system="erp", id="A-1")
    details = replace(YUANSHAN.details(), external=(*YUANSHAN.external, erp))
    added = CustomerAmended(
        kind=Kind.ENTERPRISE,
        owner="li.wei",
        name="远山科技有限公司",
        details=details,
        changed=("external",),
    )
    having(REGISTERED).when(AddExternalReference(reference=erp)).then(added)
    having(REGISTERED, added).when(AddExternalReference(reference=erp)).then()


def founded(on: date) -> CustomerFile:
    return replace(YUANSHAN, enterprise=EnterpriseSections(basics=Basics(founded_on=on)))


def test_nobody_is_founded_after_today_however_the_file_comes() -> None:
    today, tomorrow = founded(TODAY), founded(date(2026, 3, 3))
    register = RegisterCustomer(file=today, owner="li.wei", today=TODAY)
    having().when(register).then(msgspec.structs.replace(REGISTERED, details=today.details()))
    for command in (
        RegisterCustomer(file=tomorrow, owner="li.wei", today=TODAY),
        ImportCustomer(file=tomorrow, owner="li.wei", today=TODAY),
    ):
        having().when(command).refused(FoundedInFuture, field="enterprise.basics.founded_on")
    for amending in (
        AmendCustomer(file=tomorrow, today=TODAY),
        ImportCustomer(file=tomorrow, owner="li.wei", today=TODAY),
        CorrectCustomer(file=tomorrow, owner="li.wei", today=TODAY),
    ):
        having(REGISTERED).when(amending).refused(FoundedInFuture, day="2026-03-03")


def test_a_day_of_founding_that_the_file_holds_already_stands_in_no_ones_way() -> None:
    tomorrow = founded(date(2026, 3, 3))
    held = msgspec.structs.replace(REGISTERED, details=tomorrow.details())
    [amended] = having(held).when(AmendCustomer(today=TODAY, file=replace(tomorrow, phones=()))).outcome()
    assert amended.changed == ("phones",)


def test_an_unknown_customer_is_not_found() -> None:
    for command in (
        AmendCustomer(file=YUANSHAN, today=TODAY),
        ReassignCustomer(owner="zhao.min", reason="leave"),
        AddExternalReference(reference=ExternalReference(system="erp", id="A-1")),
    ):
        having().when(command).refused(CustomerUnknown)


def test_an_imported_row_registers_and_unchanged_says_nothing_more() -> None:
    row = ImportCustomer(file=YUANSHAN, owner="li.wei", today=TODAY)
    facts = having().when(row).outcome()
    assert facts == [msgspec.structs.replace(REGISTERED, import_digest=row_digest(YUANSHAN, "li.wei"))]
    having(*facts).when(row).then()


def test_an_unchanged_row_does_not_undo_what_people_amended_since() -> None:
    row = ImportCustomer(file=YUANSHAN, owner="li.wei", today=TODAY)
    history = having().when(row).outcome()
    history += (
        having(*history).when(AmendCustomer(file=replace(YUANSHAN, note="同事推荐"), today=TODAY)).outcome()
    )
    having(*history).when(row).then()


def test_a_changed_row_amends_passes_on_and_keeps_references_added_meanwhile() -> None:
    history = having().when(ImportCustomer(file=YUANSHAN, owner="li.wei", today=TODAY)).outcome()
    erp = ExternalReference(system="erp", id="A-1")
    history += having(*history).when(AddExternalReference(reference=erp)).outcome()
    changed = replace(YUANSHAN, name="远山集团有限公司")
    tried = having(*history).when(ImportCustomer(file=changed, owner="zhao.min", today=TODAY))
    assert [type(fact) for fact in tried.outcome()] == [OwnerChanged, CustomerAmended]
    after = tried.state()
    assert (after.name, after.owner) == ("远山集团有限公司", "zhao.min")
    assert after.details.external == (*YUANSHAN.external, erp)


def test_facts_survive_storage() -> None:
    fact = msgspec.structs.replace(REGISTERED, resembles=(UUID(int=7),))
    assert msgspec.json.decode(msgspec.json.encode(fact), type=CustomerRegistered) == fact

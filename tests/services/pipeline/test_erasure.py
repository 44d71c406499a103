"""An erasure is ordered once, with a reason, and afterwards nothing personal is taken in."""

from datetime import UTC, datetime, timedelta

import pytest

from keqing_pipeline.customer.commands import (
    AddExternalReference,
    AmendCustomer,
    ImportCustomer,
    ReassignCustomer,
)
from keqing_pipeline.customer.erasure import (
    OTHERS,
    ConfirmErasure,
    CustomerErased,
    EraseCustomer,
    ErasureConfirmed,
    ErasureUnreasoned,
)
from keqing_pipeline.customer.facts import CustomerRegistered, OwnerChanged
from keqing_pipeline.customer.file import CustomerFile, Kind, LeadSource
from keqing_pipeline.customer.refusals import CustomerUnknown
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_shared.domain import Command, CustomerIsErased, ExternalReference
from keqing_shared.testing import given

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
TODAY = AT.date()
FILE = CustomerFile(kind=Kind.INDIVIDUAL, name="王丽", source=LeadSource.WALK_IN)
REGISTERED = CustomerRegistered(
    kind=Kind.INDIVIDUAL, owner="li.wei", details=FILE.details(), person_name="王丽"
)
ORDER = EraseCustomer(reason="her letter of 2 March", at=AT, by="admin")
ERASED = CustomerErased(reason="her letter of 2 March", at=AT, by="admin")


def test_an_erasure_is_ordered() -> None:
    given(CUSTOMER, REGISTERED).when(ORDER).then(ERASED)


def test_who_orders_it_again_has_nothing_new_to_say() -> None:
    given(CUSTOMER, REGISTERED, ERASED).when(EraseCustomer(reason="again", at=AT, by="li.wei")).then()


def test_who_has_not_confirmed_after_ten_minutes_can_be_told_again() -> None:
    again = EraseCustomer(reason="again", at=AT + timedelta(minutes=10), by="li.wei")
    told = CustomerErased(reason="again", at=again.at, by="li.wei")
    confirmed = [ErasureConfirmed(context=context, at=AT) for context in OTHERS]
    given(CUSTOMER, REGISTERED, ERASED, *confirmed[1:]).when(again).then(told)
    given(CUSTOMER, REGISTERED, ERASED, told, *confirmed[1:]).when(again).then()
    given(CUSTOMER, REGISTERED, ERASED, *confirmed).when(again).then()


def test_it_has_a_reason() -> None:
    given(CUSTOMER, REGISTERED).when(EraseCustomer(reason=" ", at=AT, by="admin")).refused(
        ErasureUnreasoned, field="reason"
    )


def test_nobody_unknown_is_erased() -> None:
    given(CUSTOMER).when(ORDER).refused(CustomerUnknown)


def test_each_context_confirms_once() -> None:
    confirmation = ConfirmErasure(context="notify", at=AT)
    given(CUSTOMER, REGISTERED, ERASED).when(confirmation).then(ErasureConfirmed(context="notify", at=AT))
    given(CUSTOMER, REGISTERED, ERASED, ErasureConfirmed(context="notify", at=AT)).when(confirmation).then()
    given(CUSTOMER, REGISTERED).when(confirmation).then()


@pytest.mark.parametrize(
    "command",
    [
        AmendCustomer(file=FILE, today=TODAY),
        AddExternalReference(reference=ExternalReference(system="crm", id="77")),
        ImportCustomer(file=FILE, owner="li.wei", today=TODAY),
    ],
)
def test_the_file_of_who_was_erased_takes_in_nothing_more(command: Command) -> None:
    given(CUSTOMER, REGISTERED, ERASED).when(command).refused(CustomerIsErased)


def test_somebody_goes_on_answering_for_who_was_erased() -> None:
    given(CUSTOMER, REGISTERED, ERASED).when(ReassignCustomer(owner="sun.li", reason="li.wei leaves")).then(
        OwnerChanged(owner="sun.li", previous="li.wei", reason="li.wei leaves")
    )

"""Complaints of the time before: they keep their dates, and the same row twice is one complaint."""

from datetime import date
from uuid import UUID

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.commands import CheckClocks, ImportComplaint
from keqing_service_desk.complaint.facts import ComplaintImported
from keqing_service_desk.complaint.rules import AlreadyOpened, ImportedDifferently, ReceivedInFuture
from keqing_service_desk.complaint.values import Category, Channel, Severity, Step
from keqing_shared.domain import ExternalReference
from keqing_shared.testing import Given, given

from .complaint_life import CUSTOMER, MONDAY, OPENED, POLICY, STEPS

ROW = {
    "customer_id": CUSTOMER,
    "external": ExternalReference(system="cfpb", id="1"),
    "category": Category.SERVICE,
    "severity": Severity.MINOR,
    "received_on": date(2013, 7, 29),
    "closed": True,
    "product": "Consumer Loan",
    "sub_product": "Vehicle loan",
    "issue": "Managing the loan or lease",
    "channel": Channel.PHONE,
    "region": "VA",
    "forwarded_on": date(2013, 7, 30),
    "response": "Closed with explanation",
    "timely": True,
    "disputed": False,
}


def imported(**changes: object) -> ComplaintImported:
    return ComplaintImported(**{**ROW, **changes})


def importing(**changes: object) -> ImportComplaint:
    return ImportComplaint(**{**ROW, "today": date(2026, 3, 2), **changes})


def history(*facts: object) -> Given:
    return given(COMPLAINT, *facts, policy=POLICY)  # type: ignore[arg-type]


def test_an_imported_complaint_keeps_its_dates_response_and_timeliness() -> None:
    history().when(importing()).then(imported())


def test_the_same_row_again_says_nothing_new() -> None:
    history(imported()).when(importing()).then()


def test_another_row_under_the_same_reference_is_refused_naming_what_differs() -> None:
    history(imported()).when(importing(timely=False, response="Closed")).refused(
        ImportedDifferently, differing=["response", "timely"]
    )


def test_history_lies_in_the_past() -> None:
    history().when(importing(received_on=date(2026, 3, 3))).refused(ReceivedInFuture)
    history().when(importing(forwarded_on=date(2026, 3, 3))).refused(ReceivedInFuture)


def test_an_import_does_not_touch_a_complaint_opened_here() -> None:
    history(OPENED).when(importing()).refused(AlreadyOpened)


def test_closed_history_has_no_step_due_and_open_history_can_be_worked_on_without_old_clocks() -> None:
    closed = history(imported()).when(CheckClocks(at=MONDAY)).state()
    assert (closed.due, closed.response, closed.solution) == (None, None, None)
    still_open = history(imported(closed=False))
    still_open.when(CheckClocks(at=MONDAY)).then()
    assert still_open.when(STEPS[Step.ACKNOWLEDGEMENT]).state().due is Step.FACTS


def test_whose_it_is() -> None:
    state = history().when(importing()).state()
    assert COMPLAINT.customer_of(UUID(int=5), state) == CUSTOMER

"""Invoices and complaints, from small lists."""

from pathlib import Path
from typing import Any

import pytest

from keqing_local.failure import CannotRun
from keqing_local.importing.complaint_categories import category_of, is_known
from keqing_local.importing.profiles import PROFILES, described, profile_named
from keqing_local.importing.row import Refusal, Row

INVOICES = (
    "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,"
    "SettledDate,PaperlessBill,DaysToSettle,DaysLate\n"
)
COMPLAINTS = (
    "Date received,Product,Sub-product,Issue,Sub-issue,Company,State,ZIP code,Consumer consent provided?,"
    "Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?\n"
)
COMPLAINT = (
    "7/29/2013,Consumer Loan,Vehicle loan,Managing the loan or lease,,Wells Fargo,VA,24540,N/A,Phone,"
    "7/30/2013,Closed with explanation,Yes,No\n"
)


def rows(profile: str, path: Path, noun: str) -> list[Row | Refusal]:
    [step] = [step for step in profile_named(profile).steps(path) if step.noun == noun]
    return list(step.read())


def written(folder: Path, content: str) -> Path:
    path = folder / "list.csv"
    path.write_text(content)
    return path


def test_an_invoice_is_settled_on_its_day_and_disputed_or_not(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        INVOICES
        + "391,0379-NEVHP,4/6/2013,0000611365,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper,13,0\n"
        + "391,0379-NEVHP,4/6/2013,0000611366,1/2/2013,,105,Yes,,Paper,,\n",
    )
    settled, still_open = rows("accounts-receivable", path, "invoices")
    assert isinstance(settled, Row)
    assert isinstance(still_open, Row)
    assert settled.body == {
        "number": "0000611365",
        "customer": {"system": "accounts-receivable", "id": "0379-NEVHP"},
        "amount": "55.94",
        "currency": "USD",
        "issued_on": "2013-01-02",
        "due_on": "2013-02-01",
        "settled_on": "2013-01-15",
        "disputed": False,
    }
    assert still_open.body["disputed"] is True
    assert "settled_on" not in still_open.body
    [customer] = rows("accounts-receivable", path, "customers")
    assert isinstance(customer, Row)
    assert (customer.line, customer.makes) == (2, settled.needs[0])
    assert (customer.body["name"], customer.body["owner"]) == ("0379-NEVHP", "imports")


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        (",4/6/2013,1,1/2/2013,2/1/2013,55.94,No,1/15/2013", "customerID"),
        ("C,4/6/2013,,1/2/2013,2/1/2013,55.94,No,1/15/2013", "invoiceNumber"),
        ("C,4/6/2013,1,,2/1/2013,55.94,No,1/15/2013", "InvoiceDate"),
        ("C,4/6/2013,1,1/2/2013,2/1/2013,,No,1/15/2013", "InvoiceAmount"),
        ("C,4/6/2013,1,1/2/2013,2/1/2013,55.94,Perhaps,1/15/2013", "Disputed"),
        ("C,4/6/2013,1,1/2/2013,2/1/2013,55.94,No,1/32/2013", "SettledDate"),
    ],
)
def test_an_invoice_that_makes_no_sense_is_refused_by_column(tmp_path: Path, cells: str, field: str) -> None:
    path = written(tmp_path, f"{INVOICES}391,{cells},Paper,1,0\n")
    [refusal] = rows("accounts-receivable", path, "invoices")
    assert isinstance(refusal, Refusal)
    assert (refusal.line, refusal.field) == (2, field)


def test_a_complaint_says_what_the_list_says(tmp_path: Path) -> None:
    [row] = rows("consumer-complaints", written(tmp_path, COMPLAINTS + COMPLAINT), "complaints")
    assert isinstance(row, Row)
    external = row.body.pop("external")
    assert external["system"] == "consumer-complaints"
    assert external["id"].endswith("-1")
    assert row.body == {
        "customer": {"system": "consumer-complaints", "id": "Wells Fargo"},
        "category": "contract",
        "severity": "minor",
        "received_on": "2013-07-29",
        "forwarded_on": "2013-07-30",
        "closed": True,
        "product": "Consumer Loan",
        "sub_product": "Vehicle loan",
        "issue": "Managing the loan or lease",
        "channel": "phone",
        "region": "VA",
        "response": "Closed with explanation",
        "timely": True,
        "disputed": False,
    }


def test_a_complaint_in_progress_is_open(tmp_path: Path) -> None:
    open_ = COMPLAINT.replace("Closed with explanation,Yes,No", "In progress,Yes,")
    [row] = rows("consumer-complaints", written(tmp_path, COMPLAINTS + open_), "complaints")
    assert isinstance(row, Row)
    assert row.body["closed"] is False
    assert "disputed" not in row.body


def ids(path: Path) -> list[str]:
    found: list[dict[str, Any]] = [
        row.body for row in rows("consumer-complaints", path, "complaints") if isinstance(row, Row)
    ]
    return [body["external"]["id"] for body in found]


def test_lines_that_read_the_same_are_told_apart_and_known_again(tmp_path: Path) -> None:
    other = COMPLAINT.replace("24540", "24541")
    first = ids(written(tmp_path, COMPLAINTS + COMPLAINT + COMPLAINT + other))
    assert len(set(first)) == 3
    assert first[0].removesuffix("-1") == first[1].removesuffix("-2")
    again = ids(written(tmp_path, COMPLAINTS + other + COMPLAINT + COMPLAINT))
    assert sorted(again) == sorted(first), "in whatever order they come"


def test_every_company_is_a_customer_once(tmp_path: Path) -> None:
    path = written(tmp_path, COMPLAINTS + COMPLAINT + COMPLAINT + COMPLAINT.replace("Wells Fargo", "Equifax"))
    customers = rows("consumer-complaints", path, "customers")
    assert [(row.line, row.body["name"]) for row in customers if isinstance(row, Row)] == [
        (2, "Wells Fargo"),
        (4, "Equifax"),
    ]


def test_a_category_follows_from_the_issue_else_from_the_product() -> None:
    assert category_of("Communication tactics", "Debt collection") == "service"
    assert category_of("Incorrect information on credit report", "Credit reporting") == "quality"
    assert category_of("A new kind of trouble", "Money transfers") == "freight"
    assert category_of("A new kind of trouble", "A new kind of product") == "service"
    assert not is_known("A new kind of trouble")


def test_profiles_are_described_and_others_refused() -> None:
    assert all(name in described() for name in PROFILES)
    with pytest.raises(CannotRun, match="there is no profile 'crm': it is one of sales-opportunities"):
        profile_named("crm")

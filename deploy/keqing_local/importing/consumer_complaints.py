"""Complaints about companies, with how and how soon they answered."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from keqing_local.importing.cells import one_of, us_day, yes_or_no
from keqing_local.importing.complaint_categories import category_of
from keqing_local.importing.csv_file import CsvFile, Record
from keqing_local.importing.customer import customer_key, enterprise, reference, user_key
from keqing_local.importing.person import IMPORTS, imports_user
from keqing_local.importing.row import Profile, Refusal, Row, Step

SYSTEM = "consumer-complaints"

COLUMNS = (
    "Date received",
    "Product",
    "Sub-product",
    "Issue",
    "Sub-issue",
    "Company",
    "State",
    "Submitted via",
    "Date sent to company",
    "Company response to consumer",
    "Timely response?",
    "Consumer disputed?",
)

_CHANNELS: dict[str, str | None] = {
    "Web": "web",
    "Referral": "referral",
    "Phone": "phone",
    "Postal mail": "post",
    "Fax": "fax",
    "Email": "email",
    "": None,
}
_UNANSWERED = ("", "In progress")
_SEVERITY = "minor"
"""The source knows none, and no clock runs for what is past."""


def customers(file: CsvFile) -> Iterator[Row]:
    """Each company once, where it first appears."""
    seen: set[str] = set()
    for record in file.whole():
        if (company := record["Company"]) and company not in seen:
            seen.add(company)
            yield Row(
                record.line,
                enterprise(SYSTEM, company, IMPORTS),
                makes=customer_key(SYSTEM, company),
                needs=(user_key(IMPORTS),),
            )


def complaints(file: CsvFile) -> Iterator[Row | Refusal]:
    """Rows that read the same are told apart by which of them comes first."""
    alike: Counter[str] = Counter()

    def complaint(record: Record) -> Row:
        content = _digest(record)
        alike[content] += 1
        return _complaint(record, f"{content}-{alike[content]}")

    return file.rows(complaint)


def _digest(record: Record) -> str:
    said = json.dumps(sorted(record.cells.items()), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _complaint(record: Record, id: str) -> Row:
    company, product, issue = record.needed("Company"), record["Product"], record["Issue"]
    record.needed("Date received")
    response = record["Company response to consumer"]
    body = {
        "external": reference(SYSTEM, id),
        "customer": reference(SYSTEM, company),
        "category": category_of(issue, product),
        "severity": _SEVERITY,
        "received_on": us_day(record, "Date received"),
        "forwarded_on": us_day(record, "Date sent to company"),
        "closed": response not in _UNANSWERED,
        "product": product or None,
        "sub_product": record["Sub-product"] or None,
        "issue": issue or None,
        "sub_issue": record["Sub-issue"] or None,
        "channel": one_of(record, "Submitted via", _CHANNELS),
        "region": record["State"] or None,
        "response": response or None,
        "timely": yes_or_no(record, "Timely response?"),
        "disputed": yes_or_no(record, "Consumer disputed?"),
    }
    known = {member: said for member, said in body.items() if said is not None}
    return Row(record.line, known, needs=(customer_key(SYSTEM, company),))


def _steps(path: Path) -> tuple[Step, ...]:
    file = CsvFile(path, COLUMNS).check()

    def the_owner() -> Iterator[Row | Refusal]:
        yield Row(1, imports_user(), makes=user_key(IMPORTS))

    return (
        Step("owner of the customers", path.name, "/pipeline/imports/users", the_owner, 1),
        Step("customers", path.name, "/pipeline/imports/customers", lambda: customers(file)),
        Step(
            "complaints",
            path.name,
            "/service-desk/imports/complaints",
            lambda: complaints(file),
            file.count(),
        ),
    )


CONSUMER_COMPLAINTS = Profile(
    name=SYSTEM,
    summary="a CSV file of complaints about companies, one line each (US dates)",
    steps=_steps,
    notes=(
        f"each company becomes a customer, owned by the user {IMPORTS} (role rep)",
        "the category follows from the issue by a table (docs/importing.md); the severity is minor",
        "a complaint is known again by its whole line; lines that read the same by their order",
    ),
)

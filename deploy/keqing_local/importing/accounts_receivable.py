"""Invoices with the day each was settled on."""

from collections.abc import Iterator
from pathlib import Path

from keqing_local.importing.cells import amount, us_day, yes_or_no
from keqing_local.importing.csv_file import CsvFile, Record
from keqing_local.importing.customer import customer_key, enterprise, reference, user_key
from keqing_local.importing.person import IMPORTS, imports_user
from keqing_local.importing.row import CellWrong, Profile, Refusal, Row, Step

SYSTEM = "accounts-receivable"

COLUMNS = (
    "countryCode",
    "customerID",
    "invoiceNumber",
    "InvoiceDate",
    "DueDate",
    "InvoiceAmount",
    "Disputed",
    "SettledDate",
)


def customers(file: CsvFile) -> Iterator[Row]:
    """Each customer once, where it first appears."""
    seen: set[str] = set()
    for record in file.whole():
        id, country = record["customerID"], record["countryCode"]
        if id and id not in seen:
            seen.add(id)
            body = enterprise(
                SYSTEM,
                id,
                IMPORTS,
                enterprise={"traits": {"region": f"country code {country}"}} if country else None,
            )
            yield Row(record.line, body, makes=customer_key(SYSTEM, id), needs=(user_key(IMPORTS),))


def invoice(record: Record) -> Row:
    """Paid in full on the day it was settled; disputed, where it was, all its life."""
    customer = record.needed("customerID")
    value = amount(record, "InvoiceAmount")
    if value is None:
        raise CellWrong("InvoiceAmount", "is blank")
    record.needed("InvoiceDate")
    body = {
        "number": record.needed("invoiceNumber"),
        "customer": reference(SYSTEM, customer),
        "amount": f"{value:.2f}",
        "currency": "USD",
        "issued_on": us_day(record, "InvoiceDate"),
        "due_on": us_day(record, "DueDate"),
        "settled_on": us_day(record, "SettledDate"),
        "disputed": bool(yes_or_no(record, "Disputed")),
    }
    known = {member: said for member, said in body.items() if said is not None}
    return Row(record.line, known, needs=(customer_key(SYSTEM, customer),))


def _steps(path: Path) -> tuple[Step, ...]:
    file = CsvFile(path, COLUMNS).check()

    def the_owner() -> Iterator[Row | Refusal]:
        yield Row(1, imports_user(), makes=user_key(IMPORTS))

    return (
        Step("owner of the customers", path.name, "/pipeline/imports/users", the_owner, 1),
        Step("customers", path.name, "/pipeline/imports/customers", lambda: customers(file)),
        Step(
            "invoices", path.name, "/collections/imports/invoices", lambda: file.rows(invoice), file.count()
        ),
    )


ACCOUNTS_RECEIVABLE = Profile(
    name=SYSTEM,
    summary="a CSV file of invoices with due and settled dates, one line each (US dates, USD)",
    steps=_steps,
    notes=(
        f"each customerID becomes a customer of that name, owned by the user {IMPORTS} (role rep)",
        "a settled invoice gets a payment of its amount on that day; a disputed one was so all its life",
    ),
)

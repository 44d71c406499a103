"""The rows of an import of invoices: read line by line, their customers found."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from keqing_collections.importing import ImportedInvoice, payment_of
from keqing_collections.invoice.number import invoice_of
from keqing_shared.domain import Code, Currency, Day, InvalidInput, Line, Money, value
from keqing_shared.domain.money import Amount
from keqing_shared.http import CustomerUnknown
from keqing_shared.http.problem import BodyTooLarge, MediaTypeUnsupported

MOST_ROWS = 1_000
MOST_BYTES = 2 * 1024 * 1024
MEDIA_TYPE = "application/x-ndjson"


class TooManyRows(InvalidInput):
    """Send fewer rows at a time"""


class RowInvalid(InvalidInput):
    """The row does not read as it should"""


class CustomerUnnamed(InvalidInput):
    """A row names its customer by customer_id or by customer, and by one of them only"""


@value
class CustomerReference:
    """The customer's name in another system."""

    system: Line
    id: Line


@value
class InvoiceRow:
    """One invoice of the older system; one JSON object on one line."""

    number: Code
    """What makes the import repeatable."""
    customer_id: UUID | None = None
    customer: CustomerReference | None = None
    """The customer's external reference, in place of the id."""
    issued_on: Day
    due_on: Day
    amount: Amount
    currency: Currency = "CNY"
    disputed: bool = False
    settled_on: Day | None = None
    """The day it was paid in full: that payment is recorded with it."""


_ROW = TypeAdapter(InvoiceRow)


async def read_rows(request: Request) -> dict[int, InvoiceRow | RowInvalid]:
    """By line, from 1. Raises MediaTypeUnsupported, BodyTooLarge, TooManyRows."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != MEDIA_TYPE:
        raise MediaTypeUnsupported(f"send {MEDIA_TYPE}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BodyTooLarge(f"up to {MOST_BYTES} bytes", most=MOST_BYTES)
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(lines) > MOST_ROWS:
        raise TooManyRows(f"up to {MOST_ROWS}, not {len(lines)}", most=MOST_ROWS)
    rows: dict[int, InvoiceRow | RowInvalid] = {}
    for number, line in lines:
        try:
            rows[number] = _ROW.validate_json(line, strict=True)
        except ValidationError as invalid:
            rows[number] = _problem_of(invalid)
    return rows


async def customers_named(db: Any, rows: Iterable[InvoiceRow]) -> dict[UUID | tuple[str, str], UUID]:
    """Those of the named customers that pipeline has told of, by id and by reference."""
    given = list(rows)
    references = list({(row.customer.system, row.customer.id) for row in given if row.customer})
    ids = list({row.customer_id for row in given if row.customer_id})
    records = await db.fetch(
        "SELECT r.system, r.id, c.customer_id FROM unnest($1::text[], $2::text[]) AS r(system, id)"
        " JOIN directory_customers c ON c.external"
        " @> jsonb_build_array(jsonb_build_object('system', r.system, 'id', r.id))"
        " UNION ALL SELECT NULL, NULL, customer_id FROM directory_customers WHERE customer_id = ANY ($3)",
        [system for system, _ in references],
        [name for _, name in references],
        ids,
    )
    return {
        record["customer_id"] if record["id"] is None else (record["system"], record["id"]): record[
            "customer_id"
        ]
        for record in records
    }


def with_customer(row: InvoiceRow, known: Mapping[UUID | tuple[str, str], UUID]) -> ImportedInvoice:
    """Raises CustomerUnnamed, CustomerUnknown."""
    if (row.customer is None) == (row.customer_id is None):
        raise CustomerUnnamed
    named = (row.customer.system, row.customer.id) if row.customer else row.customer_id
    customer_id = known.get(named) if named else None
    if customer_id is None:
        said = f"{named[0]}:{named[1]}" if isinstance(named, tuple) else named
        raise CustomerUnknown(f"no customer {said}")
    return ImportedInvoice(
        invoice_id=invoice_of(row.number),
        payment_id=payment_of(row.number),
        customer_id=customer_id,
        number=row.number,
        amount=Money(amount=row.amount, currency=row.currency),
        issued_on=row.issued_on,
        due_on=row.due_on,
        disputed=row.disputed,
        settled_on=row.settled_on,
    )


def _problem_of(invalid: ValidationError) -> RowInvalid:
    errors = [
        {"field": ".".join(str(part) for part in error["loc"]), "message": error["msg"]}
        for error in invalid.errors(include_url=False, include_input=False, include_context=False)
    ]
    return RowInvalid(errors=errors)

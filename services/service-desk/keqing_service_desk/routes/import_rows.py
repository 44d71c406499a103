"""The rows of complaints that may be imported, one JSON object a line, and whose they are."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from keqing_service_desk.complaint.values import Category, Cause, Channel, Reference, Severity
from keqing_shared.domain import Day, InvalidInput, Line, Note, value
from keqing_shared.http import CustomerUnknown, Doing
from keqing_shared.http.problem import BodyTooLarge, MediaTypeUnsupported

MOST_ROWS = 1_000
MOST_BYTES = 16 * 1024 * 1024
MEDIA_TYPE = "application/x-ndjson"


class TooManyRows(InvalidInput):
    """Send fewer rows at a time"""


class CustomerUnnamed(InvalidInput):
    """Name the customer by id or by reference, one of the two"""


class RowInvalid(InvalidInput):
    """The row does not read as it should"""


@value
class ComplaintRow:
    """One complaint of the older system; one JSON object on one line."""

    external: Reference
    """Its name there: what makes the import repeatable."""
    customer_id: UUID | None = None
    customer: Reference | None = None
    """The customer's external reference, in place of the id."""
    category: Category
    severity: Severity = Severity.MINOR
    received_on: Day
    closed: bool = True
    cause: Cause | None = None
    product: Line | None = None
    sub_product: Line | None = None
    issue: Line | None = None
    """What it was about, in the words of the older system."""
    sub_issue: Line | None = None
    channel: Channel | None = None
    region: Line | None = None
    what_happened: Note | None = None
    forwarded_on: Day | None = None
    """When it was passed on to whoever had to answer."""
    response: Line | None = None
    timely: bool | None = None
    disputed: bool | None = None
    """Whether the customer disputed the response."""


_ROW = TypeAdapter(ComplaintRow)


def read_row(line: bytes) -> ComplaintRow:
    """Raises RowInvalid."""
    try:
        return _ROW.validate_json(line, strict=True)
    except ValidationError as invalid:
        raise _problem_of(invalid) from None


async def body_of(do: Doing) -> bytes:
    given = do.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != MEDIA_TYPE:
        raise MediaTypeUnsupported(f"send {MEDIA_TYPE}")
    body = bytearray()
    async for chunk in do.request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BodyTooLarge(f"up to {MOST_BYTES} bytes", most=MOST_BYTES)
    return bytes(body)


def lines_of(body: bytes) -> list[tuple[int, bytes]]:
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(lines) > MOST_ROWS:
        raise TooManyRows(f"up to {MOST_ROWS}, not {len(lines)}", most=MOST_ROWS)
    return lines


async def customers_named(do: Doing, rows: Sequence[ComplaintRow]) -> dict[UUID | tuple[str, str], UUID]:
    """Those of the named customers that pipeline has told of, by id and by reference."""
    references = {(row.customer.system, row.customer.id) for row in rows if row.customer is not None}
    ids = {row.customer_id for row in rows if row.customer_id is not None}
    records = await do.db.fetch(
        "SELECT r.system, r.id, c.customer_id FROM unnest($1::text[], $2::text[]) AS r(system, id)"
        " JOIN directory_customers c ON c.external"
        " @> jsonb_build_array(jsonb_build_object('system', r.system, 'id', r.id))",
        [system for system, _ in references],
        [id for _, id in references],
    )
    known: dict[UUID | tuple[str, str], UUID] = {
        (record["system"], record["id"]): record["customer_id"] for record in records
    }
    by_id = await do.db.fetch(
        "SELECT customer_id FROM directory_customers WHERE customer_id = ANY($1::uuid[])", list(ids)
    )
    return known | {record["customer_id"]: record["customer_id"] for record in by_id}


def customer_of(row: ComplaintRow, known: Mapping[UUID | tuple[str, str], UUID]) -> UUID:
    if (row.customer is None) == (row.customer_id is None):
        raise CustomerUnnamed
    named = row.customer_id if row.customer is None else (row.customer.system, row.customer.id)
    customer_id = None if named is None else known.get(named)
    if customer_id is None:
        raise CustomerUnknown(f"no customer {row.customer.key if row.customer else row.customer_id}")
    return customer_id


def _problem_of(invalid: ValidationError) -> RowInvalid:
    errors = [
        {"field": ".".join(str(part) for part in error["loc"]), "message": error["msg"]}
        for error in invalid.errors(include_url=False, include_input=False, include_context=False)
    ]
    return RowInvalid(errors=errors)

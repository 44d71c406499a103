"""The rows that may be imported, one JSON object a line."""

from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Request
from pydantic import Field, TypeAdapter, ValidationError

from keqing_pipeline.customer.file import CustomerFile, ExternalReference
from keqing_pipeline.imports.report import RowResult, refused
from keqing_pipeline.opportunity.commands import Products
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.user import Profile
from keqing_shared.domain import Day, InvalidInput, Line, Login, Money, value
from keqing_shared.http.problem import BodyTooLarge, MediaTypeUnsupported

MEDIA_TYPE = "application/x-ndjson"
MOST_ROWS = 1_000
MOST_BYTES = 8 * 1_048_576

R = TypeVar("R")


@value
class CustomerImport(CustomerFile):
    """A customer; its first external reference is what it is known again by."""

    external: Annotated[tuple[ExternalReference, ...], Field(min_length=1, max_length=20)]
    owner: Login
    distinct_because: Line | None = None
    """Why it is another customer than those it shares its name or a phone with."""


@value
class OpportunityImport:
    """An opportunity with its history; ``external`` is what it is known again by."""

    external: ExternalReference
    title: Line
    owner: Login
    customer: UUID | ExternalReference | None = None
    """Its id here, or what another system calls it."""
    amount: Money | None = None
    expected_close_on: Day | None = None
    interests: Products = ()
    stage: Stage = Stage.UNAWARE
    source_stage: Line | None = None
    """What the other system calls the stage."""
    engaged_on: Day | None = None
    outcome: Outcome = Outcome.OPEN
    closed_on: Day | None = None
    close_value: Money | None = None
    reason: Line | None = None
    rival: Line | None = None
    next_on: Day | None = None
    """When the next touch was promised; without it none is due until a contact is logged."""


@value
class UserImport(Profile):
    login: Login


class TooManyRows(InvalidInput):
    """Send fewer rows at a time."""


class Rows(Generic[R]):
    """The rows that read well, by line, and refusals for those that do not."""

    def __init__(self, body: bytes, row: type[R]) -> None:
        adapter: TypeAdapter[R] = TypeAdapter(row)
        self.good: dict[int, R] = {}
        self.bad: list[RowResult] = []
        lines = body.split(b"\n")
        if sum(1 for line in lines if line.strip()) > MOST_ROWS:
            raise TooManyRows(f"up to {MOST_ROWS} in one request", most=MOST_ROWS)
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                self.good[number] = adapter.validate_json(line, strict=True)
            except ValidationError as invalid:
                self.bad.append(refused(number, invalid))


async def body_of(request: Request) -> bytes:
    """Raises MediaTypeUnsupported, BodyTooLarge."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE:
        raise MediaTypeUnsupported(f"send {MEDIA_TYPE}, one JSON object a line")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise BodyTooLarge(f"up to {MOST_BYTES} bytes", most=MOST_BYTES)
        chunks.append(chunk)
    return b"".join(chunks)


def documented(row: type[Any]) -> dict[str, Any]:
    """The request body for the OpenAPI document."""
    schema = TypeAdapter(row).json_schema(mode="validation")
    schema.pop("$defs", None)
    properties = ", ".join(schema.get("properties", {}))
    return {
        "requestBody": {
            "required": True,
            "description": f"One {row.__name__} a line, up to {MOST_ROWS}: {properties}",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        }
    }

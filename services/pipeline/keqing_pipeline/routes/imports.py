"""Imports over HTTP: JSON lines in, what became of each row out."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from keqing_pipeline.imports.customers import import_customers
from keqing_pipeline.imports.opportunities import import_opportunities
from keqing_pipeline.imports.report import ImportReport, RowResult, report
from keqing_pipeline.imports.rows import (
    MEDIA_TYPE,
    MOST_BYTES,
    CustomerImport,
    OpportunityImport,
    Rows,
    UserImport,
    body_of,
    documented,
)
from keqing_pipeline.imports.users import import_users
from keqing_shared.http import Do, Doing, allow

router = APIRouter(tags=["imports"])

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    413: {"description": f"More than {MOST_BYTES} bytes", "content": PROBLEM},
    415: {"description": f"The body is not {MEDIA_TYPE}", "content": PROBLEM},
}

DryRun = Annotated[bool, Query(description="say what would become of each row, and change nothing")]


@router.post(
    "/imports/users", dependencies=[allow("admin")], responses=REFUSALS, openapi_extra=documented(UserImport)
)
async def users(do: Do, dry_run: DryRun = False) -> ImportReport:
    """People, known again by their logins; managers may come further down."""
    rows = Rows(await body_of(do.request), UserImport)
    return _answer(do, await import_users(do, rows, dry_run=dry_run), dry_run)


@router.post(
    "/imports/customers",
    dependencies=[allow("admin", "sales_manager")],
    responses=REFUSALS,
    openapi_extra=documented(CustomerImport),
)
async def customers(do: Do, dry_run: DryRun = False) -> ImportReport:
    """Customers, known again by their first external reference. An unchanged row changes nothing."""
    rows = Rows(await body_of(do.request), CustomerImport)
    return _answer(do, await import_customers(do, rows, dry_run=dry_run), dry_run)


@router.post(
    "/imports/opportunities",
    dependencies=[allow("admin", "sales_manager")],
    responses=REFUSALS,
    openapi_extra=documented(OpportunityImport),
)
async def opportunities(do: Do, dry_run: DryRun = False) -> ImportReport:
    """Opportunities with their business dates, won and lost ones included; nobody else is told of them."""
    rows = Rows(await body_of(do.request), OpportunityImport)
    return _answer(do, await import_opportunities(do, rows, dry_run=dry_run), dry_run)


def _answer(do: Doing, rows: list[RowResult], dry_run: bool) -> ImportReport:
    do.response.headers["Keqing-Position"] = f"{do.service.context.name}:{do.service.log.position}"
    return report(rows, dry_run=dry_run)

"""Imports over HTTP: JSON lines in, what became of each row out."""

from typing import Annotated

from fastapi import APIRouter, Query

from keqing_pipeline.imports.customers import import_customers
from keqing_pipeline.imports.opportunities import import_opportunities
from keqing_pipeline.imports.report import ImportReport, report
from keqing_pipeline.imports.rows import (
    CustomerImport,
    OpportunityImport,
    Rows,
    UserImport,
    body_of,
    documented,
)
from keqing_pipeline.imports.users import import_users
from keqing_shared.http import Ask, allow

router = APIRouter(tags=["imports"])

DryRun = Annotated[bool, Query(description="say what would become of each row, and change nothing")]


@router.post("/imports/users", dependencies=[allow("admin")], openapi_extra=documented(UserImport))
async def users(ask: Ask, dry_run: DryRun = False) -> ImportReport:
    """People, known again by their logins; managers may come further down."""
    rows = Rows(await body_of(ask.request), UserImport)
    return report(await import_users(ask, rows, dry_run=dry_run), dry_run=dry_run)


@router.post(
    "/imports/customers",
    dependencies=[allow("admin", "sales_manager")],
    openapi_extra=documented(CustomerImport),
)
async def customers(ask: Ask, dry_run: DryRun = False) -> ImportReport:
    """Customers, known again by their first external reference. An unchanged row changes nothing."""
    rows = Rows(await body_of(ask.request), CustomerImport)
    return report(await import_customers(ask, rows, dry_run=dry_run), dry_run=dry_run)


@router.post(
    "/imports/opportunities",
    dependencies=[allow("admin", "sales_manager")],
    openapi_extra=documented(OpportunityImport),
)
async def opportunities(ask: Ask, dry_run: DryRun = False) -> ImportReport:
    """Opportunities with their business dates, won and lost ones included; nobody else is told of them."""
    rows = Rows(await body_of(ask.request), OpportunityImport)
    return report(await import_opportunities(ask, rows, dry_run=dry_run), dry_run=dry_run)

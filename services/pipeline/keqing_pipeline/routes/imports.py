"""Imports over HTTP: JSON lines, CSV or XLSX in, what became of each row out."""

from fastapi import APIRouter

from keqing_pipeline.imports.contacts import import_contacts
from keqing_pipeline.imports.customers import import_customers
from keqing_pipeline.imports.opportunities import import_opportunities
from keqing_pipeline.imports.rows import ContactImport, CustomerImport, OpportunityImport, UserImport
from keqing_pipeline.imports.users import import_users
from keqing_shared.http import Do, allow
from keqing_shared.imports import REFUSALS, DryRun, ImportReport, RowFile, report

router = APIRouter(tags=["imports"])

USERS = RowFile(UserImport)
CUSTOMERS = RowFile(CustomerImport)
CONTACTS = RowFile(ContactImport)
OPPORTUNITIES = RowFile(OpportunityImport)


@router.post(
    "/imports/users", dependencies=[allow("admin")], responses=REFUSALS, openapi_extra=USERS.documented
)
async def users(do: Do, dry_run: DryRun = False) -> ImportReport:
    """People, known again by their logins; managers may come further down."""
    rows = await USERS.read(do.request)
    return report(do, await import_users(do, rows, dry_run=dry_run), dry_run=dry_run)


@router.post(
    "/imports/customers",
    dependencies=[allow("admin", "sales_manager")],
    responses=REFUSALS,
    openapi_extra=CUSTOMERS.documented,
)
async def customers(do: Do, dry_run: DryRun = False) -> ImportReport:
    """Customers, known again by their first external reference. An unchanged row changes nothing."""
    rows = await CUSTOMERS.read(do.request)
    return report(do, await import_customers(do, rows, dry_run=dry_run), dry_run=dry_run)


@router.post(
    "/imports/contacts",
    dependencies=[allow("admin", "sales_manager")],
    responses=REFUSALS,
    openapi_extra=CONTACTS.documented,
)
async def contacts(do: Do, dry_run: DryRun = False) -> ImportReport:
    """People at customers, known again by their external reference. An unchanged row changes nothing."""
    rows = await CONTACTS.read(do.request)
    return report(do, await import_contacts(do, rows, dry_run=dry_run), dry_run=dry_run)


@router.post(
    "/imports/opportunities",
    dependencies=[allow("admin", "sales_manager")],
    responses=REFUSALS,
    openapi_extra=OPPORTUNITIES.documented,
)
async def opportunities(do: Do, dry_run: DryRun = False) -> ImportReport:
    """Opportunities with their business dates, won and lost ones included; nobody else is told of them."""
    rows = await OPPORTUNITIES.read(do.request)
    return report(do, await import_opportunities(do, rows, dry_run=dry_run), dry_run=dry_run)

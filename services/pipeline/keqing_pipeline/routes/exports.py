"""Exports over HTTP: customers, contacts and opportunities in the columns that their imports take."""

from typing import Annotated

from fastapi import APIRouter, Depends

from keqing_pipeline.imports.exported import contact_row, customer_row, opportunity_row
from keqing_pipeline.imports.rows import ContactImport, CustomerImport, OpportunityImport
from keqing_pipeline.routes import contacts, customers, opportunities
from keqing_pipeline.views.contacts import ContactRow
from keqing_pipeline.views.customers import CustomerRow, erased_among
from keqing_pipeline.views.opportunity_row import OpportunityRow
from keqing_shared.domain.personal import ERASED
from keqing_shared.http import Ask, Page, allow

router = APIRouter(tags=["exports"])

IMPORTERS = allow("admin", "sales_manager")
"""Those who may send it back."""

# What the lists answer: the same filters, and nothing that the lists do not show.
Customers = Annotated[Page[CustomerRow], Depends(customers.search)]
Contacts = Annotated[Page[ContactRow], Depends(contacts.find)]
Opportunities = Annotated[Page[OpportunityRow], Depends(opportunities.find)]


@router.get("/exports/customers", dependencies=[IMPORTERS])
async def export_customers(listed: Customers) -> Page[CustomerImport]:
    """Customers as `/imports/customers` takes them, in CSV, XLSX or JSON lines by `Accept`, else in pages;
    without those who were erased. Each is known again by its first reference, `keqing:<id>`: a row sent back
    as it is changes nothing, a corrected one amends, and what a file has no column for stays."""
    return Page(items=[customer_row(row) for row in listed.items if not row.erased], next=listed.next)


@router.get("/exports/contacts", dependencies=[IMPORTERS])
async def export_contacts(listed: Contacts) -> Page[ContactImport]:
    """Contacts as `/imports/contacts` takes them, in CSV, XLSX or JSON lines by `Accept`, else in pages;
    without those who were erased. Each is known again by `keqing:<id>`."""
    return Page(items=[contact_row(row) for row in listed.items if row.name != ERASED], next=listed.next)


@router.get("/exports/opportunities", dependencies=[IMPORTERS])
async def export_opportunities(listed: Opportunities, ask: Ask) -> Page[OpportunityImport]:
    """Opportunities as `/imports/opportunities` takes them, in CSV, XLSX or JSON lines by `Accept`, else in
    pages; without those of customers who were erased. Each is known again by `keqing:<id>`. What was done and
    decided here is not rewritten by a file: it corrects title, amount, expected close, interests, owner and a
    missing customer, and history only while that is of an import which nobody has worked on."""
    gone = await erased_among(ask.db, {row.customer_id for row in listed.items if row.customer_id})
    kept = [row for row in listed.items if row.customer_id not in gone]
    return Page(items=[opportunity_row(row) for row in kept], next=listed.next)

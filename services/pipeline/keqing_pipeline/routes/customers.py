"""Customers over HTTP: registered, found, amended, passed on."""

from dataclasses import fields
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field

from keqing_pipeline.claims import claims_on
from keqing_pipeline.customer.commands import (
    AddExternalReference,
    AmendCustomer,
    RegisterCustomer,
)
from keqing_pipeline.customer.file import (
    CustomerFile,
    Importance,
    LeadSource,
    Loyalty,
    ValueClass,
    part_of,
)
from keqing_pipeline.customer.refusals import CustomerUnknown
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.sameness import EXTERNAL, name_and_phone_keys, reference_keys
from keqing_pipeline.duplicates import resembling
from keqing_pipeline.handing_over import hand_customer_over
from keqing_pipeline.ownership import appointed, check_may_appoint, check_owner
from keqing_pipeline.phone import e164
from keqing_pipeline.views.customer_card import CustomerCard, customer_card
from keqing_pipeline.views.customers import CustomerRow, customers
from keqing_pipeline.views.opportunities import open_of_owner
from keqing_shared.domain import ExternalReference, Line, Login, Note, ReferenceText, value
from keqing_shared.http import Ask, Do, Doing, Page, Paging, Receipt, allow
from keqing_shared.streams import Unit, Work

router = APIRouter(tags=["customers"])


STAFF: tuple[Any, ...] = (
    "rep",
    "sales_manager",
    "agent",
    "supervisor",
    "collector",
    "credit_controller",
    "auditor",
    "admin",
)


@value
class Registration(CustomerFile):
    """A new customer's file, and who looks after it."""

    owner: Login | None = None
    """Left out: whoever registers it."""
    distinct_because: Line | None = None
    """Why it is another customer than those it is alike."""


@value
class Amendment(CustomerFile):
    """The whole file as it shall be."""

    distinct_because: Line | None = None


@value
class Handover:
    owner: Login
    reason: Note
    with_opportunities: bool = True
    """Whether the open opportunities that the previous owner has with the customer go along."""


def file_in(body: CustomerFile) -> CustomerFile:
    """The file alone."""
    return CustomerFile(**{f.name: getattr(body, f.name) for f in fields(CustomerFile)})


@router.post("/customers", status_code=201, dependencies=[allow("rep", "sales_manager")])
async def register(body: Registration, do: Do) -> Receipt:
    """Register a customer. One that may be there already (the same or nearly the same name, the same sound,
    phone or external reference) is refused with the candidates; ``distinct_because`` overrides all but
    the reference."""
    owner = await appointed(do, body.owner, do.user.login)
    return await do.transact(registering(do, do.new_id(), file_in(body), owner, body.distinct_because))


def registering(do: Doing, customer_id: UUID, file: CustomerFile, owner: str, because: str | None) -> Work:
    """The work of it. Raises NotInSales, OwnerUnknown, DuplicateCustomer unless there is a reason,
    ReferenceTaken."""
    keys = (*name_and_phone_keys(file), *reference_keys(file))

    async def work(unit: Unit) -> None:
        await check_owner(unit, owner, do.user.login)
        like = await resembling(do, file.name, keys, because)
        command = RegisterCustomer(
            file=file, owner=owner, today=do.today, distinct_because=because, resembles=like.others
        )
        await unit.execute(CUSTOMER, customer_id, command, claims=claims_on(like.free, because))

    return work


@router.get("/customers", dependencies=[allow(*STAFF)])
async def search(
    ask: Ask,
    paging: Paging,
    name: Annotated[Line | None, Query(description="a part of the name, however it is written")] = None,
    phone: Annotated[Annotated[str, Field(max_length=40), AfterValidator(e164)] | None, Query()] = None,
    external: Annotated[ReferenceText | None, Query()] = None,
    owner: Annotated[Login | None, Query()] = None,
    importance: Annotated[Importance | None, Query()] = None,
    source: Annotated[LeadSource | None, Query()] = None,
    loyalty: Annotated[Loyalty | None, Query()] = None,
    value_class: Annotated[ValueClass | None, Query()] = None,
) -> Page[CustomerRow]:
    """Customers that you may see, in the order of their names."""
    rows = await customers(
        ask.db,
        await ask.visible_owners(),
        name=name,
        phone=phone,
        external=external,
        owner=owner,
        importance=importance,
        source=source,
        loyalty=loyalty,
        value_class=value_class,
        after=paging.after(str, UUID),
        limit=paging.fetch,
    )
    page = paging.page(rows, key=lambda row: (row.name_key, row.customer_id))
    return Page(items=[part_of(row, CustomerRow) for row in page.items], next=page.next)


@router.get("/customers/{customer_id}", dependencies=[allow(*STAFF)])
async def card(customer_id: UUID, ask: Ask) -> CustomerCard:
    """The customer card: the file, MAN advice, opportunities, purchases."""
    await ask.see_customer(customer_id)
    found = await customer_card(ask.db, customer_id, ask.today, ask.policy)
    if found is None:
        raise CustomerUnknown("no customer {customer_id}", customer_id=customer_id)
    ask.etag(found.version)
    return found


@router.put("/customers/{customer_id}", dependencies=[allow("rep", "sales_manager")])
async def amend(customer_id: UUID, body: Amendment, do: Do) -> Receipt:
    """Replace the file by this one; references that others know it by stay unless left out."""
    await do.see_customer(customer_id)
    file, because = file_in(body), body.distinct_because
    keys = (*name_and_phone_keys(file), *reference_keys(file))

    async def work(unit: Any) -> None:
        state = (await unit.load(CUSTOMER, customer_id)).state
        if state is None:
            raise CustomerUnknown
        before = (*name_and_phone_keys(state.file), *reference_keys(state.file))
        new = tuple(key for key in keys if key not in before)
        old = tuple(key for key in before if key not in keys)
        like = await resembling(do, file.name, new, because, own=customer_id)
        await unit.execute(
            CUSTOMER,
            customer_id,
            AmendCustomer(file=file, today=do.today, distinct_because=because),
            claims=claims_on(like.free, because),
            releases=claims_on(old, None),
        )

    return await do.transact(work)


@router.post("/customers/{customer_id}/owner", dependencies=[allow("sales_manager")])
async def reassign(customer_id: UUID, body: Handover, do: Do) -> Receipt:
    """Give the customer to somebody else whom you lead, together with the previous owner's open
    opportunities. The new owner joins the account team, as a newcomer."""
    previous = (await do.see_customer(customer_id)).owner
    await check_may_appoint(do, body.owner)
    along: list[UUID] = []
    if body.with_opportunities and previous is not None:
        await do.all_shown()
        along = await open_of_owner(do.db, customer_id, previous)

    async def work(unit: Any) -> None:
        await hand_customer_over(unit, customer_id, body.owner, body.reason, along, do.now, do.today)

    return await do.transact(work)


@router.post(
    "/customers/{customer_id}/references", status_code=201, dependencies=[allow("rep", "sales_manager")]
)
async def add_reference(customer_id: UUID, body: ExternalReference, do: Do) -> Receipt:
    """Say what another system calls the customer; no two customers share a reference."""
    await do.see_customer(customer_id)
    key = (EXTERNAL, str(body))

    async def work(unit: Any) -> None:
        like = await resembling(do, "", (key,), None, own=customer_id)
        command = AddExternalReference(reference=body)
        await unit.execute(CUSTOMER, customer_id, command, claims=claims_on(like.free, None))

    return await do.transact(work)

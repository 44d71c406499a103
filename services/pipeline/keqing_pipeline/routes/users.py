"""People over HTTP: the directory that every context follows."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from keqing_pipeline.people import hierarchy, profile_in, superiors
from keqing_pipeline.user import (
    USER,
    AmendUser,
    DeactivateUser,
    EnrolUser,
    Profile,
    Role,
    UserUnknown,
    user_id,
)
from keqing_pipeline.views.people import PersonRow, people, person_row
from keqing_shared.domain import Login, value
from keqing_shared.http import Ask, Do, Page, Paging, Receipt, allow

router = APIRouter(tags=["people"])

LoginPath = Annotated[Login, Path()]


@value
class Enrolment(Profile):
    login: Login


@router.post("/users", status_code=201, dependencies=[allow("admin")])
async def enrol(body: Enrolment, do: Do) -> Receipt:
    """Enrol somebody; the manager must be enrolled already."""
    async with hierarchy(do.db):
        above = await superiors(do.service.streams, body.manager)
        command = EnrolUser(login=body.login, profile=profile_in(body), superiors=above)
        return await do(USER, user_id(body.login), command)


@router.get("/users", dependencies=[allow("admin", "auditor", "sales_manager", "supervisor")])
async def directory(
    ask: Ask, paging: Paging, role: Annotated[Role | None, Query()] = None
) -> Page[PersonRow]:
    """Everybody, by login, those who have left included."""
    after = paging.after(str)
    rows = await people(ask.db, role=role, after=after[0] if after else None, limit=paging.fetch)
    return paging.page(rows, key=lambda row: (row.login,))


@router.get("/users/{login}", dependencies=[allow("admin", "auditor", "sales_manager", "supervisor")])
async def person(login: LoginPath, ask: Ask) -> PersonRow:
    """One person."""
    loaded = await ask.service.streams.load(USER, user_id(login))
    if loaded.state is None:
        raise UserUnknown
    ask.etag(loaded.version)
    return person_row(login, loaded.state.profile, loaded.version, active=loaded.state.active)


@router.put("/users/{login}", dependencies=[allow("admin")])
async def amend(login: LoginPath, body: Profile, do: Do) -> Receipt:
    """Replace the profile; who had left is back."""
    async with hierarchy(do.db):
        above = await superiors(do.service.streams, body.manager)
        receipt = await do(USER, user_id(login), AmendUser(profile=body, superiors=above))
    do.look_again(login)
    return receipt


@router.delete("/users/{login}", dependencies=[allow("admin")])
async def deactivate(login: LoginPath, do: Do) -> Receipt:
    """Somebody has left: no longer let in, chosen as an owner, nor told of anything."""
    receipt = await do(USER, user_id(login), DeactivateUser())
    do.look_again(login)
    return receipt

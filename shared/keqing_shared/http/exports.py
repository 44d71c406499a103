"""Who took which list away as a file: recorded before the first row leaves, and again at the last."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request

from keqing_shared.domain import Login, value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words
from keqing_shared.exporting import EXPORTING, BeginExport, EndExport, ExportBegun, ExportEnded, exports_id
from keqing_shared.http.access import allow
from keqing_shared.http.ask import Ask, started
from keqing_shared.http.headers import correlation_id, reason, sent
from keqing_shared.http.paging import Page, Paging
from keqing_shared.http.user import user_of
from keqing_shared.log import Meta

_LOGIN = get_args(Login)[1]
OF_THE_PAGE = frozenset({"limit", "after"})


class Taking:
    """One export under way."""

    def __init__(self, request: Request, kind: str, telling: frozenset[str]) -> None:
        """``telling``: the parameters whose values are kept, for they hold nobody's name or number."""
        self._request = request
        self._kind = kind
        self._telling = telling
        self._id = uuid4()

    async def begin(self) -> None:
        """Nothing has been answered yet."""
        given: dict[str, list[str]] = defaultdict(list)
        for name, one in self._request.query_params.multi_items():
            if name not in OF_THE_PAGE:
                given[name].append(one)
        service = started(self._request)
        await self._record(
            BeginExport(
                export_id=self._id,
                list=self._request.url.path.removeprefix(service.context.prefix),
                kind=self._kind,
                query={name: ",".join(given[name]) for name in sorted(self._telling & given.keys())},
                searched=tuple(sorted(given.keys() - self._telling)),
            )
        )

    async def counted(self, pages: AsyncIterator[Sequence[Any]]) -> AsyncIterator[Sequence[Any]]:
        """The same pages, the last one given out once the end is recorded."""
        rows = 0
        held: Sequence[Any] | None = None
        async for page in pages:
            if held is not None:
                yield held
            held = page
            rows += len(page)
        await self._record(EndExport(export_id=self._id, rows=rows))
        if held is not None:
            yield held

    async def _record(self, command: BeginExport | EndExport) -> None:
        service, scope = started(self._request), self._request.scope
        user = await user_of(self._request)
        meta = Meta(who=user.login, why=reason(sent(scope)), correlation_id=correlation_id(scope))
        day = service.calendar.date_of(service.clock.now())
        await service.streams.execute(EXPORTING, exports_id(service.context.name, day), command, meta)


def telling(annotation: Any) -> bool:
    """Whether a parameter of this type holds nobody's name or number: codes, days, amounts, ids, logins."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _LOGIN in arguments[1:] or telling(arguments[0])
    if origin in (Union, UnionType, list, tuple):
        return all(telling(one) for one in arguments if one is not Ellipsis)
    if origin is Literal or annotation is type(None):
        return True
    return isinstance(annotation, type) and (issubclass(annotation, Enum) or not issubclass(annotation, str))


@value
class ExportTaken:
    """A list that somebody took away."""

    export_id: UUID
    at: datetime
    who: str
    why: str | None
    list: str
    kind: str
    query: dict[str, str]
    searched: tuple[str, ...]
    """Parameters that were given and whose values are not kept: they may be somebody's name or number."""
    rows: int | None
    """Null: it is under way, or was broken off."""
    version: int


Month = Annotated[
    str | None,
    Query(
        pattern=shape(r"^20\d\d-(0[1-9]|1[0-2])$", Words("a month, as in 2026-03")),
        description="of the business; default: this one",
    ),
]

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("/exports", dependencies=[allow("auditor", "admin")])
async def exports(ask: Ask, paging: Paging, month: Month = None) -> Page[ExportTaken]:
    """The lists taken away as files in a month, by whom and with how many rows; the latest first."""
    day = ask.today if month is None else datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007
    before = paging.after(int)
    recorded = await ask.service.log.stream(exports_id(ask.service.context.name, day))
    taken = [one for one in _taken(recorded) if before is None or one.version < before[0]]
    return paging.page(taken[::-1][: paging.fetch], key=lambda one: (one.version,))


def _taken(recorded: Iterable[Any]) -> Iterator[ExportTaken]:
    recorded = list(recorded)
    rows = {it.fact.export_id: it.fact.rows for it in recorded if isinstance(it.fact, ExportEnded)}
    for it in recorded:
        fact = it.fact
        if isinstance(fact, ExportBegun):
            yield ExportTaken(
                export_id=fact.export_id,
                at=it.recorded_at,
                who=it.who,
                why=it.why,
                list=fact.list,
                kind=fact.kind,
                query=fact.query,
                searched=fact.searched,
                rows=rows.get(fact.export_id),
                version=it.originator_version,
            )

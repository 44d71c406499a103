"""Is it alive, is it ready: for load balancers and people; without a token."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from keqing_shared.domain import value
from keqing_shared.http.metrics import metrics_of
from keqing_shared.http.problem import DATABASE_AWAY, NotStarted

router = APIRouter(tags=["operation"])


@value
class Alive:
    """The process answers."""

    status: Literal["alive"]


@value
class ViewReadiness:
    """How far a view is behind the log."""

    name: str
    position: int
    lag: int
    error: str | None


@value
class Readiness:
    """Without NATS commands and views go on, so only a database that is away makes it not ready;
    ``degraded``: a view is stuck, or messages are parked."""

    status: Literal["ready", "degraded", "not ready"]
    database: Literal["reached", "away"]
    nats: Literal["connected", "away", "not used"]
    head: int
    relay_lag: int
    parked: int
    views: tuple[ViewReadiness, ...]


@router.get("/health/live")
async def live() -> Alive:
    """Answers as long as the process does."""
    return Alive(status="alive")


@router.get("/health/ready", responses={503: {"model": Readiness, "description": "Not ready"}})
async def ready(request: Request, response: Response) -> Readiness:
    """Database, NATS and lag; 503 when requests cannot be served."""
    service = getattr(request.app.state, "service", None)
    if service is None:
        raise NotStarted
    try:
        standing = await service.standing()
    except DATABASE_AWAY:
        response.status_code = 503
        return Readiness(
            status="not ready",
            database="away",
            nats=service.nats_state,
            head=0,
            relay_lag=0,
            parked=0,
            views=(),
        )
    views = tuple(
        ViewReadiness(name=v.name, position=v.position, lag=max(0, standing.head - v.position), error=v.error)
        for v in standing.views
    )
    degraded = standing.parked > 0 or any(view.error is not None for view in views)
    return Readiness(
        status="degraded" if degraded else "ready",
        database="reached",
        nats=service.nats_state,
        head=standing.head,
        relay_lag=max(0, standing.head - standing.relayed),
        parked=standing.parked,
        views=views,
    )


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Any:
    """In Prometheus' text form."""
    service = getattr(request.app.state, "service", None)
    if service is None:
        raise NotStarted
    return await metrics_of(service)

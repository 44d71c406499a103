"""Figures in Prometheus' text form: of every context that this process runs."""

from typing import TYPE_CHECKING

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from keqing_shared.service import Service

REQUESTS = Counter("keqing_http_requests", "Requests answered", ["context", "method", "route", "status"])
LATENCY = Histogram(
    "keqing_http_request_seconds",
    "Time to answer",
    ["context", "method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
FACTS = Gauge("keqing_log_position", "Facts appended to the log", ["context"])
VIEW_LAG = Gauge("keqing_view_lag", "Facts a view has not seen yet", ["context", "view"])
RELAY_LAG = Gauge("keqing_relay_lag", "Facts not yet told to the others", ["context"])
PARKED = Gauge("keqing_parked", "Messages that wait for a decision, in the database", ["context"])
DUTY_FAILURES = Gauge("keqing_duty_failures", "Failed runs of a duty in this process", ["context", "duty"])
DUTY_FACTS = Gauge("keqing_duty_facts", "Facts made by a duty in this process", ["context", "duty"])

UNMATCHED = "(none)"
"""Stands for the route of a request that no route matches: paths are not labels."""

_known: dict[tuple[str, str, str, int], tuple[Counter, Histogram]] = {}


def count(context: str, method: str, route: str, status: int, seconds: float) -> None:
    """One request answered. The children are kept, because looking them up costs more than counting."""
    key = (context, method, route, status)
    found = _known.get(key)
    if found is None:
        found = _known[key] = (
            REQUESTS.labels(context, method, route, str(status)),
            LATENCY.labels(context, method, route),
        )
    found[0].inc()
    found[1].observe(seconds)


async def metrics_of(service: "Service") -> Response:
    """The figures of this process, those of the database as they are now."""
    name = service.context.name
    standing = await service.standing()
    FACTS.labels(name).set(standing.head)
    for view in standing.views:
        VIEW_LAG.labels(name, view.name).set(max(0, standing.head - view.position))
    RELAY_LAG.labels(name).set(max(0, standing.head - standing.relayed))
    PARKED.labels(name).set(standing.parked)
    if service.clockwork is not None:
        for duty, state in service.clockwork.states.items():
            DUTY_FAILURES.labels(name, duty).set(state.failures)
            DUTY_FACTS.labels(name, duty).set(state.facts)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

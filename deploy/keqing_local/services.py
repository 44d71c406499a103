"""The four services and where their applications are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from fastapi import FastAPI

from keqing_local.failure import CannotRun
from keqing_shared.collector import sparing_collector
from keqing_shared.context import Context
from keqing_shared.service import Service
from keqing_shared.settings import Settings

SERVICES = {
    "pipeline": "keqing_pipeline.app",
    "service-desk": "keqing_service_desk.app",
    "collections": "keqing_collections.app",
    "notify": "keqing_notify.app",
}
"""In the order they start: who minds customers first, who listens to all last."""


def applications() -> dict[str, FastAPI]:
    """Each service's application; they read their settings from the environment when they start."""
    return {name: import_module(module).app for name, module in SERVICES.items()}


def context(name: str) -> Context:
    """What the service is made of."""
    if name not in SERVICES:
        raise CannotRun(f"there is no context {name!r}: it is one of {', '.join(SERVICES)}")
    made: Context = import_module(SERVICES[name]).CONTEXT
    return made


@asynccontextmanager
async def at_rest(context: Context, settings: Settings, database_url: str) -> AsyncIterator[Service]:
    """The service with its tables made, but none of its parts running: for work on its database."""
    rest: dict[str, object] = {"database_url": database_url, "nats_url": None, "roles": frozenset()}
    with sparing_collector():
        async with Service(context, settings.model_copy(update=rest)) as service:
            yield service

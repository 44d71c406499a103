"""JSON logs: one object a line on standard output, without personal data and without tokens."""

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

import msgspec
import structlog

from keqing_shared.domain import RuleBroken

Event = MutableMapping[str, Any]

REQUEST: ContextVar[tuple[str, str] | None] = ContextVar("keqing_request", default=None)
"""Context and correlation id of the request that is being answered; every line of the log names them."""

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure_logs(level: str = "info") -> None:
    """For a process that serves; libraries' own loggers speak from warnings upward, in the same form."""
    structlog.configure(
        processors=[
            _of_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _trace_without_values,
            _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=False,
    )
    handler = _Forward()
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


class _Forward(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        # The first line alone: asyncio's further ones show the exception that nobody has awaited.
        message = record.getMessage().partition("\n")[0]
        structlog.get_logger(record.name).log(
            record.levelno, record.name, message=message, exc_info=record.exc_info
        )


def _of_request(_logger: Any, _method: str, event: Event) -> Event:
    request = REQUEST.get()
    if request is not None:
        event.setdefault("context", request[0])
        event["correlation_id"] = request[1]
    return event


def _trace_without_values(_logger: Any, _method: str, event: Event) -> Event:
    """Where an exception came from; not its message, which may quote what somebody sent."""
    given = event.pop("exc_info", None)
    if not given:
        return event
    error = (
        given
        if isinstance(given, BaseException)
        else given[1]
        if isinstance(given, tuple)
        else sys.exc_info()[1]
    )
    if error is not None:
        event["error"] = type(error).__name__
        event["trace"] = trace_of(error)
    return event


def trace_of(error: BaseException, most: int = 12) -> list[str]:
    """The innermost places, ``file:line function``."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-most:]


def told_of(error: BaseException) -> str:
    """An exception as an operator hears of it: its type and place. Not its message, which may quote
    what somebody sent or said, or a whole row; only those that name nothing but fields are let through.
    """
    kind = type(error).__name__
    if isinstance(error, RuleBroken):
        return f"{kind}: {error.title()}"
    if isinstance(error, msgspec.MsgspecError):
        return f"{kind}: {error}"
    place = "".join(trace_of(error, most=1)).rpartition("/")[2]
    return f"{kind} at {place}" if place else kind


def _as_json(_logger: Any, _method: str, event: Event) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)

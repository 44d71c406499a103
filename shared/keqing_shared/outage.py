"""The database's trouble, which passes, as asyncpg tells of it."""

import asyncpg

CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a session that is being ended: its last word is there, its end not yet
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,  # we stood still for too long, holding what others wait for
    asyncpg.CannotConnectNowError,
    OSError,
)
"""What says that this connection is no more, or that there is none to be had."""

DATABASE_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""For who has nothing to do but to wait until it answers again, whatever it says meanwhile."""

_PASSING = {
    "08",  # connection
    "40",  # rolled back: deadlock, serialization
    "53",  # resources
    "55",  # lock not available
    "57",  # operator: shutting down, cancelled
    "58",  # system: disk
}


def is_outage(error: BaseException) -> bool:
    """The database's trouble, which passes, not that of a fact or of the code that takes it in."""
    if isinstance(error, asyncpg.InvalidCachedStatementError | asyncpg.IdleInTransactionSessionTimeoutError):
        return True
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in _PASSING
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, ValueError)  # asyncpg's DataError: a value of the wrong type
    return isinstance(error, asyncpg.InternalClientError | OSError)

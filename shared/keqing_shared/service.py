"""A context while it runs: its pool, its tables, its parts as supervised tasks, stopped in order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self
from uuid import UUID

import asyncpg
import structlog

from keqing_shared.calendar import WorkingCalendar
from keqing_shared.checkpoints import Checkpoints
from keqing_shared.clock import CLOCK_SCHEMA, Clock
from keqing_shared.clockwork import Clockwork
from keqing_shared.context import Context
from keqing_shared.directory import DIRECTORY_TABLES, Directory, TableDirectory
from keqing_shared.domain import Aggregate, Command
from keqing_shared.ending import end
from keqing_shared.lease import Lease, LeaseLost
from keqing_shared.log import LOG_SCHEMA, Claim, Codec, Log, Meta, Receipt
from keqing_shared.messaging import MESSAGING_SCHEMA, Consumers, Parked, Relay, connection
from keqing_shared.outage import DATABASE_AWAY
from keqing_shared.policy_in_force import PolicyInForce
from keqing_shared.privacy import KEYS_SCHEMA, Keys, master_keys
from keqing_shared.privacy.erasures import Erasures
from keqing_shared.settings import Settings, SettingsWrong
from keqing_shared.streams import Streams
from keqing_shared.views import VIEWS_SCHEMA, Projector, ViewState

CONNECT_SECONDS = 10.0
STANDSTILL_SECONDS = 20.0
"""A process that stands still inside a transaction (frozen, swapped out) loses it after this long, for it
may hold the place in the log that all the others wait for."""
STOP_SECONDS = 10.0
"""A part that has not stopped by then is left behind."""
FIRST_RESTART = 0.5
LONGEST_RESTART = 30.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ServiceStanding:
    """How far everything is, as the database has it."""

    head: int
    views: Sequence[ViewState]
    relayed: int
    consumed: dict[str, int]
    parked: int


class Service:
    """``async with Service(context, settings) as service:``. Raises SettingsWrong when the database
    cannot be used; NATS may come later."""

    pool: Any
    questions: Any
    """A pool for what is asked: its statements are planned for the values that they are given."""
    keys: Keys
    log: Log
    streams: Streams
    views: Projector
    in_force: PolicyInForce
    directory: Directory
    clock: Clock

    def __init__(
        self, context: Context, settings: Settings, *, calendar: WorkingCalendar | None = None
    ) -> None:
        self.context = context
        self.settings = settings
        self.calendar = calendar or WorkingCalendar(settings.time_zone)
        self.consumers: Consumers | None = None
        self.clockwork: Clockwork | None = None
        self.nats: Any = None
        self.listens_to: frozenset[str] = frozenset(context.reactions.sources if context.reactions else ())
        self.stopping = asyncio.Event()
        """Set when it is about to stop: answers that stream without end then end by themselves."""
        self._stack = AsyncExitStack()
        self._parts: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def execute(
        self,
        aggregate: Aggregate[Any],
        id: UUID,
        command: Command,
        *,
        who: str,
        why: str | None = None,
        key: str | None = None,
        claims: Sequence[Claim] = (),
        releases: Sequence[Claim] = (),
    ) -> Receipt:
        """A command of the system itself. Raises RuleBroken, Taken, KeyReused."""
        meta = Meta(who=who, why=why, key=None if key is None else f"{who} {key}")
        return await self.streams.execute(aggregate, id, command, meta, claims=claims, releases=releases)

    async def catch_up(self) -> None:
        """Until the views have everything the log has now."""
        await self.views.catch_up()

    async def standing(self) -> ServiceStanding:
        """Raises what asyncpg raises when the database is away."""
        relayed = await self.pool.fetchval("SELECT position FROM relay WHERE context = $1", self.context.name)
        consumed = await self.pool.fetch("SELECT source, position FROM consumers")
        return ServiceStanding(
            head=await self.log.head(),
            views=await self.views.states(),
            relayed=relayed or 0,
            consumed={row["source"]: row["position"] for row in consumed},
            parked=await self.pool.fetchval("SELECT count(*) FROM parked"),
        )

    @property
    def policy(self) -> Any:
        """As it is now; another the next time, perhaps."""
        return self.in_force.policy

    @property
    def nats_state(self) -> Literal["connected", "away", "not used"]:
        if self.nats is None:
            return "not used"
        return "connected" if self.nats.is_connected else "away"

    async def _start(self) -> None:
        context, settings = self.context, self.settings
        self.pool = await self._connect(least=2, most=settings.pool_size)
        self._stack.push_async_callback(self._disconnect, self.pool)
        # How many rows a question is about, its values tell: a plan made for any would be bad for most.
        self.questions = await self._connect(
            least=0, most=max(2, settings.pool_size // 2), plan_cache_mode="force_custom_plan"
        )
        self._stack.push_async_callback(self._disconnect, self.questions)
        await self._migrate()
        self.clock = Clock(self.pool, settable=settings.development)
        await self.clock.load()
        self.keys = Keys(self.pool, master_keys(settings))
        codec = Codec(context.facts, self.keys)
        self.log = await self._stack.enter_async_context(Log(self.pool, codec, context.name))
        self.streams = Streams(self.log, self.clock, context.policy)
        self._stack.push_async_callback(self.streams.settled)
        self.in_force = PolicyInForce(context.name, context.policy, self.log, self.streams)
        await self.in_force.begin()
        self.views = Projector(self.pool, self.log, list(context.views))
        await self.views.prepare()
        self.directory = context.directory(self) if context.directory else TableDirectory(self.pool)
        self.parked = Parked(self, context.reactions) if context.reactions else None
        # Stopped in the reverse order: clockwork, consumers, relay, projector, checkpoints.
        if "clockwork" in settings.roles and settings.checkpoints is not None:
            signing = Checkpoints(self, settings.checkpoints)
            self._run("checkpoints", self._leased("checkpoints", lambda _: signing.run()))
        self._run("erasures", Erasures(self).run)
        if context.policy is not None:
            self._run("policy", self.in_force.follow)
        if settings.development:
            self._run("clock", self.clock.run)
        if "views" in settings.roles:
            self._run("views", self.views.run)
        if settings.nats_url is not None:
            await self._converse(settings.nats_url)
        if "clockwork" in settings.roles:
            for name, work in context.alongside.items():
                self._run(name, self._leased(name, work))
            if context.clockwork:
                self.clockwork = Clockwork(self, context.clockwork)
                self._run("clockwork", self.clockwork.run)
        _log.info("service.started", context=context.name, roles=sorted(settings.roles))

    async def _converse(self, nats_url: str) -> None:
        """Connects in the background: nothing waits for NATS."""
        context, roles = self.context, self.settings.roles
        self.nats = await self._stack.enter_async_context(connection(nats_url, f"keqing {context.name}"))
        if "relay" in roles:
            self._run("relay", Relay(self.pool, self.log, context.told, self.nats, context.name).run)
        if context.reactions is not None:
            self.consumers = Consumers(self, context.reactions)
            if "reactions" in roles:
                self._run("reactions", self.consumers.run)

    async def _connect(self, *, least: int, most: int, **server_settings: str) -> Any:
        settings = self.settings
        try:
            return await asyncpg.create_pool(
                settings.database_url,
                min_size=least,
                max_size=most,
                timeout=CONNECT_SECONDS,
                command_timeout=60,
                max_inactive_connection_lifetime=300,
                statement_cache_size=512,
                reset=_keep,
                server_settings={
                    "search_path": self.context.schema,
                    "application_name": f"keqing {self.context.name}",
                    "timezone": "UTC",
                    "jit": "off",
                    "idle_in_transaction_session_timeout": f"{STANDSTILL_SECONDS * 1000:.0f}",
                    **server_settings,
                },
            )
        except (*DATABASE_AWAY, TimeoutError, ValueError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise SettingsWrong(f"KEQING_DATABASE_URL: the database cannot be used: {said}") from error

    async def _disconnect(self, pool: Any) -> None:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await pool.close()
        except TimeoutError:
            pool.terminate()

    async def _migrate(self) -> None:
        """Every statement may be run again; one process at a time, since DDL races with itself."""
        schema = self.context.schema
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('keqing.migrate'))")
            await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            tables = (
                LOG_SCHEMA,
                KEYS_SCHEMA,
                VIEWS_SCHEMA,
                MESSAGING_SCHEMA,
                CLOCK_SCHEMA,
                *self.context.tables,
            )
            if self.context.directory is None:
                tables += (DIRECTORY_TABLES,)
            for statements in tables:
                await connection.execute(statements)

    def _run(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._parts.append(
            asyncio.create_task(self._supervise(name, work), name=f"{self.context.name}:{name}")
        )

    async def _supervise(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Parts survive what they can foresee; whatever else ends one is logged and it is started again."""
        pause = FIRST_RESTART
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await work()
            except Exception:
                _log.exception("part.failed", context=self.context.name, part=name)
            else:
                _log.warning("part.ended", context=self.context.name, part=name)
            if asyncio.get_running_loop().time() - began > LONGEST_RESTART:
                pause = FIRST_RESTART
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_RESTART)

    def _leased(
        self, name: str, work: Callable[["Service"], Awaitable[None]]
    ) -> Callable[[], Awaitable[None]]:
        async def under_lease() -> None:
            lease = Lease(self.pool, f"alongside:{name}")
            while True:
                try:
                    async with lease.held():
                        await work(self)
                        return
                except LeaseLost:
                    _log.info("part.replaced", context=self.context.name, part=name)

        return under_lease

    async def _stop(self) -> None:
        self.stopping.set()
        while self._parts:
            part = self._parts.pop()
            if not await end(part, STOP_SECONDS):
                _log.error("part.will-not-stop", part=part.get_name())
        await self._stack.aclose()


async def _keep(_: Any) -> None:
    """A connection goes back as it is, its transaction ended: none of us leaves anything else behind,
    and asyncpg's usual RESET would double the round trips."""

"""Every fault with the longest stall that it may cause."""

from dataclasses import dataclass

from tests.faults import on_the_log, on_the_way
from tests.faults.checker import Outcome
from tests.faults.world import Broken, Fault, World


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table."""

    name: str
    fault: Fault
    seconds: float
    """The longest stall allowed, on a machine that has time for it."""
    taking_back: bool = True
    poison: bool = False


ALL_AGAIN = 15.0
"""Seconds: all that was ever told, some 150,000 messages by then, is told again before anything new."""

LOG = (
    Row(name="16 writers in 2 processes", fault=on_the_log.none_at_all, seconds=2),
    Row(name="slow transactions", fault=on_the_log.slow_transactions, seconds=2),
    Row(name="writers cut off", fault=on_the_log.writers_cut_off, seconds=3),
    Row(name="readers cut off", fault=on_the_log.readers_cut_off, seconds=3),
)
"""Any store on PostgreSQL can be held against these."""

SERVERS = (
    Row(name="listeners cut off", fault=on_the_log.listeners_cut_off, seconds=2),
    Row(name="every NOTIFY lost", fault=on_the_log.notifications_lost, seconds=3),
    Row(name="kill -9 of services", fault=on_the_way.services_killed, seconds=10),
    Row(name="a view rebuilt, kill -9 within", fault=on_the_way.view_rebuilt, seconds=10),
    Row(name="kill -9 of the leading relay", fault=on_the_way.relay_leader_killed, seconds=5),
    Row(name="a stale leading relay wakes up", fault=on_the_way.stale_leader, seconds=10, taking_back=False),
    Row(name="kill -9 of PostgreSQL", fault=on_the_log.postgresql_killed, seconds=15),
    Row(name="kill -9 of NATS", fault=on_the_way.nats_killed, seconds=10),
    Row(name="all that NATS kept is gone", fault=on_the_way.nats_wiped, seconds=ALL_AGAIN),
    Row(name="NATS loses a message", fault=on_the_way.message_vanishes, seconds=ALL_AGAIN),
    Row(name="poison for some customers", fault=on_the_way.poison, seconds=5, poison=True),
    Row(name="everything delivered twice", fault=on_the_way.all_delivered_twice, seconds=ALL_AGAIN),
)
"""What takes the whole of Keqing, and servers that may be killed."""


@dataclass(frozen=True)
class Result:
    """How a fault went."""

    row: Row
    outcome: Outcome
    broken: str = ""

    def kept(self, patience: float = 1.0) -> bool:
        """``patience``: by how much stalls may be longer here."""
        return self.outcome.sound and not self.broken and self.outcome.stall <= patience * self.row.seconds


async def suffer(world: World, row: Row) -> Result:
    try:
        outcome = await world.suffer(row.fault, taking_back=row.taking_back, poison=row.poison)
    except Broken as broken:
        return Result(row, Outcome(), str(broken))
    return Result(row, outcome)

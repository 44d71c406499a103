"""A list taken away as a file, itself a fact of every context: that it was begun, and with how many rows it
ended. One that never ended was broken off."""

from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from keqing_shared.domain import Aggregate, Command, Fact


class ExportBegun(Fact, topic="audit.export-begun.v1"):
    """Somebody, named in the envelope, asks for the whole list; nothing of it has left yet."""

    export_id: UUID
    list: str
    """The path below the context's: ``/contacts``."""
    kind: str
    """The file's ending: ``csv``."""
    query: dict[str, str]
    """What the list was narrowed by; of names and numbers that were searched for nothing is kept."""
    searched: tuple[str, ...] = ()
    """The parameters whose values are not kept."""


class ExportEnded(Fact, topic="audit.export-ended.v1"):
    """Every row but the last ones has left; these do when it is recorded."""

    export_id: UUID
    rows: int


class BeginExport(Command):
    """As the fact."""

    export_id: UUID
    list: str
    kind: str
    query: dict[str, str]
    searched: tuple[str, ...] = ()


class EndExport(Command):
    """As the fact."""

    export_id: UUID
    rows: int


class Exports(msgspec.Struct, frozen=True):
    """Of a month: there is nothing that they have to agree with."""


def exports_id(context: str, day: date) -> UUID:
    """The stream of a context's exports in that day's month."""
    return uuid5(NAMESPACE_URL, f"keqing:exports:{context}:{day:%Y-%m}")


def _decide(
    command: BeginExport | EndExport, _state: Exports | None, _policy: Any
) -> list[ExportBegun | ExportEnded]:
    match command:
        case BeginExport():
            return [
                ExportBegun(
                    export_id=command.export_id,
                    list=command.list,
                    kind=command.kind,
                    query=command.query,
                    searched=command.searched,
                )
            ]
        case EndExport():
            return [ExportEnded(export_id=command.export_id, rows=command.rows)]


def _evolve(_state: Exports | None, _fact: ExportBegun | ExportEnded) -> Exports:
    return Exports()


EXPORTING: Aggregate[Exports] = Aggregate(
    name="exports",
    facts=(ExportBegun, ExportEnded),
    decide=_decide,
    evolve=_evolve,
    customer_of=lambda _id, _state: None,
    state=Exports,
)

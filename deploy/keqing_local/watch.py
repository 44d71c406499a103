"""``keqing watch``: what the services tell each other, as it happens."""

import asyncio
from typing import Annotated

import nats
import typer
from nats.aio.msg import Msg

from keqing_local.failure import CannotRun
from keqing_local.servers import Servers
from keqing_shared.settings import Settings


def watch(
    subject: Annotated[
        str, typer.Argument(help="keqing.<context>.<Event>.<customer>; * stands for one part, > for the rest")
    ] = "keqing.>",
    count: Annotated[int | None, typer.Option(min=1, help="End after so many")] = None,
    past: Annotated[bool, typer.Option("--past", help="Begin with those JetStream has kept")] = False,
) -> None:
    """Print the messages on NATS, a subject and its CloudEvent a line, until Ctrl-C."""
    try:
        asyncio.run(_watch(subject, count, past))
    except KeyboardInterrupt:
        return


async def _watch(subject: str, count: int | None, past: bool) -> None:
    servers = Servers(Settings.from_env())
    await servers.wait_running()
    client = await nats.connect(servers.nats_url)
    enough = asyncio.Event()
    seen = 0

    async def show(message: Msg) -> None:
        nonlocal seen
        if seen == count:
            return
        seen += 1
        typer.echo(f"{message.subject} {message.data.decode(errors='replace')}")
        if seen == count:
            enough.set()

    try:
        if past:
            jetstream = client.jetstream()
            for stream in await jetstream.streams_info():
                if _may_hold(stream.config.subjects or [], subject):
                    await jetstream.subscribe(
                        subject, stream=stream.config.name, cb=show, ordered_consumer=True
                    )
        else:
            await client.subscribe(subject, cb=show)
        await client.flush()
        typer.echo(f"watching {subject}", err=True)
        await enough.wait()
    except nats.errors.Error as problem:
        raise CannotRun(f"cannot watch {subject!r}: {problem}") from None
    finally:
        await client.close()


def _may_hold(held: list[str], wanted: str) -> bool:
    """Whether a stream's subjects (``keqing.<context>.>``) and the wanted one are about the same context."""
    house, context = [*wanted.split("."), ">", ">"][:2]
    return any(
        house in ("*", ">", subject.split(".")[0]) and context in ("*", ">", subject.split(".")[1])
        for subject in held
    )

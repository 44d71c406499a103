"""An app explored by schemathesis over real HTTP: every check, on every operation of its OpenAPI document.

``await explore(it, examples=10)`` raises AssertionError with the report when a check finds something.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

import uvicorn
from fastapi import FastAPI

from keqing_shared.http.user import Role
from tests.harness import Serving

CONFIG = Path(__file__).with_name("schemathesis.toml")


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """The app on a free port, in this event loop; its address."""
    # The protocol is named, or asyncio would not set TCP_NODELAY and each answer take 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def explore(
    it: Serving,
    *,
    login: str = "li.wei",
    roles: tuple[str, ...] = get_args(Role),
    examples: int = 10,
    seconds: float = 240,
    options: tuple[str, ...] = (),
) -> str:
    """The report. ``roles``: of the token, by default all; ``options``: of ``schemathesis run``."""
    async with listening(it.app) as address:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
            f"{address}{it.service.context.prefix}/openapi.json",
            *("--header", f"Authorization: Bearer {it.token(login, *roles)}"),
            *("--checks", "all", "--max-examples", str(examples), "--no-color", "--seed", "1"),
            *options,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(seconds):
                output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    report = output.decode()
    assert process.returncode == 0, report
    return report

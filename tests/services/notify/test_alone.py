"""Notify as a process of its own, as it is run outside the local stack."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import httpx

from keqing_shared.http.signing import issue_token
from keqing_shared.settings import Settings
from tests.port import free_port


async def test_an_open_stream_does_not_keep_the_process_from_stopping(
    database: str, nats_url: str, tmp_path: Path
) -> None:
    settings = Settings(env="development", home=tmp_path)
    port = free_port()
    headers = {"Authorization": f"Bearer {issue_token(settings, 'li.wei', ['rep'])}"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "uvicorn", "keqing_notify.app:app", "--port", str(port),
        env={
            **os.environ,
            "KEQING_ENV": "development",
            "KEQING_HOME": str(tmp_path),
            "KEQING_DATABASE_URL": database,
            "KEQING_NATS_URL": nats_url,
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        while b"running on" not in (line := await process.stderr.readline()):
            assert line, "it has not started"
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
            client.stream("GET", "/notify/stream", headers=headers) as answer,
        ):
            lines = answer.aiter_lines()
            async for line_of_stream in lines:
                if line_of_stream == ": connected":
                    break
            process.send_signal(signal.SIGTERM)
            assert [line_of_stream async for line_of_stream in lines if line_of_stream] == []
        rest = await process.stderr.read()
        assert b"Traceback" not in rest, rest.decode()
        await process.wait()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()

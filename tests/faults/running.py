"""Services as processes of their own, to be killed and started again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from keqing_shared.http.signing import issue_token
from keqing_shared.settings import Settings
from tests.port import free_port

START_SECONDS = 30.0
APPS = {
    "pipeline": "keqing_pipeline.app:app",
    "service-desk": "keqing_service_desk.app:app",
    "collections": "keqing_collections.app:app",
    "notify": "keqing_notify.app:app",
}


class Running:
    """One service in one process, on a port that it keeps through its deaths."""

    def __init__(self, name: str, environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.port = free_port()
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", APPS[self.name], "--port", str(self.port)]
        with self._log.open("ab") as said:
            self._process = await asyncio.to_thread(
                subprocess.Popen, command, env=self._environment, stdout=said, stderr=said
            )
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(START_SECONDS):
            while True:
                assert self._process.poll() is None, self._log.read_text(errors="replace")[-3000:]
                try:
                    answer = await client.get(f"{self.url}/{self.name}/health/ready")
                    if answer.is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """``kill -9``."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            await asyncio.to_thread(self._process.wait, 30)


class People:
    """Who do not give up: the same command again, under the same key, until it is answered."""

    def __init__(self, services: dict[str, Running], home: Path) -> None:
        self._services = services
        self._settings = Settings(env="development", home=home)
        self._client = httpx.AsyncClient(trust_env=False, timeout=10)
        self.again = 0
        """How often a request had to be sent again."""

    async def call(self, who: str, role: str, method: str, path: str, **options: Any) -> httpx.Response:
        service = self._services[path.split("/")[1]]
        headers = {"Authorization": f"Bearer {issue_token(self._settings, who, [role])}"}
        headers |= options.pop("headers", {})
        async with asyncio.timeout(45):
            while True:
                try:
                    answer = await self._client.request(
                        method, f"{service.url}{path}", headers=headers, **options
                    )
                    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                        return answer
                except httpx.TransportError:
                    pass
                self.again += 1
                await asyncio.sleep(0.05)

    async def do(self, who: str, role: str, path: str, body: dict[str, Any], key: str) -> httpx.Response:
        answer = await self.call(who, role, "POST", path, json=body, headers={"Idempotency-Key": key})
        assert answer.is_success, answer.text
        return answer

    async def close(self) -> None:
        await self._client.aclose()


@asynccontextmanager
async def running(
    names: tuple[str, ...], database: str, nats_url: str, home: Path
) -> AsyncIterator[tuple[dict[str, Running], People]]:
    """The services named, each a process; and people who use them."""
    environment = {
        **os.environ,
        "KEQING_ENV": "development",
        "KEQING_HOME": str(home),
        "KEQING_DATABASE_URL": database,
        "KEQING_NATS_URL": nats_url,
        "KEQING_POOL_SIZE": "6",
    }
    services = {name: Running(name, environment, home / f"{name}.log") for name in names}
    people = People(services, home)
    try:
        await asyncio.gather(*(service.start() for service in services.values()))
        yield services, people
    finally:
        await people.close()
        await asyncio.gather(*(service.stop() for service in services.values()))

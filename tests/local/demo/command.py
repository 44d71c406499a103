"""``keqing demo`` as a person runs it, and what its services say of themselves."""

import subprocess
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx

from tests.local.conftest import KEQING, Run

SERVICES = ("pipeline", "service-desk", "collections", "notify")
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


def demo(run: Run, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [KEQING, "demo", *arguments],
        env=run.environ,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def clocks(run: Run) -> list[float]:
    """Seconds that each service is ahead of real time."""
    bearer = {"Authorization": f"Bearer {run.token}"}
    return [
        httpx.get(f"{run.url}/{service}/development/clock", headers=bearer).json()["ahead_seconds"]
        for service in SERVICES
    ]


def heads(run: Run) -> list[int]:
    return [httpx.get(f"{run.url}/{service}/health/ready").json()["head"] for service in SERVICES]


def bearer(run: Run, login: str, role: str) -> dict[str, str]:
    made = subprocess.run(
        [KEQING, "token", "--user", login, "--role", role],
        env=run.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return {"Authorization": f"Bearer {made.stdout.strip()}"}

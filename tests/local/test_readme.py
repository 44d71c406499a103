"""Every command of the README's first five minutes works as it stands there."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
KEQING = Path(sys.executable).with_name("keqing")


def first_five_minutes() -> str:
    section = (ROOT / "README.md").read_text().split("## The first five minutes")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL))


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README speaks curl")
@pytest.mark.timeout(240)
def test_the_first_five_minutes_work(start: Callable[..., Any], tmp_home: Path) -> None:
    run = start().ready()
    script = first_five_minutes()
    assert script.count("call ") > 8
    # Another port, another folder, and a clock that does not wait a minute for what is due.
    soon = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    turn = f"""call "$admin" /collections/development/clock -X PUT -d '{{"now": "{soon}"}}'\n"""
    script = script.replace("http://127.0.0.1:8000", run.url).replace(".venv/bin/keqing", str(KEQING))
    script = script.replace("until call", f"{turn}until call")
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=tmp_home,
        env=run.environ,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in (
        "UserEnrolled",
        "CallLogged",
        "evidence-missing",
        "StageAdvanced",
        '"place":"3"',
        "keqing.pipeline.CallLogged.",
        "InvoiceIssued",
        "逾期未付",
        "杭州临江纺织有限公司",
        "stage: - → 3",
    ):
        assert shown in done.stdout, f"{shown} is missing in: {done.stdout}"
    assert "问了价格和交期" not in next(
        line for line in done.stdout.splitlines() if line.startswith("keqing.pipeline.CallLogged")
    )
    assert run.stop() == 0
    assert run.errors == ""

"""``keqing demo`` where no company of its own is: it starts a stack, or says what is in the way."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import psutil
import pytest

from keqing_local.demo.plan import Settings, make_plan
from tests.local.conftest import KEQING, Start, environment
from tests.local.demo.command import TODAY, bearer, clocks, demo, heads
from tests.port import free_port

pytestmark = pytest.mark.timeout(240)


def test_a_stack_of_its_own_is_started_when_none_runs_and_stopped_with_it() -> None:
    with tempfile.TemporaryDirectory(prefix="kq-") as folder:
        environ = environment(Path(folder) / "home", free_port())
        process = subprocess.Popen(
            [KEQING, "demo", "--customers", "1", "--weeks", "4"],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        said = ""
        while "goes on serving" not in said:
            line = process.stdout.readline()
            assert line, process.communicate()
            said += line
        url = f"http://127.0.0.1:{environ['KEQING_PORT']}"
        assert httpx.get(f"{url}/health/ready").json()["status"] == "ready"
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert not [child for child in children if child.is_running()]


def test_what_keeps_its_own_stack_from_coming_up_is_said() -> None:
    with tempfile.TemporaryDirectory(prefix="kq-") as folder:
        nowhere = "postgresql://127.0.0.1:1/keqing"
        environ = environment(Path(folder) / "home", free_port(), KEQING_DATABASE_URL=nowhere)
        refused = subprocess.run(
            [KEQING, "demo"], env=environ, capture_output=True, text=True, timeout=120, check=False
        )
    assert refused.returncode == 1
    assert "KEQING_DATABASE_URL" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_company_begun_by_another_plan_is_not_gone_on_with(start: Start) -> None:
    run = start().ready()
    plan = make_plan(Settings(1, TODAY, 1, 4))
    (customer,) = plan.customers
    begun = f"演示公司 seed=1 until={TODAY} customers=1 weeks=4 zone=Asia/Shanghai"
    admin = {"Authorization": f"Bearer {run.token}"}
    login = customer.owner.login
    for user in (
        {"login": "demo", "name": begun, "roles": ["admin"]},
        {"login": login, "name": login, "roles": ["rep"]},
    ):
        httpx.post(f"{run.url}/pipeline/users", json=user, headers=admin).raise_for_status()
    owner = bearer(run, login, "rep") | {"Idempotency-Key": plan.diaries[0][0].key}
    other = {"kind": "individual", "name": "另一位"}
    httpx.post(f"{run.url}/pipeline/customers", json=other, headers=owner).raise_for_status()
    refused = demo(run)
    assert refused.returncode == 1
    assert "begun by another version" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert clocks(run) == [0.0, 0.0, 0.0, 0.0]


def test_somebody_elses_user_demo_is_left_alone(start: Start) -> None:
    run = start().ready()
    user = {"login": "demo", "name": "德默", "roles": ["rep"]}
    admin = {"Authorization": f"Bearer {run.token}"}
    httpx.post(f"{run.url}/pipeline/users", json=user, headers=admin).raise_for_status()
    before = heads(run)
    refused = demo(run)
    assert refused.returncode == 1
    assert "德默" in refused.stderr
    assert heads(run) == before


def test_where_somebody_else_answers_it_says_so() -> None:
    with tempfile.TemporaryDirectory(prefix="kq-") as folder:
        environ = environment(Path(folder) / "home", free_port())
        listening = ["python3", "-m", "http.server", environ["KEQING_PORT"], "--bind", "127.0.0.1"]
        with subprocess.Popen(
            listening, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as other:
            try:
                url = f"http://127.0.0.1:{environ['KEQING_PORT']}"
                _until_it_answers(url)
                refused = subprocess.run(
                    [KEQING, "demo"], env=environ, capture_output=True, text=True, timeout=60, check=False
                )
            finally:
                other.terminate()
        assert refused.returncode == 1
        assert "something else than Keqing answers" in refused.stderr
        assert "Traceback" not in refused.stderr


def _until_it_answers(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            httpx.get(url)
            return
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError(f"{url} never answered")

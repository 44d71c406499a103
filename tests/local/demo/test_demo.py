"""``keqing demo`` against a real ``keqing run``: interrupted, taken up again, and then already there."""

import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from keqing_local.demo.plan import Plan, Settings, make_plan
from tests.local.conftest import KEQING, Run, environment
from tests.local.demo.command import TODAY, bearer, clocks, demo, heads
from tests.local.demo.ledger import Ledger, count
from tests.port import free_port

pytestmark = pytest.mark.timeout(240)

CUSTOMERS, WEEKS = 12, 26


def telling_plan() -> tuple[Plan, Ledger]:
    """The first company of this day that has something of everything the tests look at."""
    for seed in range(4_000):
        plan = make_plan(Settings(seed, TODAY, CUSTOMERS, WEEKS))
        ledger = count(plan)
        complaints = ledger.complaints and ledger.complaints > ledger.closed
        rooms = ledger.listed and ledger.pooled and ledger.care["done"]
        if ledger.plain and complaints and ledger.lost and ledger.won and ledger.overdue(TODAY) and rooms:
            return plan, ledger
    raise AssertionError(
        "no seed makes a company with a complaint, a loss, an overdue invoice, a pool and care"
    )


@dataclass
class House:
    """A Keqing with a small demo company in it."""

    run: Run
    plan: Plan
    ledger: Ledger
    interrupted: subprocess.CompletedProcess[str]
    clocks_then: list[float]
    finished: subprocess.CompletedProcess[str]

    def demo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return demo(self.run, *arguments)

    def get(self, path: str, login: str = "lu.yan", role: str = "auditor") -> Any:
        header = bearer(self.run, login, role)
        return httpx.get(f"{self.run.url}{path}", headers=header, timeout=30).raise_for_status().json()


def interrupted_once_calls_are_logged(run: Run, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Ctrl-C in the middle of the year: the clock shows the past, and work is under way."""
    process = subprocess.Popen(
        [KEQING, "demo", *arguments],
        env=run.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while heads(run)[0] < 120:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    assert clocks(run)[0] < -86_400
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def somebody_tried_things_before(run: Run, plan: Plan) -> None:
    """As the README has newcomers do: a colleague of the demo's login, a customer of the demo's name."""
    colleague = {"login": "li.wei", "name": "李薇", "roles": ["rep"]}
    namesake = {"kind": plan.customers[0].kind, "name": plan.customers[0].name, "owner": "li.wei"}
    rep = bearer(run, "li.wei", "rep")
    for path, body, header in (
        ("/pipeline/users", colleague, {"Authorization": f"Bearer {run.token}"}),
        ("/pipeline/customers", namesake, rep),
    ):
        httpx.post(run.url + path, json=body, headers=header).raise_for_status()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    plan, ledger = telling_plan()
    size = ("--seed", str(plan.settings.seed), "--customers", str(CUSTOMERS), "--weeks", str(WEEKS))
    with tempfile.TemporaryDirectory(prefix="kq-") as folder:
        home = Path(folder) / "home"
        run = Run(home, environment(home, free_port()))
        try:
            run.ready()
            somebody_tried_things_before(run, plan)
            interrupted = interrupted_once_calls_are_logged(run, *size)
            then = clocks(run)
            yield House(run, plan, ledger, interrupted, then, demo(run))
            assert run.stop() == 0
        finally:
            run.close()


def test_an_interruption_gives_the_clock_back_and_says_how_to_go_on(house: House) -> None:
    assert house.interrupted.returncode == 130, house.interrupted.stderr
    assert "keqing demo again goes on from here" in house.interrupted.stderr
    assert house.clocks_then == [0.0, 0.0, 0.0, 0.0]


def test_taken_up_again_it_makes_the_company_whole_and_says_what_to_look_at(house: House) -> None:
    assert house.finished.returncode == 0, house.finished.stderr
    assert house.finished.stderr == "", "the rules refused nothing"
    assert f"{CUSTOMERS} customers" in house.finished.stdout
    assert f"seed {house.plan.settings.seed}" in house.finished.stdout
    for address in ("/pipeline/board", "/pipeline/funnel", "/collections/ageing", "/service-desk/queue"):
        assert address in house.finished.stdout
    assert "keqing token --user li.wei --role rep" in house.finished.stdout
    assert clocks(house.run) == [0.0, 0.0, 0.0, 0.0]


def test_the_funnel_and_the_board_show_what_was_planned(house: House) -> None:
    (funnel,) = house.get("/pipeline/funnel")
    ledger = house.ledger
    assert funnel["opportunities"] == ledger.opportunities
    assert (funnel["won"], funnel["lost"]) == (ledger.won.total(), ledger.lost)
    assert [Decimal(amount["amount"]) for amount in funnel["won_amounts"]] == [ledger.won_amount]
    board = house.get("/pipeline/board")
    won = {cell["owner"]: cell["count"] for cell in board if cell["place"] == "won"}
    assert won == dict(ledger.won)


def test_the_ageing_is_what_was_invoiced_less_what_was_paid(house: House) -> None:
    (total,) = house.get("/collections/ageing?by=customer&basis=due")["totals"]
    assert Decimal(total["open"]) == house.ledger.unpaid
    late = sum((house.ledger.open[number] for number in house.ledger.overdue(TODAY)), Decimal(0))
    aged = sum((Decimal(b["amount"]) for b in total["buckets"] if b["label"] != "current"), Decimal(0))
    assert aged == late


def test_the_queue_holds_the_complaints_that_are_not_closed(house: House) -> None:
    queue = house.get("/service-desk/queue?limit=200")["items"]
    assert len(queue) == house.ledger.complaints - house.ledger.closed


def test_an_overdue_invoice_is_in_the_inbox_of_its_owner_and_of_the_collectors(house: House) -> None:
    for number in house.ledger.overdue(TODAY):
        for login, role in ((house.ledger.owner[number], "rep"), ("sun.yi", "collector")):
            inbox = house.get("/notify/inbox?limit=200", login, role)["items"]
            assert any(number in item["body"] for item in inbox), f"{number} for {login}"


def test_lists_pool_and_care_hold_what_was_planned(house: House) -> None:
    keys = {row["customer_id"]: row["details"]["external"][0]["id"] for row in known(house)}
    listed = house.get("/pipeline/tracking-list?limit=200")["items"]
    assert {keys[row["customer_id"]] for row in listed} == house.ledger.listed
    pooled = house.get("/pipeline/open-pool?limit=200")["items"]
    assert {keys[row["customer_id"]] for row in pooled} == house.ledger.pooled
    register = Counter(row["status"] for row in house.get("/pipeline/care-requests?limit=200")["items"])
    assert register == +house.ledger.care
    assert len(house.get("/pipeline/contacts?limit=200")["items"]) == house.ledger.contacts


def known(house: House) -> list[dict[str, Any]]:
    rows = house.get("/pipeline/customers?limit=200")["items"]
    return [row for row in rows if any(one["system"] == "demo" for one in row["details"]["external"])]


def test_facts_were_recorded_when_they_are_said_to_have_happened(house: House) -> None:
    customer, diary = house.plan.customers[0], house.plan.diaries[0]
    (row,) = house.get(f"/pipeline/customers?external=demo:{customer.key}")["items"]
    history = house.get(f"/pipeline/audit/customers/{row['customer_id']}?limit=200")["items"]
    registered = datetime.fromisoformat(history[0]["recorded_at"]).astimezone(house.plan.days.zone)
    assert (history[0]["kind"], registered.date()) == ("CustomerRegistered", customer.since)
    calls = [deed for deed in diary if deed.path.endswith("/calls")]
    logged = [entry for entry in history if entry["kind"] == "CallLogged"]
    assert len(logged) == len(calls)
    for deed, entry in zip(calls, logged, strict=True):
        recorded = datetime.fromisoformat(entry["recorded_at"])
        assert deed.at <= recorded
        assert recorded.astimezone(house.plan.days.zone).date() == deed.at.date()
        assert entry["who"] == deed.who


def test_who_and_what_was_there_before_is_kept_beside_the_company(house: House) -> None:
    li_wei = house.get("/pipeline/users/li.wei")
    assert (li_wei["name"], li_wei["team"], li_wei["manager"]) == ("李伟", "华东", "zhao.min")
    name = house.plan.customers[0].name
    found = house.get(f"/pipeline/customers?name={name}")["items"]
    assert [row["name"] for row in found] == [name, name]


def test_a_second_time_nothing_is_added(house: House) -> None:
    before = heads(house.run)
    again = house.demo()
    assert again.returncode == 0, again.stderr
    assert "already there" in again.stdout
    assert heads(house.run) == before


def test_another_company_beside_it_is_refused(house: House) -> None:
    refused = house.demo("--seed", str(house.plan.settings.seed + 1))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "already" in refused.stderr
    assert "KEQING_HOME" in refused.stderr


def test_outside_of_development_there_is_no_demo(house: House) -> None:
    refused = subprocess.run(
        [KEQING, "demo"],
        env={**house.run.environ, "KEQING_ENV": "production"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("keqing: KEQING_ENV")

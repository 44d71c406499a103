"""The demo company's plan: the same every time, and a year one can believe."""

import re
from collections import Counter
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from keqing_local.demo.plan import Deed, Plan, Settings, make_plan
from keqing_local.demo.plan.contacts import SIGNALS
from keqing_local.demo.plan.people import EVERYBODY, TEAMS
from keqing_local.demo.slots import slots
from keqing_shared.calendar import WorkingCalendar

UNTIL = date(2026, 3, 2)
YEAR = Settings(seed=20260101, until=UNTIL, customers=400, weeks=52)
LOGINS = {person.login: person for person in EVERYBODY}
CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(YEAR)


def kind(deed: Deed) -> str:
    """``won`` for ``/pipeline/opportunities/{O0001-1}/won``."""
    return deed.path.rsplit("/", 1)[1]


def amount(deed: Deed) -> Decimal:
    return Decimal(deed.body["amount"]["amount"])


def test_the_same_seed_and_day_make_the_same_company(plan: Plan) -> None:
    again = make_plan(YEAR)
    assert again.diaries == plan.diaries
    assert [customer.file for customer in again.customers] == [customer.file for customer in plan.customers]


def test_the_same_seed_makes_the_same_customers_on_any_day(plan: Plan) -> None:
    later = make_plan(Settings(seed=YEAR.seed, until=date(2026, 11, 5), customers=400, weeks=52))
    assert [(c.name, c.owner) for c in later.customers] == [(c.name, c.owner) for c in plan.customers]


def test_another_seed_makes_another_company(plan: Plan) -> None:
    other = make_plan(Settings(seed=1, until=UNTIL, customers=400, weeks=52))
    assert not {customer.name for customer in other.customers} >= {c.name for c in plan.customers[:50]}


def test_three_teams_of_four_reps_each_under_a_manager() -> None:
    assert [len(team.reps) for team in TEAMS] == [4, 4, 4]
    assert all(rep.manager == team.manager.login for team in TEAMS for rep in team.reps)
    roles = Counter(person.role for person in EVERYBODY)
    assert roles == {
        "sales_manager": 3,
        "rep": 12,
        "agent": 4,
        "supervisor": 1,
        "collector": 2,
        "credit_controller": 1,
        "auditor": 1,
    }
    before: set[str] = set()
    for person in EVERYBODY:
        assert person.manager is None or person.manager in before, "managers are enrolled first"
        before.add(person.login)


def test_four_hundred_customers_of_both_kinds_with_chinese_names_and_no_two_alike(plan: Plan) -> None:
    files = [customer.file for customer in plan.customers]
    assert len(files) == 400
    kinds = Counter(file["kind"] for file in files)
    assert 220 <= kinds["enterprise"] <= 300
    assert all(CHINESE.fullmatch(file["name"]) for file in files)
    assert len({re.sub("(股份|集团)?有限公司$", "", file["name"]) for file in files}) == 400
    phones = [phone for file in files for phone in file["phones"]]
    assert len(set(phones)) == len(phones)
    assert {customer.owner.login for customer in plan.customers} == {
        rep.login for team in TEAMS for rep in team.reps
    }
    enterprises = [file for file in files if file["kind"] == "enterprise"]
    assert all(CHINESE.search(file["industry"]) for file in enterprises)
    assert all("号" in file["enterprise"]["basics"]["address"] for file in enterprises)


def test_everything_happens_on_working_days_of_the_year_in_working_hours(plan: Plan) -> None:
    calendar = WorkingCalendar()
    for deed in plan.deeds:
        assert UNTIL - timedelta(weeks=52) <= deed.at.date() < UNTIL
        assert calendar.is_working_day(deed.at.date()), deed
        assert time(9) <= deed.at.timetz().replace(tzinfo=None) <= time(18), deed


def test_a_diary_is_in_order_and_names_nothing_that_is_not_there_yet(plan: Plan) -> None:
    keys = [deed.key for deed in plan.deeds]
    assert len(set(keys)) == len(keys)
    for diary in plan.diaries:
        known: set[str] = set()
        assert [deed.at for deed in diary] == sorted(deed.at for deed in diary)
        for deed in diary:
            assert known >= set(deed.needs), deed
            if deed.makes:
                known.add(deed.makes)


def test_people_do_what_is_their_work(plan: Plan) -> None:
    doing = {
        "calls": {"rep"},
        "visits": {"rep"},
        "won": {"rep"},
        "stage": {"rep", "sales_manager"},
        "owner": {"sales_manager"},
        "complaints": {"agent", "rep"},
        "acknowledgement": {"agent"},
        "approval": {"supervisor", "sales_manager"},
        "invoices": {"collector"},
        "payments": {"collector"},
        "credit-notes": {"credit_controller"},
        "write-off": {"credit_controller"},
    }
    for deed in plan.deeds:
        assert LOGINS[deed.who].role in doing.get(kind(deed), {LOGINS[deed.who].role}), deed
        if kind(deed) == "approval":
            assert deed.who not in {agent.login for agent in EVERYBODY if agent.role == "agent"}


def test_a_year_of_work_in_believable_proportions(plan: Plan) -> None:
    counts = Counter(kind(deed) for deed in plan.deeds)
    assert 450 <= counts["opportunities"] <= 650
    assert 5_000 <= counts["calls"] + counts["visits"] <= 9_000
    assert 0.4 <= counts["won"] / (counts["won"] + counts["lost"]) <= 0.65
    assert 60 <= counts["complaints"] <= 180
    assert counts["closing"] < counts["complaints"], "some are still open today"
    assert 300 <= counts["invoices"] <= 600
    assert 0.7 <= counts["payments"] / counts["invoices"] <= 1.1
    for rare in ("visits", "owner", "reversal", "credit-notes", "dispute", "resolution", "cancellation"):
        assert counts[rare] > 0, rare
    assert counts["allocations"] > 0, "somebody paid too much"
    assert counts["approval"] > 0, "somebody gave more than was theirs to give"


def test_a_rise_in_stage_has_its_evidence(plan: Plan) -> None:
    for diary in plan.diaries:
        seen: dict[str, set[str]] = {}
        stage: dict[str, int] = {}
        for deed in diary:
            opportunity = deed.path.split("/")[3] if deed.path.count("/") > 3 else ""
            if kind(deed) in ("calls", "visits"):
                seen.setdefault(opportunity, set()).update(deed.body.get("signals", ()))
            elif kind(deed) == "stage" and deed.body["to"] != "refused":
                to = int(deed.body["to"])
                if to > stage.get(opportunity, 0):
                    shown = {signal for rank in range(to, 5) for signal in SIGNALS[rank]}
                    assert shown & seen.get(opportunity, set()), deed
                else:
                    assert deed.body["reason"]
                stage[opportunity], seen[opportunity] = to, set()


def test_no_invoice_is_paid_and_credited_beyond_its_amount(plan: Plan) -> None:
    left: dict[str, Decimal] = {}
    for diary in plan.diaries:
        shares: dict[str, list[tuple[str, Decimal]]] = {}
        for deed in diary:
            if kind(deed) == "invoices":
                assert deed.makes is not None
                left[deed.makes] = amount(deed)
                assert Decimal(0) <= Decimal(deed.body["tax"]) < amount(deed)
                (line,) = deed.body["lines"]
                assert Decimal(line["amount"]) + Decimal(deed.body["tax"]) == amount(deed)
                assert deed.body["issued_on"] <= deed.body["due_on"]
            wishes = deed.body.get("allocations") or ()
            for wish in wishes:
                part = Decimal(wish["amount"]["amount"])
                left[wish["invoice_id"].name] -= part
                shares.setdefault(deed.makes or "", []).append((wish["invoice_id"].name, part))
            if kind(deed) == "payments":
                assert sum((part for _, part in shares.get(deed.makes or "", [])), Decimal(0)) <= amount(deed)
            if kind(deed) == "reversal":
                for invoice, part in shares.pop(deed.needs[0]):
                    left[invoice] += part
            if kind(deed) in ("credit-notes", "resolution"):
                credit = deed.body.get("amount") or deed.body.get("credit") or {"amount": "0"}
                left[deed.needs[0]] -= Decimal(credit["amount"])
            if kind(deed) == "settlement" and "invoice_id" in deed.body:
                left[deed.body["invoice_id"].name] -= amount(deed)
            assert min(left.values(), default=Decimal(0)) >= 0, deed


def test_nothing_is_done_to_an_invoice_that_was_cancelled_or_written_off(plan: Plan) -> None:
    for diary in plan.diaries:
        ended: set[str] = set()
        for deed in diary:
            assert ended.isdisjoint(deed.needs), deed
            if kind(deed) in ("cancellation", "write-off"):
                ended.update(deed.needs)


def test_a_credit_note_goes_to_an_invoice_that_the_complaint_is_about(plan: Plan) -> None:
    about: dict[str, list[str]] = {}
    credits = 0
    for deed in plan.deeds:
        if kind(deed) == "complaints":
            about[str(deed.makes)] = [ref.name for ref in deed.body.get("invoices", ())]
        if kind(deed) == "settlement" and deed.body["form"] == "credit_note":
            credits += 1
            concerned = about[deed.needs[0]]
            assert not concerned or deed.body["invoice_id"].name in concerned
    assert credits


def test_some_pay_in_time_some_late_some_in_parts_and_some_never(plan: Plan) -> None:
    due: dict[str, date] = {}
    paid: dict[str, list[date]] = {}
    for deed in plan.deeds:
        if kind(deed) == "invoices":
            due[str(deed.makes)] = date.fromisoformat(deed.body["due_on"])
        for wish in (deed.body.get("allocations") or ()) if kind(deed) == "payments" else ():
            paid.setdefault(wish["invoice_id"].name, []).append(deed.at.date())
    days = [(max(on) - due[invoice]).days for invoice, on in paid.items()]
    assert sum(day <= 0 for day in days) > 0.35 * len(days)
    assert sum(0 < day <= 35 for day in days) > 0.1 * len(days)
    assert sum(day > 35 for day in days) > 3
    assert any(len(on) > 1 for on in paid.values())
    long_due = {name for name, on in due.items() if on < UNTIL - timedelta(days=90)}
    assert long_due - set(paid), "somebody never pays"


def test_a_deed_is_done_at_the_first_stop_after_it_and_in_the_order_of_its_diary(plan: Plan) -> None:
    done: dict[str, int] = {}
    count = 0
    last = None
    for slot in slots(plan):
        assert last is None or slot.moment > last
        for deeds in slot.work:
            for deed in deeds:
                diary, number = deed.key.rsplit("-", 1)
                assert int(number) == done.get(diary, 0) + 1
                done[diary] = int(number)
                assert timedelta() <= slot.moment - deed.at
                assert last is None or deed.at > last
                count += 1
        last = slot.moment
    assert count == sum(1 for _ in plan.deeds)


@pytest.mark.parametrize("until", [date(2026, 2, 23), date(2026, 10, 8), date(2026, 5, 4)])
@pytest.mark.parametrize("seed", [0, 3])
def test_any_seed_and_day_make_a_plan_that_hangs_together(seed: int, until: date) -> None:
    made = make_plan(Settings(seed=seed, until=until, customers=60, weeks=20))
    test_a_diary_is_in_order_and_names_nothing_that_is_not_there_yet(made)
    test_no_invoice_is_paid_and_credited_beyond_its_amount(made)
    test_nothing_is_done_to_an_invoice_that_was_cancelled_or_written_off(made)
    test_a_deed_is_done_at_the_first_stop_after_it_and_in_the_order_of_its_diary(made)

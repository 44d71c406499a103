"""What a manager exports, corrects and sends back: only what was corrected changes."""

from typing import Any

import pytest

from keqing_shared.sheets.writing import CSV_TYPE, JSON_LINES_TYPE, XLSX_TYPE
from tests.json_lines import import_rows, outcomes
from tests.problem import problem

from .sales import Sales, at
from .there_and_back import FORMATS, KINDS, counted, exported, file_of, rows_of, sent_back

ENTERPRISE = {
    "source": "trade_show",
    "man": {"money": "yes"},
    "phones": ["138 0013 9001"],
    "external": [{"system": "crm", "id": "A-1"}, {"system": "erp", "id": "9"}],
    "enterprise": {
        "basics": {"assets": {"amount": "120000.50", "currency": "USD"}, "founded_on": "1900-01-31"}
    },
    "location": {"latitude": 30.123456789012345, "longitude": 120.1},
    "note": "=老客户\n见面谈",
}
PERSON = {"name": "王丽", "roles": ["decider"], "phones": ["138 0013 9002"], "family": "两个孩子; 一只猫"}


async def pursued(sales: Sales, **members: Any) -> tuple[str, str, str]:
    """A customer with a contact and an opportunity, registered by hand."""
    customer = await sales.customer(**members)
    answer = await sales.rep.post(f"/customers/{customer}/contacts", json=PERSON)
    assert answer.status_code == 201, answer.text
    opportunity = await sales.opportunity(customer_id=customer, amount={"amount": "5000"})
    await sales.serving.catch_up()
    return customer, answer.json()["id"], opportunity


@pytest.mark.parametrize("media_type", FORMATS)
async def test_what_was_entered_by_hand_comes_back_unchanged_but_for_the_one_cell_corrected(
    sales: Sales, media_type: str
) -> None:
    number = sales.number()
    one, *_ = await pursued(
        sales,
        **ENTERPRISE
        | {"external": [{"system": "crm", "id": f"A-{number}"}]}
        | {"distinct_because": "同一集团"},
    )
    two, *_ = await pursued(sales, note="另一家")
    rows = rows_of(media_type, await exported(sales.manager, "customers", media_type))
    for row in rows:
        if one in str(row["external"]):
            row["industry"] = "纺织"
    became = await sent_back(sales.manager, "customers", file_of(media_type, rows), media_type)
    assert counted(became) == {"amended": 1, "unchanged": len(rows) - 1}
    assert [row["id"] for row in became if row["outcome"] == "amended"] == [one]
    await sales.serving.catch_up()
    file = (await sales.rep.get(f"/customers/{one}")).json()["details"]
    assert (file["industry"], file["note"]) == ("纺织", "=老客户\n见面谈")
    assert file["external"] == [{"system": "crm", "id": f"A-{number}"}]
    assert file["location"] == ENTERPRISE["location"]
    assert two in str(rows)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_row_is_unchanged_on_every_page_and_says_so_before_it_is_carried_out(
    sales: Sales, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keqing_shared.http.plan.ROWS_A_PAGE", 2)
    for _ in range(3):
        await pursued(sales)
    for media_type in FORMATS:
        body = await exported(sales.manager, kind, media_type)
        head = await sales.serving.service.log.head()
        assert len(rows_of(media_type, body)) > 2
        for dry_run in (True, False):
            became = await sent_back(sales.manager, kind, body, media_type, dry_run=dry_run)
            assert set(counted(became)) == {"unchanged"}
        assert await sales.serving.service.log.head() == head


async def test_a_slim_file_leaves_what_it_has_no_column_for_and_an_empty_cell_clears(sales: Sales) -> None:
    one, *_ = await pursued(
        sales,
        note="保留",
        industry="纺织",
        distinct_because="同一集团",
        phones=["138 0013 9003"],
        enterprise={"basics": {"address": "临江路一号", "site": "https://a.cn"}},
    )
    [row] = [
        row for row in rows_of(CSV_TYPE, await exported(sales.manager, "customers")) if one in row["external"]
    ]
    slim = {name: row[name] for name in ("external", "kind", "name", "owner", "industry")}
    slim |= {"industry": "", "enterprise.basics.site": "https://b.cn", "value_class": "growable"}
    assert counted(await sent_back(sales.manager, "customers", file_of(CSV_TYPE, [slim]))) == {"amended": 1}
    await sales.serving.catch_up()
    file = (await sales.rep.get(f"/customers/{one}")).json()["details"]
    assert (file["industry"], file["value_class"], file["note"]) == (None, "growable", "保留")
    assert file["phones"] == ["+8613800139003"]
    assert (file["enterprise"]["basics"]["address"], file["enterprise"]["basics"]["site"]) == (
        "临江路一号",
        "https://b.cn",
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_what_others_have_changed_since_the_export_is_not_undone_by_it(sales: Sales, kind: str) -> None:
    ids = dict(zip(KINDS, await pursued(sales), strict=True))
    id = ids[kind]
    [row] = [
        one
        for one in rows_of(JSON_LINES_TYPE, await exported(sales.manager, kind, JSON_LINES_TYPE))
        if one["external"] == [{"system": "keqing", "id": id}]
        or one["external"] == {"system": "keqing", "id": id}
    ]
    field = {"customers": "industry", "contacts": "title", "opportunities": "title"}[kind]
    if kind == "customers":
        body = {"kind": "enterprise", "name": row["name"], "note": "改了"}
    elif kind == "contacts":
        body = PERSON | {"note": "改了"}
    else:
        body = {"title": "改了"}
    answer = await sales.rep.put(f"/{kind}/{id}", json=body)
    assert answer.status_code == 200, answer.text
    stale = file_of(JSON_LINES_TYPE, [row | {field: "新的"}])
    [became] = await sent_back(sales.manager, kind, stale, JSON_LINES_TYPE)
    assert became["problem"]["type"] == "/problems/changed-since-export"
    assert became["problem"]["field"] == "version"
    wanted = {"external": row["external"], field: "新的", "owner": "li.wei"}
    wanted |= {name: row[name] for name in ("kind", "name", "customer", "title") if name in row}
    wanted |= {field: "新的"}
    if kind == "contacts":
        del wanted["owner"]
    unasked = file_of(JSON_LINES_TYPE, [wanted])
    assert counted(await sent_back(sales.manager, kind, unasked, JSON_LINES_TYPE)) == {"amended": 1}
    await sales.serving.catch_up()
    assert "新的" in (await sales.rep.get(f"/{kind}/{id}")).text


async def test_exports_are_for_those_who_import_and_show_what_the_lists_show_them(sales: Sales) -> None:
    ids = dict(zip(KINDS, await pursued(sales), strict=True))
    for kind, id in ids.items():
        for nobody in (sales.rep, sales.auditor):
            problem(await nobody.get(f"/exports/{kind}"), 403, "role-missing")
        assert id.encode() in await exported(sales.manager, kind)
        assert id.encode() not in await exported(sales.other_manager, kind)
        theirs = await exported(sales.manager, kind)
        refused = counted(await sent_back(sales.other_manager, kind, theirs))
        assert set(refused) <= {"customer-unknown", "contact-unknown", "opportunity-unknown"}
    page = (await sales.manager.get("/exports/customers", params={"owner": "li.wei", "limit": 1})).json()
    assert (len(page["items"]), page["items"][0]["owner"]) == (1, "li.wei")
    assert page["next"] is not None
    head = (await exported(sales.manager, "customers", owner="nobody")).decode("utf-8-sig").splitlines()
    assert len(head) == 1
    assert head[0].startswith("external,kind,name,owner,phones")


async def test_the_id_of_something_else_is_the_id_of_nothing(sales: Sales) -> None:
    customer, contact, opportunity = await pursued(sales)

    def of(id: str) -> dict[str, str]:
        return {"system": "keqing", "id": id}

    files: dict[str, dict[str, Any]] = {
        "customers": {"external": [of(opportunity)], "kind": "enterprise", "name": "甲", "owner": "li.wei"},
        "contacts": {"external": of(customer), "customer": customer, "name": "甲"},
        "opportunities": {"external": of(contact), "title": "甲", "owner": "li.wei"},
    }
    for kind, row in files.items():
        singular = {"customers": "customer", "contacts": "contact", "opportunities": "opportunity"}[kind]
        report = await import_rows(sales.admin, f"/imports/{kind}", row)
        assert outcomes(report) == [f"{singular}-unknown"]
        badly = row | {"external": [of("7")] if kind == "customers" else of("7")}
        assert outcomes(await import_rows(sales.admin, f"/imports/{kind}", badly)) == ["reference-reserved"]


async def test_nobody_else_names_things_as_the_house_does(sales: Sales) -> None:
    customer = await sales.customer()
    reserved = {"system": "keqing", "id": customer}
    body = {"kind": "enterprise", "name": f"客户{sales.number()}号", "external": [reserved]}
    assert (
        problem(await sales.rep.post("/customers", json=body), 422, "reference-reserved")["field"]
        == "external"
    )
    problem(await sales.rep.put(f"/customers/{customer}", json=body), 422, "reference-reserved")
    problem(
        await sales.rep.post(f"/customers/{customer}/references", json=reserved), 422, "reference-reserved"
    )


async def test_a_contact_is_covered_by_those_whom_the_corrected_row_names(sales: Sales) -> None:
    _, contact, _ = await pursued(sales)
    [row] = [
        one
        for one in rows_of(XLSX_TYPE, await exported(sales.manager, "contacts", XLSX_TYPE))
        if contact in str(one.values())
    ]
    assert row["covered_by"] == "li.wei"
    corrected = row | {"covered_by": "zhao.min", "birthday.month": 5, "birthday.day": 1}
    became = await sent_back(sales.manager, "contacts", file_of(XLSX_TYPE, [corrected]), XLSX_TYPE)
    assert counted(became) == {"amended": 1}
    await sales.serving.catch_up()
    card = (await sales.manager.get(f"/contacts/{contact}")).json()["contact"]
    assert card["covered_by"] == ["zhao.min"]
    assert (card["profile"]["birthday"]["month"], card["profile"]["birthday"]["day"]) == (5, 1)
    elsewhere = row | {"customer": await sales.customer(), "version": ""}
    await sales.serving.catch_up()
    became = await sent_back(sales.manager, "contacts", file_of(XLSX_TYPE, [elsewhere]), XLSX_TYPE)
    assert counted(became) == {"contact-elsewhere": 1}


async def test_what_was_done_here_is_not_rewritten_by_a_file_but_its_title_is(sales: Sales) -> None:
    _, _, opportunity = await pursued(sales)
    loss = {"reason": "价格\n" + "太高" * 150, "rival": "对手甲", "lost_on": "2026-03-02"}
    assert (await sales.rep.post(f"/opportunities/{opportunity}/lost", json=loss)).status_code == 200
    await sales.serving.catch_up()
    [row] = [
        one
        for one in rows_of(CSV_TYPE, await exported(sales.manager, "opportunities"))
        if opportunity in str(one.values())
    ]
    assert (row["reason"], row["rival"], row["closed_on"]) == (loss["reason"], "对手甲", "2026-03-02")
    history = {"rival": "对手乙", "stage": "3", "engaged_on": "2026-01-01"}
    [became] = await sent_back(sales.manager, "opportunities", file_of(CSV_TYPE, [row | history]))
    assert became["problem"]["type"] == "/problems/history-made-here"
    assert became["problem"]["members"] == ["stage", "engaged_on", "rival"]
    corrected = file_of(CSV_TYPE, [row | {"title": "二期采购", "owner": "zhao.min"}])
    assert counted(await sent_back(sales.manager, "opportunities", corrected)) == {"amended": 1}
    card = (await sales.card(opportunity, sales.manager))["opportunity"]
    assert (card["title"], card["owner"], card["outcome"]) == ("二期采购", "zhao.min", "lost")


async def test_the_history_of_an_import_is_corrected_as_long_as_nobody_has_worked_on_it(sales: Sales) -> None:
    number = sales.number()
    row: dict[str, Any] = {
        "external": {"system": "old", "id": f"o{number}"},
        "title": "老系统的单",
        "owner": "li.wei",
        "engaged_on": "2025-01-10",
        "outcome": "lost",
        "closed_on": "2025-03-01",
        "source_stage": "谈判",
    }
    assert outcomes(await import_rows(sales.admin, "/imports/opportunities", row)) == ["created"]
    await sales.serving.catch_up()
    named = await exported(sales.admin, "opportunities", JSON_LINES_TYPE, external=f"old:o{number}")
    [here] = rows_of(JSON_LINES_TYPE, named)
    assert (here["reason"], here["source_stage"]) == ("not said", "谈判")
    corrected = here | {"reason": "预算取消", "closed_on": "2025-03-15"}
    became = await sent_back(
        sales.admin, "opportunities", file_of(JSON_LINES_TYPE, [corrected]), JSON_LINES_TYPE
    )
    assert counted(became) == {"amended": 1}
    again = corrected | {"version": None}
    became = await sent_back(sales.admin, "opportunities", file_of(JSON_LINES_TYPE, [again]), JSON_LINES_TYPE)
    assert counted(became) == {"unchanged": 1}
    card = (await sales.card(str(became[0]["id"]), sales.manager))["opportunity"]
    assert (card["lost_because"], card["closed_on"]) == ("预算取消", "2025-03-15")
    # The other system's row says what it said before: it does not undo the correction.
    assert outcomes(await import_rows(sales.admin, "/imports/opportunities", row)) == ["unchanged"]


async def test_a_row_of_another_system_that_says_what_was_entered_by_hand_changes_nothing(
    sales: Sales,
) -> None:
    number = sales.number()
    reference = {"system": "crm", "id": f"H-{number}"}
    members = {
        "name": f"手录{number}号",
        "industry": "纺织",
        "external": [{"system": "erp", "id": f"{number}"}],
    }
    customer = await sales.customer(**members)
    assert (await sales.rep.post(f"/customers/{customer}/references", json=reference)).status_code == 201
    row = members | {"kind": "enterprise", "owner": "li.wei", "external": [reference]}
    head = await sales.serving.service.log.head()
    assert outcomes(await import_rows(sales.admin, "/imports/customers", row)) == ["unchanged"]
    assert await sales.serving.service.log.head() == head
    changed = row | {"industry": "印染"}
    assert outcomes(await import_rows(sales.admin, "/imports/customers", changed)) == ["amended"]


@pytest.mark.parametrize("kind", KINDS)
async def test_who_was_erased_is_in_no_export_nor_is_what_was_theirs(sales: Sales, kind: str) -> None:
    await sales.serving.set_clock(at(3))
    people = {"kind": "individual", "name": f"王{sales.number()}"}
    gone = dict(zip(KINDS, await pursued(sales, **people), strict=True))[kind]
    here = dict(zip(KINDS, await pursued(sales), strict=True))[kind]
    customers = (await sales.admin.get("/customers", params={"name": people["name"]})).json()["items"]
    unowned = await import_rows(
        sales.admin,
        "/imports/opportunities",
        {"external": {"system": "legacy", "id": f"e{here}"}, "title": "铣床", "owner": "li.wei"},
    )
    await sales.serving.catch_up()
    assert gone.encode() in await exported(sales.admin, kind)
    order = {"reason": "她的来信"}
    ordered = await sales.admin.post(f"/customers/{customers[0]['customer_id']}/erasure", json=order)
    assert ordered.status_code < 300, ordered.text
    await sales.serving.catch_up()
    file = await exported(sales.admin, kind)
    assert gone.encode() not in file
    assert here.encode() in file
    assert kind != "opportunities" or unowned["rows"][0]["id"].encode() in file, "it has no customer"
    assert set(counted(await sent_back(sales.admin, kind, file))) == {"unchanged"}

"""Customers, contacts and opportunities out of spreadsheets, and what was refused as a file."""

import asyncio
import csv
import io
from typing import Any

import httpx
import xlsxwriter

from keqing_pipeline.customer.facts import CustomerRegistered
from keqing_shared.sheets.writing import CSV_TYPE, XLSX_TYPE
from tests.harness import Serving

from .sales import Sales

CUSTOMERS = (
    "external,kind,name,owner,source,man.money,enterprise.basics.address,phones\r\n"
    "crm:f1,enterprise,临江纺织有限公司,li.wei,trade_show,yes,杭州临江路一号,138 0013 8001；138 0013 8002\r\n"
    "crm:f2,enterprise,,li.wei,,,,\r\n"
    "crm:f3,enterprise,江北印染有限公司,nobody.here,,,,\r\n"
    "crm:f4,enterprise,江东织造有限公司,li.wei,,,,123\r\n"
)


async def send(
    client: httpx.AsyncClient, kind: str, body: str | bytes, media_type: str = CSV_TYPE, **headers: str
) -> httpx.Response:
    answer = await client.post(
        f"/imports/{kind}", content=body, headers={"Content-Type": media_type, **headers}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    return answer


def outcomes(answer: httpx.Response) -> list[tuple[int, str]]:
    return [(row["line"], row["outcome"]) for row in answer.json()["rows"]]


def workbook(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for at, cells in enumerate(rows):
            sheet.write_row(at, 0, cells)
    return file.getvalue()


async def test_a_file_of_customers_is_taken_row_by_row_and_what_was_refused_can_be_had_as_a_file(
    sales: Sales,
) -> None:
    answer = await send(sales.admin, "customers", CUSTOMERS, Accept=CSV_TYPE, **{"Accept-Language": "zh"})
    assert answer.headers["Content-Type"].startswith(CSV_TYPE)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["line"], row["field"], row["message"]) for row in rows] == [
        ("3", "name", "必须填写"),
        ("4", "owner", ""),
        ("5", "phones.0", "不是该国家或地区的有效电话号码"),
    ]
    assert rows[1]["title"] == "负责人须是在职的销售或销售经理"
    again = await send(sales.admin, "customers", CUSTOMERS)
    assert outcomes(again) == [(2, "unchanged"), (3, "refused"), (4, "refused"), (5, "refused")]
    await sales.serving.catch_up()
    [found] = (await sales.rep.get("/customers", params={"external": "crm:f1"})).json()["items"]
    card = (await sales.rep.get(f"/customers/{found['customer_id']}")).json()
    assert "杭州临江路一号" in str(card)
    assert "+8613800138002" in str(card)


async def test_the_documentation_of_imports_promises_nothing_of_keys_that_nobody_looks_at(
    sales: Sales,
) -> None:
    paths = (await sales.admin.get("/openapi.json")).json()["paths"]

    def headers(path: str) -> set[str]:
        parameters = paths[f"/pipeline{path}"]["post"]["parameters"]
        return {it["name"] for it in parameters if it["in"] == "header"}

    assert headers("/customers") - headers("/imports/customers") == {"Idempotency-Key", "If-Match"}
    assert "Keqing-Reason" in headers("/imports/customers")


async def test_a_row_that_nothing_is_known_by_is_refused_and_the_others_come_in(sales: Sales) -> None:
    body = "kind,name,owner,external\nenterprise,无号,li.wei,\nenterprise,有号,li.wei,crm:h1\n"
    answer = await send(sales.admin, "customers", body)
    assert outcomes(answer) == [(2, "refused"), (3, "created")]
    lines = '{"kind":"enterprise","name":"无号","owner":"li.wei"}'
    refused = await send(sales.admin, "customers", lines, "application/x-ndjson")
    for row in (answer.json()["rows"][0], refused.json()["rows"][0]):
        assert [error["field"] for error in row["problem"]["errors"]] == ["external"]


async def test_where_a_customer_is_comes_in_by_either_kind_of_sheet(sales: Sales) -> None:
    head = ["external", "kind", "name", "owner", "location.latitude", "location.longitude"]
    by_csv = ",".join(head) + "\ncrm:l1,enterprise,甬江船厂,li.wei,29.8683,121.5440\n"
    assert outcomes(await send(sales.admin, "customers", by_csv)) == [(2, "created")]
    by_xlsx = workbook(head, ["crm:l2", "enterprise", "瓯江鞋业", "li.wei", 28, 120.6994])
    assert outcomes(await send(sales.admin, "customers", by_xlsx, XLSX_TYPE)) == [(2, "created")]
    await sales.serving.catch_up()
    for external, place in (("crm:l1", (29.8683, 121.544)), ("crm:l2", (28.0, 120.6994))):
        [found] = (await sales.rep.get("/customers", params={"external": external})).json()["items"]
        assert tuple(found["details"]["location"].values()) == place


async def test_contacts_and_opportunities_name_their_customer_by_reference(sales: Sales) -> None:
    await send(sales.admin, "customers", CUSTOMERS)
    people = workbook(
        ["external", "customer", "name", "title", "roles", "phones", "covered_by"],
        ["crm:p1", "crm:f1", "王丽", "采购总监", "decider; payer", "138 0013 8003", "li.wei"],
        ["crm:p2", "crm:f9", "张三", "", "", "", ""],
    )
    taken = await send(sales.admin, "contacts", people, XLSX_TYPE)
    assert outcomes(taken) == [(2, "created"), (3, "refused")]
    assert outcomes(await send(sales.admin, "contacts", people, XLSX_TYPE))[0] == (2, "unchanged")
    moved = "external,customer,name,covered_by\ncrm:p1,crm:f1,王莉,li.wei\n"
    assert outcomes(await send(sales.admin, "contacts", moved)) == [(2, "amended")]
    await sales.serving.catch_up()
    [contact] = (await sales.rep.get("/contacts", params={"covered_by": "li.wei", "name": "王莉"})).json()[
        "items"
    ]
    assert contact["profile"]["name"] == "王莉"
    deals = "external,customer,title,owner,amount,stage\ncrm:o1,crm:f1,二期染整线,li.wei,860000 CNY,2\n"
    assert outcomes(await send(sales.admin, "opportunities", deals)) == [(2, "created")]
    await sales.serving.catch_up()
    [deal] = (await sales.rep.get("/opportunities", params={"external": "crm:o1"})).json()["items"]
    assert (deal["stage"], deal["amount"]) == ("2", {"amount": "860000", "currency": "CNY"})


async def test_an_import_that_broke_off_is_sent_again_and_repeats_nothing(sales: Sales) -> None:
    lines = [f"big:{number},enterprise,企业{number:04d}号,li.wei" for number in range(2_500)]
    body = "external,kind,name,owner\n" + "\n".join(lines)
    service = sales.serving.service
    before = await service.log.head()
    sending = asyncio.create_task(send(sales.admin, "customers", body))
    while await service.log.head() == before:
        await service.log.wait_beyond(before, 0.05)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    half = await registered(sales.serving, before)
    assert 0 < len(half) < len(lines)
    answer = (await send(sales.admin, "customers", body)).json()
    assert (answer["created"] + answer["unchanged"], answer["refused"]) == (len(lines), 0)
    whole = await registered(sales.serving, before)
    assert len(whole) == len(set(whole)) == len(lines)


async def registered(it: Serving, after: int) -> list[str]:
    head, names = await it.service.log.head(), []
    while after < head:
        facts = await it.service.log.read(after, 1_000)
        names += [f.fact.name or "" for f in facts if isinstance(f.fact, CustomerRegistered)]
        after = facts[-1].position
    return names

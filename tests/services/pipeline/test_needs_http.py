"""Purchase projects and need diagnosis over HTTP."""

from tests.problem import problem

from .sales import Sales
from .test_need_diagnosis import GIVEN

ANSWERS = {"answers": [{"question": code, "answer": answer} for code, answer in GIVEN.items()]}


async def test_from_questionnaire_to_accepted_recommendation(sales: Sales) -> None:
    id = await sales.opportunity()
    path = f"/opportunities/{id}"
    problem(await sales.rep.post(f"{path}/recommendation", json={}), 409, "not-diagnosed")
    assert (await sales.rep.post(f"{path}/diagnosis", json=ANSWERS)).json()["facts"] == ["NeedDiagnosed"]
    await sales.rep.post(f"{path}/need", json={"need": "orders"})
    await sales.rep.post(f"{path}/recommendation", json={})
    shown = (await sales.card(id))["opportunity"]["diagnosis"]
    assert shown == {
        "diagnosed": "enquiries",
        "need": "orders",
        "awareness": "user",
        "confirmed": True,
        "recommended": "sales-desk",
        "reply": "awaited",
        "rejected": [],
    }
    no = await sales.rep.post(f"{path}/recommendation/rejected", json={"reason": "太贵"})
    assert no.json()["facts"] == ["RecommendationRejected"]
    document = problem(await sales.rep.post(f"{path}/recommendation", json={}), 409, "rejected-already")
    assert "sales-desk" not in document["others"]
    await sales.rep.post(f"{path}/recommendation", json={"product": "search-presence"})
    yes = await sales.rep.post(f"{path}/recommendation/accepted")
    assert yes.json()["facts"] == ["RecommendationAccepted"]
    shown = (await sales.card(id))["opportunity"]["diagnosis"]
    assert (shown["recommended"], shown["reply"], shown["rejected"]) == (
        "search-presence",
        "accepted",
        ["sales-desk"],
    )


async def test_an_incomplete_questionnaire_names_what_is_missing(sales: Sales) -> None:
    path = f"/opportunities/{await sales.opportunity()}/diagnosis"
    partly = {"answers": ANSWERS["answers"][1:]}
    assert problem(await sales.rep.post(path, json=partly), 422, "answers-missing")["missing"] == ["found-by"]
    problem(await sales.rep.post(path, json={"answers": []}), 422, "request-invalid")


async def test_the_catalogue_is_there_for_front_ends(sales: Sales) -> None:
    catalogue = (await sales.rep.get("/catalogue")).json()
    assert [question["code"] for question in catalogue["questions"]] == list(GIVEN)
    assert len(catalogue["advice"]) == len(catalogue["needs"]) * len(catalogue["awareness"])
    assert (await sales.rep.get("/policy")).json()["catalogue"] == catalogue


async def test_a_purchase_project_stands_on_the_card(sales: Sales) -> None:
    id = await sales.opportunity()
    project = {
        "problem": "订单错漏",
        "deciders": ["王总"],
        "timetable": [{"on": "2026-04-01", "what": "招标"}],
        "budget": {"amount": "80000", "currency": "CNY"},
    }
    path = f"/opportunities/{id}/purchase-project"
    debts = project | {"budget": {"amount": "-3", "currency": "CNY"}}
    assert problem(await sales.rep.put(path, json=debts), 422, "amount-negative")["field"] == "budget"
    answer = await sales.rep.put(path, json=project)
    assert answer.json()["facts"] == ["PurchaseProjectDescribed"]
    shown = (await sales.card(id))["opportunity"]["purchase"]
    assert (shown["deciders"], shown["timetable"], shown["plan"]) == (
        ["王总"],
        [{"on": "2026-04-01", "what": "招标"}],
        None,
    )
    problem(await sales.colleague.put(path, json=project), 404, "opportunity-unknown")

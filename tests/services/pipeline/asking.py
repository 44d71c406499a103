"""Good requests about a customer's things, to any route: bodies are made from the OpenAPI document."""

from typing import Any

import httpx

from tests.services.role_table import Filled

from .sales import Sales


class Things(Filled):
    """Of one customer, by the names that paths have for their ids; any other is the id of nothing."""


async def things(sales: Sales, by: httpx.AsyncClient | None = None) -> Things:
    """A customer with an opportunity, a contact and a care request, and another one; usually li.wei's."""
    client = by or sales.rep
    customer = await sales.customer(client)
    opportunity = await sales.opportunity(client, customer)
    contact = (await client.post(f"/customers/{customer}/contacts", json={"name": "王丽"})).json()["id"]
    found = Things(
        customer_id=customer,
        opportunity_id=opportunity,
        contact_id=contact,
        into=await sales.customer(client),
        login="li.wei",
    )
    wish = {
        "contact_id": contact,
        "kind": "gift",
        "occasion": "first_visit",
        "on": "2026-03-04",
        "what": "茶叶",
    }
    budget = {"amount": "100.00", "currency": "CNY"}
    await client.post(f"/customers/{customer}/care-requests", json={**wish, "budget": budget})
    await sales.serving.catch_up()
    [asked] = (await client.get("/care-requests", params={"customer_id": customer})).json()["items"]
    found["request_id"] = asked["request_id"]
    return found


def body_of(sales: Sales, method: str, path: str, about: Things) -> Any:
    """The least that the document asks for."""
    document = sales.serving.app.openapi()
    operation = document["paths"][f"/pipeline{path}"][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    return example(content["application/json"]["schema"], document["components"]["schemas"], about)


def example(schema: dict[str, Any], schemas: dict[str, Any], about: Things, name: str = "") -> Any:
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas, about, name)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example(schema[choice][0], schemas, about, name)
    if name in about or schema.get("format") == "uuid":
        return about[name]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {one: example(schema["properties"][one], schemas, about, one) for one in required}
        case "array":
            return [example(schema["items"], schemas, about)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    if schema.get("format") == "date" or name.endswith("on"):
        return "2026-03-02"
    return schema.get("examples", ["li.wei"])[0]


async def send(
    sales: Sales, client: httpx.AsyncClient, method: str, path: str, about: Things
) -> httpx.Response:
    body = body_of(sales, method, path, about)
    answer = await client.request(
        method, path.format_map(about), json=body, headers={"Keqing-Reason": "as%20it%20is"}
    )
    assert "/problems/request-invalid" not in answer.text, (body, answer.text)
    return answer

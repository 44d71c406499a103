"""Collections as its people use it, on real servers."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from tests.harness import Serving

NOON = datetime(2026, 4, 20, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai."""
TODAY = date(2026, 4, 20)


@dataclass
class Desk:
    """A served context with customers and staff; every customer is new, so tests share a database."""

    serving: Serving
    _numbers: list[int] = field(default_factory=lambda: [0])

    @property
    def collector(self) -> httpx.AsyncClient:
        return self.serving.client("zhao.lei", "collector")

    @property
    def controller(self) -> httpx.AsyncClient:
        return self.serving.client("sun.mei", "credit_controller")

    @property
    def auditor(self) -> httpx.AsyncClient:
        return self.serving.client("qian.jin", "auditor")

    def rep(self, login: str = "li.wei") -> httpx.AsyncClient:
        return self.serving.client(login, "rep")

    def number(self) -> str:
        """A number that no invoice has."""
        self._numbers[0] += 1
        return f"INV-{self._numbers[0]}"

    async def customer(
        self, owner: str | None = "li.wei", external: tuple[str, str] | None = None, name: str = "Acme"
    ) -> UUID:
        """Known as if pipeline had told of it."""
        customer_id = uuid4()
        references = [] if external is None else [{"system": external[0], "id": external[1]}]
        await self.serving.service.pool.execute(
            "INSERT INTO directory_customers (customer_id, kind, name, owner, importance, external)"
            " VALUES ($1, 'enterprise', $2, $3, NULL, $4::text::jsonb)",
            customer_id,
            name,
            owner,
            msgspec.json.encode(references).decode(),
        )
        return customer_id

    async def person(
        self, login: str, name: str, manager: str | None = None, team: str | None = None
    ) -> None:
        await self.serving.service.pool.execute(
            "INSERT INTO directory_people (login, name, roles, team, manager, language, active)"
            " VALUES ($1, $2, '{rep}', $3, $4, 'zh', true) ON CONFLICT DO NOTHING",
            login,
            name,
            team,
            manager,
        )

    async def issue(
        self,
        customer: UUID,
        amount: str = "1000.00",
        issued_on: str = "2026-03-02",
        currency: str = "CNY",
        **further: Any,
    ) -> UUID:
        answer = await self.collector.post(
            "/invoices",
            json={
                "customer_id": str(customer),
                "number": self.number(),
                "amount": {"amount": amount, "currency": currency},
                "issued_on": issued_on,
                **further,
            },
        )
        return UUID(done(answer)["id"])

    async def pay(
        self,
        customer: UUID,
        amount: str,
        received_on: str = "2026-04-01",
        allocations: list[tuple[UUID, str]] | None = None,
        currency: str = "CNY",
    ) -> UUID:
        body: dict[str, Any] = {
            "customer_id": str(customer),
            "amount": {"amount": amount, "currency": currency},
            "received_on": received_on,
        }
        if allocations is not None:
            body["allocations"] = wishes(*allocations, currency=currency)
        return UUID(done(await self.collector.post("/payments", json=body))["id"])

    async def invoice(self, invoice_id: UUID) -> dict[str, Any]:
        return read(await self.collector.get(f"/invoices/{invoice_id}"))

    async def payment(self, payment_id: UUID) -> dict[str, Any]:
        return read(await self.collector.get(f"/payments/{payment_id}"))

    async def open(self, *invoices: UUID) -> list[str]:
        return [(await self.invoice(invoice))["open"]["amount"] for invoice in invoices]

    async def ageing(self, client: httpx.AsyncClient | None = None, **query: Any) -> dict[str, Any]:
        await self.serving.catch_up()
        return read(await (client or self.collector).get("/ageing", params=query))

    async def facts(self, customer: UUID) -> list[Any]:
        return [it.fact for it in await self.serving.service.log.customer(customer)]


def wishes(*shares: tuple[UUID, str], currency: str = "CNY") -> list[dict[str, Any]]:
    return [
        {"invoice_id": str(invoice), "amount": {"amount": amount, "currency": currency}}
        for invoice, amount in shares
    ]


def done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def read(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body

"""B2B opportunities with their accounts and the people who sell to them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from keqing_local.failure import CannotRun
from keqing_local.importing.cells import amount, one_of, us_day, usd
from keqing_local.importing.csv_file import CsvFile, Record
from keqing_local.importing.customer import customer_key, enterprise, reference, user_key
from keqing_local.importing.person import login_of, user
from keqing_local.importing.row import CellWrong, Profile, Refusal, Row, Step

SYSTEM = "sales-opportunities"

TEAMS = ("sales_teams.csv", ("sales_agent", "manager", "regional_office"))
ACCOUNTS = (
    "accounts.csv",
    ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"),
)
PRODUCTS = ("products.csv", ("product", "sales_price"))
PIPELINE = (
    "sales_pipeline.csv",
    (
        "opportunity_id",
        "sales_agent",
        "product",
        "account",
        "deal_stage",
        "engage_date",
        "close_date",
        "close_value",
    ),
)

_MISSPELT = {"technolgy": "technology", "Philipines": "Philippines"}
_STAGES = {
    "Prospecting": ("0", "open"),
    "Engaging": ("1", "open"),
    "Won": ("1", "won"),
    "Lost": ("1", "lost"),
}
"""Our stage, and the outcome. Of what is closed the file says no more than that it was engaged once."""
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class SalesFolder:
    """The folder with its four files."""

    teams: CsvFile
    accounts: CsvFile
    products: CsvFile
    pipeline: CsvFile

    def people(self) -> Iterator[Row | Refusal]:
        """Managers before those under them."""
        yield from self._managers()
        yield from self.teams.rows(self._agent)

    def _managers(self) -> Iterator[Row]:
        """Each once; a name that cannot be read is refused with the agent beside it."""
        seen: set[str] = set()
        for record in self.teams.whole():
            name, login = record["manager"], _login_or_none(record, "manager")
            if login and login not in seen:
                seen.add(login)
                body = user(login, name, "sales_manager", _team(record))
                yield Row(record.line, body, makes=user_key(login))

    def customers(self) -> Iterator[Row | Refusal]:
        return self.accounts.rows(self._customer)

    def opportunities(self) -> Iterator[Row | Refusal]:
        return self.pipeline.rows(self._opportunity)

    def _agent(self, record: Record) -> Row:
        name = record.needed("sales_agent")
        login = login_of(name, "sales_agent")
        manager = login_of(record.needed("manager"), "manager")
        if self._names[login] != name:
            raise CellWrong("sales_agent", f"{name} and {self._names[login]} would both be {login}")
        body = user(login, name, "rep", _team(record), manager)
        return Row(record.line, body, makes=user_key(login), needs=(user_key(manager),))

    def _customer(self, record: Record) -> Row:
        account = record.needed("account")
        if (owner := self._owners.get(account)) is None:
            raise CellWrong("account", f"nobody of {TEAMS[0]} sells to {account}: who should own it?")
        revenue, parent, year = amount(record, "revenue"), record["subsidiary_of"], record["year_established"]
        traits = {
            "region": _spelt(record["office_location"]),
            "employees": _whole(record, "employees"),
            "yearly_revenue": None if revenue is None else usd(revenue * _MILLION),
        }
        body = enterprise(
            SYSTEM,
            account,
            owner,
            industry=_spelt(record["sector"]),
            note=f"Established in {year}." if year else None,
            enterprise={
                "basics": {"form": f"subsidiary of {parent}"} if parent else {},
                "traits": {name: known for name, known in traits.items() if known is not None},
            },
        )
        return Row(record.line, body, makes=customer_key(SYSTEM, account), needs=(user_key(owner),))

    def _opportunity(self, record: Record) -> Row:
        id, account = record.needed("opportunity_id"), record["account"] or None
        agent = record.needed("sales_agent")
        if (owner := self._logins.get(agent)) is None:
            raise CellWrong("sales_agent", f"{agent} is not in {TEAMS[0]}")
        product, price = self._product(record)
        stage, outcome = one_of(record, "deal_stage", _STAGES)
        value = amount(record, "close_value")
        if outcome == "won" and value is None:
            raise CellWrong("close_value", "is blank, but the deal is won")
        body = {
            "external": reference(SYSTEM, id),
            "owner": owner,
            "customer": reference(SYSTEM, account) if account else None,
            "title": f"{product}, {account}" if account else product,
            "amount": usd(price),
            "interests": [product],
            "stage": stage,
            "source_stage": record["deal_stage"],
            "outcome": outcome,
            "engaged_on": us_day(record, "engage_date"),
            "closed_on": us_day(record, "close_date"),
            "close_value": usd(value) if outcome == "won" and value is not None else None,
        }
        needs = (user_key(owner), *((customer_key(SYSTEM, account),) if account else ()))
        return Row(record.line, {name: said for name, said in body.items() if said is not None}, needs=needs)

    def _product(self, record: Record) -> tuple[str, Decimal]:
        """As the price list writes it, and for how much."""
        product = record.needed("product")
        if (listed := self._prices.get(_squeezed(product))) is None:
            raise CellWrong("product", f"{product} is not in {PRODUCTS[0]}")
        return listed

    @cached_property
    def _prices(self) -> dict[str, tuple[str, Decimal]]:
        listed: dict[str, tuple[str, Decimal]] = {}
        for record in self.products.whole():
            try:
                price = amount(record, "sales_price")
            except CellWrong as wrong:
                raise CannotRun(f"{self.products.path}:{record.line}: {wrong}") from None
            if record["product"] and price is not None:
                listed[_squeezed(record["product"])] = (record["product"], price)
        return listed

    @cached_property
    def _names(self) -> dict[str, str]:
        """Login -> the first agent of that login."""
        names: dict[str, str] = {}
        for record in self.teams.whole():
            if login := _login_or_none(record, "sales_agent"):
                names.setdefault(login, record["sales_agent"])
        return names

    @cached_property
    def _logins(self) -> dict[str, str]:
        return {name: login for login, name in self._names.items()}

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        """Account -> who has most opportunities there; of equals who sold more, then the first by name."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        sold: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for record in self.pipeline.whole():
            account, agent = record["account"], record["sales_agent"]
            if not account or agent not in self._logins:
                continue
            counts[account][agent] += 1
            try:
                sold[account, agent] += amount(record, "close_value") or 0
            except CellWrong:
                continue  # its own row is refused for it
        return {
            account: self._logins[min(by, key=lambda agent: (-by[agent], -sold[account, agent], agent))]
            for account, by in counts.items()
        }


def _team(record: Record) -> str | None:
    """A manager's people; two managers of one office do not see each other's customers."""
    return ", ".join(filter(None, (record["regional_office"], record["manager"]))) or None


def _login_or_none(record: Record, column: str) -> str | None:
    try:
        return login_of(record[column], column) if record[column] else None
    except CellWrong:
        return None


def _squeezed(product: str) -> str:
    """``GTXPro`` and ``GTX Pro`` are one."""
    return re.sub(r"\s+", "", product).casefold()


def _spelt(text: str) -> str | None:
    return _MISSPELT.get(text, text) or None


def _whole(record: Record, column: str) -> int | None:
    text = record[column]
    if text and not (text.isascii() and text.isdigit()):
        raise CellWrong(column, f"{text!r} is no whole number")
    return int(text) if text else None


def _steps(folder: Path) -> tuple[Step, ...]:
    if not folder.is_dir():
        raise CannotRun(f"{folder} is no folder; there should be {TEAMS[0]}, {PIPELINE[0]} … in it")
    files = (TEAMS, ACCOUNTS, PRODUCTS, PIPELINE)
    sales = SalesFolder(*(CsvFile(folder / name, columns).check() for name, columns in files))
    return (
        Step("people", TEAMS[0], "/pipeline/imports/users", sales.people, in_order=True),
        Step(
            "customers",
            ACCOUNTS[0],
            "/pipeline/imports/customers",
            sales.customers,
            sales.accounts.count(),
        ),
        Step(
            "opportunities",
            PIPELINE[0],
            "/pipeline/imports/opportunities",
            sales.opportunities,
            sales.pipeline.count(),
        ),
    )


SALES_OPPORTUNITIES = Profile(
    name=SYSTEM,
    summary="a folder: sales_teams.csv, accounts.csv, products.csv, sales_pipeline.csv (US dates, USD)",
    steps=_steps,
    notes=(
        "people become users (darcel.schlecht), each manager's people a team of the regional office",
        "accounts become customers, owned by the agent with most opportunities there",
        "opportunities keep their own agent, business dates and value; open ones count at the list price",
        "Prospecting is stage 0, Engaging stage 1; an open opportunity without account has no customer yet",
    ),
)

"""Accounts, people and opportunities of the sales profile, from small files."""

from pathlib import Path
from typing import Any

import pytest

from keqing_local.failure import CannotRun
from keqing_local.importing.profiles import profile_named
from keqing_local.importing.row import Refusal, Row

TEAMS = """sales_agent,manager,regional_office
Anna Snelling,Dustin Brinkmann,Central
Moses Frase,Dustin Brinkmann,Central
"""
ACCOUNTS = """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme,technolgy,1996,1100.04,2822,Philipines,
Bluth,retail,,,,United States,Acme
"""
PRODUCTS = """product,series,sales_price
GTX Pro,GTX,4821
MG Special,MG,55
"""
PIPELINE = """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
1C1I7A6R,Moses Frase,GTXPro,Acme,Won,10/20/2016,3/1/2017,1054
2,Anna Snelling,MG Special,Acme,Lost,10/25/2016,3/11/2017,0
3,Anna Snelling,MG Special,Bluth,Engaging,10/25/2016,,
4,Moses Frase,MG Special,,Prospecting,,,
"""


def folder(home: Path, **changed: str) -> Path:
    given = {"sales_teams": TEAMS, "accounts": ACCOUNTS, "products": PRODUCTS, "sales_pipeline": PIPELINE}
    for name, content in {**given, **changed}.items():
        (home / f"{name}.csv").write_text(content)
    return home


def rows(home: Path, noun: str) -> list[Row | Refusal]:
    [step] = [step for step in profile_named("sales-opportunities").steps(home) if step.noun == noun]
    return list(step.read())


def bodies(home: Path, noun: str) -> list[dict[str, Any]]:
    return [row.body for row in rows(home, noun) if isinstance(row, Row)]


def refused(home: Path, noun: str) -> list[tuple[int, str, str]]:
    return [(row.line, row.field, row.message) for row in rows(home, noun) if isinstance(row, Refusal)]


def test_managers_come_once_and_before_their_people(tmp_path: Path) -> None:
    team = "Central, Dustin Brinkmann"
    assert bodies(folder(tmp_path), "people") == [
        {
            "login": "dustin.brinkmann",
            "name": "Dustin Brinkmann",
            "roles": ["sales_manager"],
            "team": team,
            "manager": None,
            "language": "en",
        },
        *(
            {
                "login": login,
                "name": name,
                "roles": ["rep"],
                "team": team,
                "manager": "dustin.brinkmann",
                "language": "en",
            }
            for login, name in (("anna.snelling", "Anna Snelling"), ("moses.frase", "Moses Frase"))
        ),
    ]


def test_two_people_of_one_login_are_refused(tmp_path: Path) -> None:
    home = folder(tmp_path, sales_teams=TEAMS + "ANNA snelling,Dustin Brinkmann,Central\n")
    assert refused(home, "people") == [
        (4, "sales_agent", "ANNA snelling and Anna Snelling would both be anna.snelling")
    ]


def test_an_account_becomes_an_enterprise_with_its_spelling_put_right(tmp_path: Path) -> None:
    first, second = bodies(folder(tmp_path), "customers")
    assert first == {
        "kind": "enterprise",
        "name": "Acme",
        "source": "import",
        "external": [{"system": "sales-opportunities", "id": "Acme"}],
        "owner": "moses.frase",
        "industry": "technology",
        "note": "Established in 1996.",
        "enterprise": {
            "basics": {},
            "traits": {
                "region": "Philippines",
                "employees": 2822,
                "yearly_revenue": {"amount": "1100040000.00", "currency": "USD"},
            },
        },
    }
    assert second["enterprise"] == {
        "basics": {"form": "subsidiary of Acme"},
        "traits": {"region": "United States"},
    }


def test_an_account_is_owned_by_who_has_most_there_then_sold_most_then_comes_first(tmp_path: Path) -> None:
    header = PIPELINE.splitlines()[0]
    deal = "{id},{who},MG Special,Acme,Won,10/20/2016,3/1/2017,{value}"

    def owner(*deals: tuple[str, int]) -> str:
        lines = [deal.format(id=n, who=who, value=value) for n, (who, value) in enumerate(deals)]
        home = folder(tmp_path, sales_pipeline="\n".join([header, *lines]) + "\n")
        login: str = bodies(home, "customers")[0]["owner"]
        return login

    assert owner(("Moses Frase", 1), ("Moses Frase", 1), ("Anna Snelling", 900)) == "moses.frase"
    assert owner(("Moses Frase", 90), ("Anna Snelling", 55)) == "moses.frase"
    assert owner(("Moses Frase", 55), ("Anna Snelling", 55)) == "anna.snelling"


def test_an_account_to_which_nobody_sells_is_refused(tmp_path: Path) -> None:
    home = folder(tmp_path, accounts=ACCOUNTS + "Quiet,retail,1990,1,1,Japan,\n")
    [(line, field, message)] = refused(home, "customers")
    assert (line, field) == (4, "account")
    assert "who should own it?" in message


def test_opportunities_keep_their_agent_dates_and_value(tmp_path: Path) -> None:
    won, lost, engaging, prospecting = bodies(folder(tmp_path), "opportunities")
    assert won == {
        "external": {"system": "sales-opportunities", "id": "1C1I7A6R"},
        "owner": "moses.frase",
        "customer": {"system": "sales-opportunities", "id": "Acme"},
        "title": "GTX Pro, Acme",
        "amount": {"amount": "4821.00", "currency": "USD"},
        "interests": ["GTX Pro"],
        "stage": "1",
        "source_stage": "Won",
        "outcome": "won",
        "engaged_on": "2016-10-20",
        "closed_on": "2017-03-01",
        "close_value": {"amount": "1054.00", "currency": "USD"},
    }
    assert (lost["outcome"], lost["closed_on"]) == ("lost", "2017-03-11")
    assert "close_value" not in lost
    assert (engaging["stage"], engaging["outcome"], engaging["engaged_on"]) == ("1", "open", "2016-10-25")
    assert prospecting == {
        "external": {"system": "sales-opportunities", "id": "4"},
        "owner": "moses.frase",
        "title": "MG Special",
        "amount": {"amount": "55.00", "currency": "USD"},
        "interests": ["MG Special"],
        "stage": "0",
        "source_stage": "Prospecting",
        "outcome": "open",
    }


def test_a_row_needs_its_agent_and_its_account(tmp_path: Path) -> None:
    first, *_, last = [row for row in rows(folder(tmp_path), "opportunities") if isinstance(row, Row)]
    assert first.needs == ("user moses.frase", "customer sales-opportunities:Acme")
    assert last.needs == ("user moses.frase",)
    made = {
        row.makes for noun in ("people", "customers") for row in rows(tmp_path, noun) if isinstance(row, Row)
    }
    assert set(first.needs) <= made


@pytest.mark.parametrize(
    ("line", "field", "said"),
    [
        ("5,Nobody Known,MG Special,Acme,Engaging,,,", "sales_agent", "not in sales_teams.csv"),
        ("5,Moses Frase,Unheard Of,Acme,Engaging,,,", "product", "not in products.csv"),
        ("5,Moses Frase,MG Special,Acme,Dreaming,,,", "deal_stage", "is none of: Prospecting"),
        ("5,Moses Frase,MG Special,Acme,Engaging,2016-10-25,,", "engage_date", "M/D/YYYY"),
        ("5,Moses Frase,MG Special,Acme,Won,10/25/2016,3/11/2017,lots", "close_value", "no amount"),
        ("5,Moses Frase,MG Special,Acme,Won,10/25/2016,3/11/2017,", "close_value", "the deal is won"),
        (",Moses Frase,MG Special,Acme,Engaging,,,", "opportunity_id", "is blank"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_by_column(
    tmp_path: Path, line: str, field: str, said: str
) -> None:
    home = folder(tmp_path, sales_pipeline=PIPELINE + line + "\n")
    [(at, column, message)] = refused(home, "opportunities")
    assert (at, column) == (6, field)
    assert said in message


def test_a_folder_without_its_files_is_refused_whole(tmp_path: Path) -> None:
    steps = profile_named("sales-opportunities").steps
    with pytest.raises(CannotRun, match="is no folder"):
        steps(tmp_path / "nowhere")
    folder(tmp_path)
    (tmp_path / "accounts.csv").unlink()
    with pytest.raises(CannotRun, match=r"accounts\.csv: no such file"):
        steps(tmp_path)

"""What there is to look at, once the company is there."""

from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape

from keqing_local.client import answered
from keqing_local.demo.plan.people import (
    AGENTS,
    AUDITOR,
    COLLECTORS,
    CONTROLLER,
    SUPERVISOR,
    TEAMS,
    Person,
)
from keqing_local.demo.talk import Talk

SAMPLES: tuple[Person, ...] = (
    TEAMS[0].reps[0],
    TEAMS[0].manager,
    AGENTS[0],
    SUPERVISOR,
    COLLECTORS[0],
    CONTROLLER,
    AUDITOR,
)
"""In whose name one might want to look around."""


async def show(talk: Talk, url: str, console: Console) -> None:
    """Counts from the views, addresses, and how to get a token. Raises CannotRun."""

    async def look(path: str, login: str = AUDITOR.login) -> Any:
        return answered(await talk.ask(login, "GET", path))

    (funnel,) = await look("/pipeline/funnel")
    board = await look("/pipeline/board")
    ageing = await look("/collections/ageing?by=owner&limit=200")
    queue = await look("/service-desk/queue?limit=200")
    pareto = await look("/service-desk/pareto?by=issue")
    lists = await look("/pipeline/occupancy")
    pool = (await look("/pipeline/open-pool?limit=200"))["items"]
    care = (await look("/pipeline/care-requests?limit=200"))["items"]
    unread = {
        person.login: (await look("/notify/inbox?limit=1", person.login))["unread"] for person in SAMPLES
    }
    rep = SAMPLES[0]

    console.print(f"[bold]To look at[/bold], below {url}")
    for name, path, figures in (
        ("board", "/pipeline/board", _board(funnel)),
        ("funnel", "/pipeline/funnel?by=manager", f"{_percent(funnel['win_rate'])} of the decided are won"),
        ("touches", "/pipeline/touches", f"{sum(cell['overdue'] for cell in board)} overdue"),
        (
            "lists",
            "/pipeline/tracking-list",
            f"{_listed(lists)} customers pursued, by band at /pipeline/occupancy",
        ),
        ("pool", "/pipeline/open-pool", f"{len(pool)} given up, to be claimed"),
        (
            "care",
            "/pipeline/care-requests",
            f"{len(care)} requests; who has birthday: /pipeline/care-calendar",
        ),
        ("coverage", "/pipeline/coverage?flagged=true", "whose deciders too few of us know"),
        ("queue", "/service-desk/queue", _queue(queue["items"])),
        ("pareto", "/service-desk/pareto?by=category&by=issue", _pareto(pareto)),
        ("callbacks", "/service-desk/callbacks?status=due", "3 days, 3 weeks, 3 months after a win"),
        ("ageing", "/collections/ageing?by=owner", _ageing(ageing["totals"])),
        ("inbox", "/notify/inbox", f"{unread[rep.login]} unread of {rep.name}"),
    ):
        console.print(f"  {name:<10} [cyan]{escape(path):<42}[/cyan] {escape(figures)}", soft_wrap=True)

    console.print("\n[bold]In whose name[/bold], with KEQING_ENV=development")
    for person in SAMPLES:
        command = f".venv/bin/keqing token --user {person.login} --role {person.role}"
        about = f"{person.name}，{person.team}，{unread[person.login]} unread"
        console.print(f"  {command:<67} [dim]{about}[/dim]", soft_wrap=True)
    token = f"$(.venv/bin/keqing token --user {rep.login} --role {rep.role})"
    console.print(
        f'\n  curl -H "Authorization: Bearer {token}" {url}/pipeline/board',
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def _listed(lists: list[dict[str, Any]]) -> int:
    return sum(one["without_band"] + sum(band["count"] for band in one["bands"]) for one in lists)


def _board(funnel: dict[str, Any]) -> str:
    won = _sums([(amount["amount"], amount["currency"]) for amount in funnel["won_amounts"]])
    counts = ", ".join(f"{funnel[place]} {place}" for place in ("open", "won", "lost"))
    return f"{counts}; won {won}"


def _percent(rate: str | None) -> str:
    return "none" if rate is None else f"{Decimal(rate):.0%}"


def _queue(items: list[dict[str, Any]]) -> str:
    return f"{len(items)} complaints open, {sum(item['overdue'] for item in items)} of them overdue"


def _pareto(chart: dict[str, Any]) -> str:
    if not chart["total"]:
        return "no complaints"
    most = chart["lines"][0]
    return f"{chart['total']} complaints, {most['count']} of them {most['keys'][0]}"


def _ageing(totals: list[dict[str, Any]]) -> str:
    return f"open {_sums([(total['open'], total['currency']) for total in totals])}"


def _sums(amounts: list[tuple[str, str]]) -> str:
    return ", ".join(f"{Decimal(amount):,.0f} {currency}" for amount, currency in amounts) or "nothing"

"""News as text: made when it is read, in the reader's language, from what the event said."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from keqing_notify.terms import TERMS
from keqing_notify.wording import LANGUAGES, PLAIN, UNNAMED, WORDINGS, Language

MISSING = "—"
"""Stands for whatever an event did not say."""
_LONGEST = 200
_PEOPLE = ("owner", "previous", "assigned_to", "opened_by", "requested_by")
_DAYS = ("days_overdue",)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Rendered(NamedTuple):
    title: str
    body: str


class Names(NamedTuple):
    """Names of those whom an event knows by id or login; whoever is missing keeps id or login."""

    customer: str | None
    people: Mapping[str, str]


class _Words(dict[str, str]):
    def __missing__(self, member: str) -> str:
        return MISSING


def render(kind: str, language: Language, event: str, members: Mapping[str, Any], names: Names) -> Rendered:
    """Plain text, one line each: whoever shows it as HTML escapes it like any text."""
    wording = WORDINGS[kind][language] if kind in WORDINGS else PLAIN[language]
    words = _Words({member: _word(member, found, language, names) for member, found in members.items()})
    words["customer"] = _line(names.customer or UNNAMED[language])
    words["event"] = _line(event)
    return Rendered(wording.title.safe_substitute(words), wording.body.safe_substitute(words))


def preferred(accept_language: str | None, otherwise: Language) -> Language:
    """The best language that an Accept-Language header asks for and that we speak."""
    asked: list[tuple[float, int, Language]] = []
    for order, part in enumerate((accept_language or "").split(",")):
        tag, _, parameter = part.strip().partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", parameter)
        if parameter and not quality:
            continue
        weight = float(quality[1]) if quality else 1.0
        primary = tag.strip().lower().partition("-")[0]
        for language in LANGUAGES:
            if primary == language and weight > 0:
                asked.append((-weight, order, language))
    return min(asked)[2] if asked else otherwise


def _word(member: str, found: Any, language: Language, names: Names) -> str:
    match found:
        case None | "":
            return MISSING
        case str() if member in _PEOPLE:
            return _line(names.people.get(found, found))
        case str() if member in TERMS:
            return _line(_term(member, found, language))
        case [str(), *_] if member in TERMS:
            between = "、" if language == "zh" else ", "
            return _line(between.join(_term(member, str(code), language) for code in found))
        case str() if member == "on" or member.endswith("_on"):
            return _day(found, language)
        case int() if member in _DAYS:
            return _days(found, language)
        case {"amount": amount, "currency": str(currency)}:
            return _line(_money(amount, currency))
        case list() | tuple() | dict():
            return MISSING
        case _:
            return _line(str(found))


def _term(member: str, code: str, language: Language) -> str:
    return TERMS[member].get(code, {}).get(language, code)


def _line(text: str) -> str:
    """One line without characters that could steer a terminal or turn the direction of writing."""
    plain = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in text)
    plain = " ".join(plain.split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def _day(text: str, language: Language) -> str:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return _line(text)
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _days(count: int, language: Language) -> str:
    if language == "zh":
        return f"{count} 天"
    return "1 day" if count == 1 else f"{count} days"


def _money(amount: Any, currency: str) -> str:
    try:
        return f"{Decimal(str(amount)):,.2f} {currency}"
    except InvalidOperation:
        return f"{amount} {currency}"

"""What keeps care clean: guards passed when a request is made, and again when it is approved."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from keqing_pipeline.care import refusals as no
from keqing_pipeline.care.commands import Surroundings
from keqing_pipeline.care.policy import CarePolicy
from keqing_pipeline.care.values import CareKind, CareRequest, CareWish, Occasion
from keqing_pipeline.characters import simplified
from keqing_shared.domain import Money

_OF_OTHERS = re.compile(
    r"副\w*|\w*(助理|秘书)|vice[ -]\S+(\s\S+)?|(deputy|(assistant|secretary)( to| of)?( the)?) \S+(\s\S+)?"
    r"|(product|process|project|system|service|data|risk)[ -]owner"
)
"""Titles that name the top executive's, and mean another person."""
_GAP = r"[\s_-]*"
"""What may stand between the parts of a word."""


def check_wish(wish: CareWish, top_executive: bool, policy: CarePolicy) -> None:
    """What is wrong with the wish in itself."""
    if wish.budget.amount < 0:
        raise no.BudgetNegative(field="budget")
    if (wish.festival is not None) != (wish.occasion is Occasion.FESTIVAL):
        raise no.FestivalUnclear("name the festival, or another occasion", field="festival")
    known = [festival.code for festival in policy.festivals]
    if wish.festival is not None and wish.festival not in known:
        raise no.FestivalUnclear("one of: {known}", field="festival", known=known)
    for field, text in (("what", wish.what), ("notes", wish.notes or "")):
        words = _words_in(text, policy.cash_words)
        if words:
            raise no.CashRefused("choose something else than: {words}", field=field, words=words)
    if top_executive and wish.executive_reason is None:
        raise no.ExecutiveWithoutReason("say in executive_reason why", field="executive_reason")


def check_bounds(
    request: CareRequest,
    others: Iterable[CareRequest],
    surroundings: Surroundings,
    today: date,
    policy: CarePolicy,
) -> None:
    """What other requests, open ones included, and the customer's situation leave room for."""
    if request.on < today:
        raise no.CareInPast("today is {today}", field="on", today=today.isoformat())
    counting = [other for other in (*others, *surroundings.elsewhere) if other.status.counts]
    if request.kind is CareKind.GIFT:
        _check_gift(request, surroundings, policy)
    if request.kind is CareKind.MEAL:
        _check_meal(request, counting, policy)
    _check_year(request, counting, policy)


def _check_gift(request: CareRequest, surroundings: Surroundings, policy: CarePolicy) -> None:
    if surroundings.tender_open:
        raise no.GiftDuringTender("wait until it is decided")
    if surroundings.complaint_open:
        raise no.GiftDuringComplaint("wait until it is closed")
    if _in_caps(request, policy.gift_cap) > policy.gift_cap:
        raise no.GiftOverCap("{cap} at the most", field="budget", cap=_shown(policy.gift_cap))


def _check_meal(request: CareRequest, counting: list[CareRequest], policy: CarePolicy) -> None:
    near = [
        other.on
        for other in counting
        if other.kind is CareKind.MEAL and abs((other.on - request.on).days) < policy.meal_every_days
    ]
    if near:
        raise no.MealTooSoon(
            "there is one on {other}; {days} days lie between two",
            field="on",
            other=min(near).isoformat(),
            days=policy.meal_every_days,
        )


def _check_year(request: CareRequest, counting: list[CareRequest], policy: CarePolicy) -> None:
    cap, year = policy.yearly_cap, request.on.year
    taken = sum(
        (
            other.spent.amount
            for other in counting
            if (other.contact_id, other.on.year, other.spent.currency)
            == (request.contact_id, year, cap.currency)
        ),
        Decimal(0),
    )
    left = Money(amount=max(cap.amount - taken, Decimal(0)), currency=cap.currency)
    if _in_caps(request, cap) > left:
        raise no.YearlyCapReached(
            "{left} is left of {cap} in {year}", field="budget", left=_shown(left), cap=_shown(cap), year=year
        )


def _in_caps(request: CareRequest, cap: Money) -> Money:
    if request.spent.currency != cap.currency:
        raise no.CurrencyOfCaps("budget it in {currency}", field="budget", currency=cap.currency)
    return request.spent


def says_top_executive(title: str | None, policy: CarePolicy) -> bool:
    """By the title; a deputy (副总经理, vice president) or an assistant (总经理助理) is not the one."""
    alone = _OF_OTHERS.sub(" ", _plain(title or ""))
    return bool(_words_in(alone, policy.executive_titles))


def _words_in(text: str, words: Iterable[str]) -> list[str]:
    """Those in the text: Latin ones as whole words (cashmere is no cash), Chinese ones anywhere."""
    plain = _plain(text)
    return [word for word in words if re.search(_pattern(_plain(word)), plain)]


def _pattern(word: str) -> str:
    if word.isascii():
        parts = _GAP.join(map(re.escape, re.split(r"[\s_-]+", word)))
        return rf"(?<![a-z0-9]){parts}s?(?![a-z0-9])"
    begins = "(?<![a-z0-9])" if word[0].isascii() else ""
    return begins + _GAP.join(map(re.escape, re.sub(_GAP, "", word)))


def _plain(text: str) -> str:
    """However it is written: full width, capitals, traditional characters, blanks between signs, and what
    nobody sees."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    folded = " ".join(simplified(seen.casefold()).split())
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", folded)


def _shown(money: Money) -> str:
    return f"{money.amount} {money.currency}"

"""Every kind of news says something sensible in both languages."""

import re
from typing import Any

import pytest

from keqing_notify.policy import POLICY
from keqing_notify.rendering import MISSING, Names, preferred, render
from keqing_notify.wording import LANGUAGES, WORDINGS, Language

KINDS = sorted({subscription.kind for subscription in POLICY.subscriptions})
NAMES = Names(customer="上海远东机械有限公司", people={"li.wei": "李伟", "chen.hao": "陈浩"})

MEMBERS: dict[str, dict[str, Any]] = {
    "missed_touch": {"opportunity_id": "o-1", "owner": "li.wei", "due_on": "2026-11-03", "in_a_row": 3},
    "band_overfilled": {"owner": "li.wei", "band": "close", "count": 11, "capacity": 10},
    "removal_suggested": {"owner": "li.wei", "reason": "stagnant", "contacts": 5},
    "deal_won": {
        "owner": "li.wei", "amount": {"amount": "120000.5", "currency": "CNY"}, "won_on": "2026-11-03",
    },
    "deal_lost": {"owner": "li.wei", "rival": "Acme", "lost_on": "2026-11-03"},
    "owner_changed": {"owner": "li.wei", "previous": "chen.hao"},
    "complaint_opened": {
        "complaint_id": "c-1", "category": "freight", "severity": "critical",
        "opened_by": "chen.hao", "assigned_to": "chen.hao", "invoices": ["i-1"],
    },
    "complaint_reopened": {"complaint_id": "c-1", "assigned_to": "chen.hao"},
    "complaint_closed": {"complaint_id": "c-1", "satisfaction": 4},
    "settlement_awaits_approval": {
        "complaint_id": "c-1", "amount": {"amount": "800", "currency": "CNY"}, "form": "refund",
        "needs": "supervisor", "assigned_to": "chen.hao",
    },
    "response_overdue": {"complaint_id": "c-1", "assigned_to": "chen.hao"},
    "solution_overdue": {"complaint_id": "c-1", "assigned_to": "chen.hao"},
    "payment_overdue": {
        "invoice_id": "i-1", "number": "INV-7", "threshold": 30, "days_overdue": 30,
        "open": {"amount": "9800.00", "currency": "CNY"}, "on": "2026-11-03", "due_on": "2026-10-04",
    },
    "invoice_disputed": {"invoice_id": "i-1", "on": "2026-10-04"},
    "payment_reversed": {
        "payment_id": "p-1", "amount": {"amount": "9800.00", "currency": "CNY"}, "on": "2026-10-04",
    },
    "settlement_declined": {"complaint_id": "c-1", "assigned_to": "chen.hao"},
    "complaint_reassigned": {"complaint_id": "c-1", "assigned_to": "chen.hao", "previous": "li.wei"},
    "complaint_escalated": {
        "complaint_id": "c-1", "to": "manager", "cause": "by_hand", "assigned_to": "chen.hao",
    },
    "callback_due": {"callback_id": "b-1", "on": "2026-10-04"},
    "callback_missed": {"callback_id": "b-1", "on": "2026-10-04"},
    "opportunity_handed_over": {"opportunity_id": "o-1", "owner": "li.wei", "previous": "chen.hao"},
    "care_to_approve": {
        "request_id": "r-1", "kind": "gift", "occasion": "birthday", "on": "2026-10-04",
        "budget": {"amount": "300", "currency": "CNY"}, "requested_by": "li.wei", "approver": "chen.hao",
    },
    "care_tomorrow": {
        "owner": "li.wei", "on": "2026-09-25", "birthdays": 2, "anniversaries": 0,
        "festivals": ["mid_autumn_festival"],
    },
    "defection_warning": {"signs": ["complaint", "payment_late"], "on": "2026-10-04"},
    "defection_warning_withdrawn": {"signs": [], "on": "2026-10-04"},
    "account_review_due": {"due_on": "2026-10-04"},
    "key_account_ended": {"on": "2026-10-04", "because": "not_class_a"},
}  # fmt: skip
ABOUT_NO_CUSTOMER = {"care_tomorrow"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_built_in_kind_is_worded_in_every_language(kind: str, language: Language) -> None:
    title, body = render(kind, language, "pipeline.Something", MEMBERS[kind], NAMES)
    for text in (title, body):
        assert text.strip()
        assert "$" not in text
        assert MISSING not in text
    assert ("上海远东机械有限公司" in title) == (kind not in ABOUT_NO_CUSTOMER)
    chinese_without_names = re.sub("上海远东机械有限公司|李伟|陈浩", "", title + body)
    assert bool(re.search("[一-鿿]", chinese_without_names)) == (language == "zh")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_text_survives_an_event_that_says_nothing(kind: str, language: Language) -> None:
    title, body = render(kind, language, "pipeline.Something", {}, Names(None, {}))
    assert "$" not in title + body
    unnamed = "个人客户" if language == "zh" else "an individual customer"
    assert (unnamed in title) == (kind not in ABOUT_NO_CUSTOMER)


def test_no_wording_is_without_a_subscription() -> None:
    assert sorted(WORDINGS) == KINDS == sorted(MEMBERS)


def test_an_overdue_payment_reads_like_this() -> None:
    assert render("payment_overdue", "zh", "", MEMBERS["payment_overdue"], NAMES) == (
        "逾期未付：上海远东机械有限公司",
        "发票 INV-7 于 2026年10月4日 到期，至 2026年11月3日 已逾期 30 天，未付 9,800.00 CNY。",
    )
    assert render("payment_overdue", "en", "", MEMBERS["payment_overdue"], NAMES) == (
        "Payment overdue: 上海远东机械有限公司",
        "Invoice INV-7 was due on 4 Oct 2026: 30 days overdue on 3 Nov 2026, 9,800.00 CNY open.",
    )


def test_codes_in_a_list_read_as_people_say_them() -> None:
    _, body = render("defection_warning", "zh", "", MEMBERS["defection_warning"], NAMES)
    assert body == "流失迹象：投诉、付款逾期。"
    members = {"on": "2026-09-25", "festivals": ["mid_autumn_festival", "founders_day"], "birthdays": 2}
    assert render("care_tomorrow", "en", "", members, NAMES) == (
        "Care on 25 Sep 2026",
        "Birthdays: 2. Company anniversaries: —. Festivals: Mid-Autumn Festival, founders_day."
        " The care calendar says whose.",
    )


def test_one_day_is_singular() -> None:
    _, body = render("payment_overdue", "en", "", {**MEMBERS["payment_overdue"], "days_overdue": 1}, NAMES)
    assert ": 1 day overdue" in body


def test_a_kind_of_former_times_is_still_readable() -> None:
    assert render("abolished", "en", "pipeline.Abolished", {}, NAMES) == (
        "News: 上海远东机械有限公司",
        "Event: pipeline.Abolished",
    )


def test_what_an_event_says_is_never_a_template() -> None:
    members = {"number": "$open ${due_on} $$ {0.__class__}", "days_overdue": 2}
    _, body = render("payment_overdue", "en", "", members, NAMES)
    assert body.startswith("Invoice $open ${due_on} $$ {0.__class__} was due on —: 2 days")


def test_what_an_event_says_stays_on_its_line_and_short() -> None:
    members = {"number": "A\r\nB\x1b[31m\u202eC" + "x" * 500}
    _, body = render("payment_overdue", "en", "", members, NAMES)
    assert body.startswith("Invoice A B [31m C")
    assert body.isprintable()
    assert "x…" in body
    assert len(body) < 300


@pytest.mark.parametrize(
    "odd", [{"amount": "NaN?", "currency": "CNY"}, {"amount": None, "currency": "CNY"}, {"currency": 3}, [1]]
)
def test_odd_money_breaks_no_text(odd: object) -> None:
    render("payment_overdue", "en", "", {"open": odd, "due_on": "soon", "days_overdue": "x"}, NAMES)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr, en;q=0.5, zh;q=0.4", "en"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("en-GB;q=0.7, zh-TW;q=0.9", "zh"),
        ("de", "zh"),
        ("", "zh"),
        (None, "zh"),
        ("en;q=abc", "zh"),
        (";;;,,,q=", "zh"),
    ],
)
def test_the_best_language_asked_for_is_chosen(header: str | None, language: Language) -> None:
    assert preferred(header, "zh") == language

"""What each kind of news says, in each language.

A template names members of the event (``$number``) and ``$customer``; ``string.Template`` knows nothing
but names, so a template can reach no code and no attribute: it is a sandbox by what it lacks.
"""

from string import Template
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Wording(NamedTuple):
    title: Template
    body: Template


def _wording(title: str, body: str) -> Wording:
    return Wording(Template(title), Template(body))


WORDINGS: dict[str, dict[Language, Wording]] = {
    "missed_touch": {
        "zh": _wording("错过跟进：$customer", "$owner 应于 $due_on 前联系该客户，已连续错过 $in_a_row 次。"),
        "en": _wording(
            "Touch missed: $customer",
            "$owner was due to contact this customer by $due_on; missed $in_a_row in a row.",
        ),
    },
    "band_overfilled": {
        "zh": _wording(
            "名单超额（$band）：$customer",
            "$owner 的名单中该类客户已有 $count 家，上限 $capacity 家，请踢出较弱的客户。",
        ),
        "en": _wording(
            "List too full ($band): $customer",
            "$owner now tracks $count customers there; there is room for $capacity. Remove the weakest.",
        ),
    },
    "removal_suggested": {
        "zh": _wording("建议踢出名单：$customer", "$owner 已联系 $contacts 次，$reason。"),
        "en": _wording("Removal suggested: $customer", "After $contacts contacts by $owner: $reason."),
    },
    "deal_won": {
        "zh": _wording("成交：$customer", "$owner 于 $won_on 成交，金额 $amount。"),
        "en": _wording("Deal won: $customer", "$owner won $amount on $won_on."),
    },
    "deal_lost": {
        "zh": _wording("丢单：$customer", "$owner 于 $lost_on 丢单，竞争对手：$rival。原因见商机。"),
        "en": _wording(
            "Deal lost: $customer",
            "$owner lost it on $lost_on. Rival: $rival. The opportunity says why.",
        ),
    },
    "owner_changed": {
        "zh": _wording("客户换了负责人：$customer", "负责人由 $previous 改为 $owner。"),
        "en": _wording("New owner: $customer", "The customer passes from $previous to $owner."),
    },
    "care_to_approve": {
        "zh": _wording(
            "客情申请待审批：$customer", "$requested_by 申请于 $on $kind（$occasion），预算 $budget。"
        ),
        "en": _wording(
            "Care awaits approval: $customer",
            "$requested_by asks for: $kind on $on ($occasion), budget $budget.",
        ),
    },
    "care_tomorrow": {
        "zh": _wording(
            "客情提醒：$on",
            "生日 $birthdays 个，企业周年 $anniversaries 个，节日：$festivals。详见客情日历。",
        ),
        "en": _wording(
            "Care on $on",
            "Birthdays: $birthdays. Company anniversaries: $anniversaries. Festivals: $festivals."
            " The care calendar says whose.",
        ),
    },
    "defection_warning": {
        "zh": _wording("客户可能流失：$customer", "流失迹象：$signs。"),
        "en": _wording("A customer may leave: $customer", "Signs: $signs."),
    },
    "defection_warning_withdrawn": {
        "zh": _wording("流失预警解除：$customer", "$on 起迹象已不足，预警解除。"),
        "en": _wording(
            "No longer about to leave: $customer",
            "As of $on the signs are too few; the warning is withdrawn.",
        ),
    },
    "key_account_ended": {
        "zh": _wording("不再是大客户：$customer", "$on 起不再是大客户：$because。客户计划留在历史中。"),
        "en": _wording(
            "No key account any more: $customer",
            "Since $on it is none: $because. Its plan stays in its history.",
        ),
    },
    "account_review_due": {
        "zh": _wording("大客户应评审：$customer", "应于 $due_on 评审客户计划。"),
        "en": _wording("Review due: $customer", "The plan of this key account is to be reviewed on $due_on."),
    },
    "complaint_opened": {
        "zh": _wording(
            "新投诉（$severity）：$customer", "类别：$category。登记人：$opened_by，处理人：$assigned_to。"
        ),
        "en": _wording(
            "Complaint opened ($severity): $customer",
            "Category: $category. Opened by $opened_by, assigned to $assigned_to.",
        ),
    },
    "complaint_reopened": {
        "zh": _wording("投诉重新打开：$customer", "客户的投诉重新打开，处理人：$assigned_to。"),
        "en": _wording("Complaint reopened: $customer", "It is open again, assigned to $assigned_to."),
    },
    "complaint_closed": {
        "zh": _wording("投诉已结案：$customer", "客户满意度：$satisfaction。"),
        "en": _wording("Complaint closed: $customer", "Customer satisfaction: $satisfaction."),
    },
    "settlement_awaits_approval": {
        "zh": _wording("理赔待审批：$customer", "$assigned_to 申请$form，金额 $amount，需要$needs审批。"),
        "en": _wording(
            "Settlement awaits approval: $customer",
            "$assigned_to proposes: $form, $amount. It needs the approval of a $needs.",
        ),
    },
    "settlement_declined": {
        "zh": _wording("理赔未获批准：$customer", "$assigned_to 申请的理赔未获批准，请重新提出。"),
        "en": _wording(
            "Settlement declined: $customer",
            "It was declined; $assigned_to is to propose another.",
        ),
    },
    "complaint_reassigned": {
        "zh": _wording("投诉已转交：$customer", "投诉由 $previous 转交给 $assigned_to。"),
        "en": _wording("Complaint handed over: $customer", "It passes from $previous to $assigned_to."),
    },
    "complaint_escalated": {
        "zh": _wording("投诉升级：$customer", "投诉升级至$to，处理人：$assigned_to。"),
        "en": _wording("Complaint escalated: $customer", "Escalated to the $to; assigned to $assigned_to."),
    },
    "callback_due": {
        "zh": _wording("今日应回访：$customer", "回访日期：$on。"),
        "en": _wording("Callback due: $customer", "The customer is to be called back on $on."),
    },
    "callback_missed": {
        "zh": _wording("错过回访：$customer", "应于 $on 回访，至今未完成。"),
        "en": _wording("Callback missed: $customer", "It was due on $on and has not been made."),
    },
    "opportunity_handed_over": {
        "zh": _wording("商机转交：$customer", "商机由 $previous 转交给 $owner。"),
        "en": _wording("Opportunity handed over: $customer", "It passes from $previous to $owner."),
    },
    "response_overdue": {
        "zh": _wording("投诉首次响应超时：$customer", "处理人 $assigned_to 尚未首次响应客户。"),
        "en": _wording(
            "Complaint response overdue: $customer", "$assigned_to has not yet answered the customer."
        ),
    },
    "solution_overdue": {
        "zh": _wording("投诉解决超时：$customer", "处理人 $assigned_to 尚未给出解决方案。"),
        "en": _wording(
            "Complaint solution overdue: $customer", "$assigned_to has not yet brought a solution."
        ),
    },
    "payment_overdue": {
        "zh": _wording(
            "逾期未付：$customer", "发票 $number 于 $due_on 到期，至 $on 已逾期 $days_overdue，未付 $open。"
        ),
        "en": _wording(
            "Payment overdue: $customer",
            "Invoice $number was due on $due_on: $days_overdue overdue on $on, $open open.",
        ),
    },
    "invoice_disputed": {
        "zh": _wording("发票有争议：$customer", "客户于 $on 对一张发票提出异议。"),
        "en": _wording("Invoice disputed: $customer", "The customer has disputed an invoice on $on."),
    },
    "payment_reversed": {
        "zh": _wording("收款被冲销：$customer", "$on 冲销收款 $amount，相关发票重新计为未付。"),
        "en": _wording(
            "Payment reversed: $customer",
            "$amount was reversed on $on; what it paid is open again.",
        ),
    },
}

PLAIN: dict[Language, Wording] = {
    "zh": _wording("通知：$customer", "事件：$event"),
    "en": _wording("News: $customer", "Event: $event"),
}
"""For a kind that history knows and the present has no words for any more."""

UNNAMED: dict[Language, str] = {"zh": "个人客户", "en": "an individual customer"}
"""A person's name does not travel between contexts."""

"""Codes of the business as people say them; a code without an entry is shown as it is."""

from keqing_notify.wording import Language

_LEVELS: dict[str, dict[Language, str]] = {
    "supervisor": {"zh": "客服主管", "en": "supervisor"},
    "manager": {"zh": "经理", "en": "manager"},
}

TERMS: dict[str, dict[str, dict[Language, str]]] = {
    "severity": {
        "critical": {"zh": "严重", "en": "critical"},
        "major": {"zh": "重大", "en": "major"},
        "minor": {"zh": "一般", "en": "minor"},
    },
    "category": {
        "contract": {"zh": "合同", "en": "contract"},
        "service": {"zh": "服务", "en": "service"},
        "freight": {"zh": "货运", "en": "freight"},
        "quality": {"zh": "质量", "en": "quality"},
        "overselling": {"zh": "过度推销", "en": "overselling"},
        "customer_side": {"zh": "客户自身", "en": "the customer's side"},
    },
    "form": {
        "repair": {"zh": "维修", "en": "repair"},
        "replace": {"zh": "换货", "en": "replacement"},
        "return": {"zh": "退货", "en": "return"},
        "refund": {"zh": "退款", "en": "refund"},
        "credit_note": {"zh": "贷项通知", "en": "credit note"},
        "discount": {"zh": "折扣", "en": "discount"},
        "gift": {"zh": "礼品", "en": "gift"},
        "apology": {"zh": "致歉", "en": "apology"},
    },
    "band": {
        "nurture": {"zh": "培育", "en": "nurture"},
        "develop": {"zh": "发展", "en": "develop"},
        "close": {"zh": "成交", "en": "close"},
    },
    "reason": {
        "stagnant": {"zh": "意向一直没有提升，原因不明", "en": "no rise, and nobody knows why"},
        "unreachable": {"zh": "始终没有接触到决策人", "en": "whoever decides was never reached"},
    },
    "needs": _LEVELS,
    "to": _LEVELS,
}

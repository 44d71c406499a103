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
    "kind": {
        "gift": {"zh": "送礼", "en": "a gift"},
        "meal": {"zh": "宴请", "en": "a meal"},
        "activity": {"zh": "安排活动", "en": "an activity"},
    },
    "occasion": {
        "festival": {"zh": "节日", "en": "festival"},
        "company_anniversary": {"zh": "企业周年", "en": "company anniversary"},
        "birthday": {"zh": "生日", "en": "birthday"},
        "wedding": {"zh": "婚礼", "en": "wedding"},
        "housewarming": {"zh": "乔迁", "en": "housewarming"},
        "first_visit": {"zh": "首次拜访", "en": "first visit"},
        "other": {"zh": "其他", "en": "other"},
    },
    "signs": {
        "purchases_down": {"zh": "采购下降", "en": "purchases down"},
        "complaint": {"zh": "投诉", "en": "a complaint"},
        "payment_late": {"zh": "付款逾期", "en": "payment late"},
        "contact_gap": {"zh": "久未联系", "en": "no contact"},
        "decider_left": {"zh": "决策人离职", "en": "a decider left"},
    },
    "because": {
        "not_class_a": {"zh": "已不是 A 类客户", "en": "it is not of class A any more"},
        "unprofitable": {"zh": "不再盈利", "en": "it is not profitable"},
        "squeezing": {"zh": "要求不断加码", "en": "it demands ever more"},
    },
    "festivals": {
        "new_year": {"zh": "元旦", "en": "New Year's Day"},
        "womens_day": {"zh": "妇女节", "en": "Women's Day"},
        "labour_day": {"zh": "劳动节", "en": "Labour Day"},
        "teachers_day": {"zh": "教师节", "en": "Teachers' Day"},
        "national_day": {"zh": "国庆节", "en": "National Day"},
        "spring_festival": {"zh": "春节", "en": "Spring Festival"},
        "lantern_festival": {"zh": "元宵节", "en": "Lantern Festival"},
        "dragon_boat_festival": {"zh": "端午节", "en": "Dragon Boat Festival"},
        "qixi": {"zh": "七夕", "en": "Qixi"},
        "mid_autumn_festival": {"zh": "中秋节", "en": "Mid-Autumn Festival"},
        "double_ninth_festival": {"zh": "重阳节", "en": "Double Ninth Festival"},
        "laba_festival": {"zh": "腊八节", "en": "Laba Festival"},
        "new_years_eve": {"zh": "除夕", "en": "Lunar New Year's Eve"},
    },
    "needs": _LEVELS,
    "to": _LEVELS,
}

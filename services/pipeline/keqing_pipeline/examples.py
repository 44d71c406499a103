"""What the documentation offers to try: the first days of a small company, in an order in which each goes
through as it stands. Whom the imports bring in, the others speak of."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

CUSTOMER = str(uuid5(NAMESPACE_URL, "keqing:customer:erp:K-1001"))
"""无锡太湖机械有限公司: what the import below makes has this id everywhere."""
CONTACT = str(uuid5(NAMESPACE_URL, "keqing:contact:erp:P-2001"))
"""周敏, who decides there."""

JSON, JSON_LINES, CSV = "application/json", "application/x-ndjson", "text/csv"

Named = Mapping[str, Any]
"""By what each example shows, the body."""


def _yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


_PEOPLE_CSV = """\
login,name,roles,team,manager
zhao.min,赵敏,sales_manager,华东,
li.wei,李伟,rep,华东,zhao.min
"""
_PERSON_LINE = (
    '{"login": "sun.yue", "name": "孙悦", "roles": ["rep"], "team": "华东", "manager": "zhao.min"}\n'
)
_CUSTOMERS_CSV = """\
external,kind,name,owner,source,industry,phones,location.latitude,location.longitude
erp:K-1001,enterprise,无锡太湖机械有限公司,li.wei,import,机械,+8651082700001,31.57,120.3
erp:K-1002,enterprise,绍兴镜湖印染有限公司,li.wei,import,印染,,30.01,120.58
"""
_CUSTOMER_LINE = (
    '{"external": [{"system": "erp", "id": "K-1003"}], "kind": "enterprise", "name": "南通濠河家纺有限公司",'
    ' "owner": "li.wei", "source": "import", "importance": "major"}\n'
)
_CONTACTS_CSV = """\
external,customer,name,title,roles,covered_by
erp:P-2001,erp:K-1001,周敏,采购总监,decider,li.wei
"""
_CONTACT_LINE = (
    '{"external": {"system": "erp", "id": "P-2002"}, "customer": {"system": "erp", "id": "K-1001"},'
    ' "name": "吴刚", "roles": ["user"], "covered_by": ["li.wei"]}\n'
)
_OPPORTUNITIES_CSV = """\
external,title,owner,customer,amount,engaged_on,outcome,closed_on,close_value
erp:D-3001,一期染整线,li.wei,erp:K-1002,500000.00 CNY,2025-03-03,won,2025-06-30,480000.00 CNY
"""
_OPPORTUNITY_LINE = (
    '{"external": {"system": "erp", "id": "D-3002"}, "title": "备件年约", "owner": "li.wei",'
    ' "customer": {"system": "erp", "id": "K-1003"}, "stage": "1", "source_stage": "有意向"}\n'
)
_ENTERPRISE = {
    "kind": "enterprise",
    "name": "嘉兴南湖纺织有限公司",
    "source": "trade_show",
    "importance": "key",
    "industry": "纺织",
    "phones": ["0573-82080001"],
    "man": {"money": "yes", "authority": "yes", "need": "unknown"},
    "enterprise": {
        "basics": {"address": "嘉兴市南湖区中环东路 1 号", "legal_representative": "陈建国"},
        "traits": {"region": "浙江", "employees": 320},
        "dealings": {"terms_days": 60},
    },
}
_INDIVIDUAL = {
    "kind": "individual",
    "name": "林清源",
    "source": "personal_network",
    "phones": ["13800138001"],
    "individual": {"education": "浙江大学", "buying_habits": "月底下单"},
}
_REFERRED = {
    "kind": "enterprise",
    "name": "湖州太湖丝绸有限公司",
    "referral_note": "同一个商会的",
}
_CONTACT = {
    "name": "王丽",
    "title": "采购经理",
    "roles": ["influencer", "gatekeeper"],
    "birthday": {"calendar": "lunar", "year": 1985, "month": 8, "day": 15},
    "interests": "龙井茶，羽毛球",
    "donts": "周一上午不打电话",
}
_CALL = {
    "outcome": "interactive",
    "minutes": 12,
    "with_whom": ["周敏"],
    "with_decider": True,
    "signals": ["asks_price"],
    "note": "问了价格和交期",
    "next_step": "寄报价单",
}
_VISIT = {
    "outcome": "appointment",
    "minutes": 90,
    "with_whom": ["周敏", "吴刚"],
    "signals": ["asks_after_sales"],
    "opening": "praise",
    "steps": {"target": True, "preparation": True, "opening": True, "presentation": True},
    "objections": ["价格偏高"],
}
_PROJECT = {
    "plan": "先换一条线，用得好再换第二条",
    "problem": "旧设备能耗高",
    "deciders": ["周敏"],
    "budget": _yuan("900000.00"),
    "process": "车间提出，采购比价，总经理签字",
}
_GIFT = {
    "contact_id": CONTACT,
    "kind": "gift",
    "occasion": "festival",
    "festival": "mid_autumn_festival",
    "on": "2030-09-12",
    "what": "月饼一盒",
    "budget": _yuan("200.00"),
}
_PLAN = {
    "objectives": [{"what": "两条产线都用我们的设备", "by": "2030-12-31"}],
    "team": ["li.wei", "zhao.min"],
    "promises": [{"standard": "personal_service", "what": "故障四小时内到场"}],
    "review_every_days": 90,
}

EXAMPLES: Mapping[tuple[str, str], Mapping[str, Named]] = {
    ("POST", "/imports/users"): {CSV: {"a team": _PEOPLE_CSV}, JSON_LINES: {"one person": _PERSON_LINE}},
    ("POST", "/users"): {
        JSON: {
            "a rep": {
                "login": "qian.jin",
                "name": "钱进",
                "roles": ["rep"],
                "team": "华东",
                "manager": "zhao.min",
            }
        }
    },
    ("POST", "/imports/customers"): {
        CSV: {"two customers": _CUSTOMERS_CSV},
        JSON_LINES: {"one customer": _CUSTOMER_LINE},
    },
    ("POST", "/imports/contacts"): {
        CSV: {"who decides": _CONTACTS_CSV},
        JSON_LINES: {"who uses it": _CONTACT_LINE},
    },
    ("POST", "/imports/opportunities"): {
        CSV: {"a deal that was won": _OPPORTUNITIES_CSV},
        JSON_LINES: {"one that is open": _OPPORTUNITY_LINE},
    },
    ("POST", "/customers"): {JSON: {"an enterprise": _ENTERPRISE, "an individual": _INDIVIDUAL}},
    ("POST", "/customers/{customer_id}/contacts"): {JSON: {"a person at the customer": _CONTACT}},
    ("POST", "/contacts/{contact_id}/observations"): {
        JSON: {"what struck one": {"happened": "会上先看能耗表", "tells": "看重运行成本，不看牌子"}}
    },
    ("POST", "/opportunities"): {
        JSON: {
            "with a customer": {
                "customer_id": CUSTOMER,
                "title": "二期染整线",
                "amount": _yuan("860000.00"),
                "expected_close_on": "2030-06-30",
                "interests": ["节能定型机"],
            }
        }
    },
    ("POST", "/opportunities/{opportunity_id}/calls"): {JSON: {"asked for the price": _CALL}},
    ("POST", "/opportunities/{opportunity_id}/visits"): {JSON: {"half of the steps": _VISIT}},
    ("POST", "/opportunities/{opportunity_id}/messages"): {
        JSON: {"on WeChat": {"outcome": "brief", "channel": "wechat", "note": "报价单已收到"}}
    },
    ("PUT", "/opportunities/{opportunity_id}/purchase-project"): {JSON: {"how they buy": _PROJECT}},
    ("POST", "/opportunities/{opportunity_id}/stage"): {
        JSON: {"up, on evidence": {"to": "3"}, "down, with a reason": {"to": "1", "reason": "预算推迟到明年"}}
    },
    ("POST", "/opportunities/{opportunity_id}/won"): {JSON: {"bought today": {"amount": _yuan("820000.00")}}},
    ("POST", "/opportunities/{opportunity_id}/lost"): {
        JSON: {"to a rival": {"reason": "价格", "rival": "东海机械"}}
    },
    ("POST", "/tracking-list"): {JSON: {"onto the list": {"customer_id": CUSTOMER}}},
    ("PUT", "/customers/{customer_id}/account/appraisal"): {
        JSON: {"a good one": {"profitable": "yes", "squeezing": "no", "evidence": "毛利两成，账期守约"}}
    },
    ("PUT", "/customers/{customer_id}/account/plan"): {JSON: {"a year's plan": _PLAN}},
    ("POST", "/customers/{customer_id}/care-requests"): {JSON: {"mooncakes": _GIFT}},
    ("POST", "/customers/{customer_id}/tenders"): {JSON: {"no gifts from now on": {"title": "泵站设备招标"}}},
    ("POST", "/customers/{customer_id}/referrals"): {JSON: {"whom they named": _REFERRED}},
    ("POST", "/customers/{customer_id}/owner"): {
        JSON: {"to a colleague": {"owner": "qian.jin", "reason": "区域调整"}}
    },
    ("POST", "/bulk/customers/owner"): {
        JSON: {"of a leaver": {"previous": "qian.jin", "owner": "li.wei", "reason": "离职交接"}}
    },
    ("POST", "/bulk/opportunities/lost"): {
        JSON: {"long untouched": {"untouched_since": "2025-12-31", "reason": "久未联系"}}
    },
    ("POST", "/tracking-list/{customer_id}/removal"): {
        JSON: {"to the open pool": {"reason": "blunder", "note": "报价单发错了客户"}}
    },
}

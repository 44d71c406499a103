"""Callbacks after a win: the agents make most of them, and note what they heard."""

from datetime import date

from keqing_local.demo.plan.complaints import Complaint
from keqing_local.demo.plan.life import Deal, Life
from keqing_local.demo.plan.people import AGENTS

KINDS = {"three_days": 3, "three_weeks": 21, "three_months": 91}
"""Days after the win, nearly: the service desk knows the exact date."""
FORGOTTEN = 0.09

_SATISFIED = ("使用正常，很满意。", "效果看得见，愿意推荐。", "师傅专业，没有问题。", "一切正常，暂无需求。")
_UNSATISFIED = ("用了几天噪音偏大。", "安装收尾不干净，要求返工。", "换芯价格比预期高。")


def call_back(life: Life, deal: Deal) -> list[date]:
    """Notes the callbacks after a deal; on which days a dissatisfied customer was found."""
    dice, days = life.dice, life.days
    troubled: list[date] = []
    for kind, wait in KINDS.items():
        if dice.random() < FORGOTTEN:
            continue
        day = days.after(deal.won_on, wait + dice.randint(1, 5))
        outcome = dice.choices(("satisfied", "unsatisfied", "declined"), (85, 9, 6))[0]
        body = {"outcome": outcome}
        if outcome != "declined":
            body["answers"] = dice.choice(_SATISFIED if outcome == "satisfied" else _UNSATISFIED)
        address = f"/service-desk/callbacks/{{{callback_name(deal.opportunity, kind)}}}/result"
        noted = life.diary.note(days.sometime(day, dice), dice.choice(AGENTS).login, address, body)
        if noted and outcome == "unsatisfied":
            troubled.append(day)
    return troubled


def callback_name(opportunity: str, kind: str) -> str:
    """The service desk plans it by itself; whoever does the deed looks its id up under this name."""
    return f"{opportunity}/{kind}"


def complain(life: Life, deal: Deal, troubled: list[date]) -> None:
    """A dissatisfied answer opens a complaint as often as not; others come by themselves."""
    dice, days = life.dice, life.days
    if life.customer.currency != "CNY":
        return  # what is given is given in CNY
    open_days = [day for day in troubled if dice.random() < 0.6]
    if dice.random() < 0.42:
        open_days.append(days.after(deal.won_on, dice.randint(6, 110)))
    if (days.last - deal.won_on).days > 40 and dice.random() < 0.07:
        open_days.append(days.working(date.fromordinal(days.last.toordinal() - dice.randint(0, 9))))
    for day in sorted(open_days):
        if day <= days.last and any(bill.issued_on < day for bill in life.bills):
            life.complaints += 1
            Complaint(life, life.complaints, deal, day).tell()

"""Calls and visits as reps log them: outcome, signals, and what they noted."""

from datetime import date, datetime
from random import Random
from typing import Any

SIGNALS: dict[int, dict[str, tuple[str, ...]]] = {
    0: {
        "tolerates_call": ("对方愿意听两句，对{product}没有概念。", "接了电话，态度平和，没有多问。"),
        "busy_now": ("正在开会，让改天再打。", "说这阵子忙，月底前没空谈{product}。"),
        "unaware": ("没听说过{product}，以为和普通过滤器一样。",),
        "complains": ("抱怨以前的供应商换芯不及时。", "抱怨现在的设备噪音大、耗材贵。"),
    },
    1: {
        "answers_questions": ("问到用水用气情况都肯说，现有设备已用五年。", "讲了目前的用量和预算周期。"),
        "converses": ("聊开了，主动说起同行装{product}的情况。", "谈得顺，愿意收资料。"),
    },
    2: {
        "asks_basics": ("问{product}的原理、占地和安装周期。", "要了{product}的参数表。"),
        "asks_results": ("问装了以后水质、空气指标能改善多少，想看检测报告。",),
        "compares_rivals": ("拿我们和{rival}比，关心耗材成本。", "{rival}也报过方案，问我们好在哪里。"),
        "asks_related": ("问维保怎么收费，滤芯多久换一次。",),
    },
    3: {
        "asks_price": ("问{product}的底价和付款方式。", "要正式报价，问批量有没有折扣。"),
        "asks_method": ("问合同流程、交货和安装怎么排。",),
        "asks_after_sales": ("问质保几年、坏了多久到现场。",),
        "accepts_contract_draft": ("收下合同草案，说交法务看。",),
    },
    4: {
        "agrees_but_away": ("口头同意，老总出差，回来就签。",),
        "agrees_weighing_amount": ("决定要买，还在一期做还是两期做之间权衡。",),
        "agrees_blocked_by_other": ("使用部门同意了，等财务批预算。",),
    },
}
"""By the stage they show, with notes that go with them."""

_NOT_REACHED = {
    "no_answer": ("响了没人接。", "关机，晚点再打。", "前台说人不在。"),
    "wrong_person": ("接电话的不是负责人，要到了分机。", "原联系人换岗，记下了新联系人。"),
}
_BRIEF = ("简单说了两句，约好再联系。", "对方赶时间，只确认了邮箱。", "回了句在看资料。")
_REFUSED = {
    "hostile": ("一听是推销就发火，挂了。",),
    "asked_not_to_call": ("明确说不需要，请不要再打。",),
}
_AFTER_SALE = (
    "问使用情况，{product}运行正常。",
    "提醒了下次换芯的时间，对方表示满意。",
    "告知新款滤芯上市，对方有兴趣。",
    "聊了近况，对方愿意推荐同行。",
    "回访使用效果，检测数据达标。",
)
_OBJECTIONS = ("价格偏高", "已有供应商", "今年没有预算", "担心售后不及时", "要等总部批")
_NEXT = ("发资料并约时间", "带检测仪上门看现场", "准备方案和报价", "约见决策人", "跟进合同", "电话确认")
_OPENINGS = ("praise", "direct", "curiosity", "warm", "request")
_CLOSES = ("invite", "choice", "second_level", "assumed", "authorised", "urgent")
_STEPS = ("target", "preparation", "sales_preparation", "opening", "presentation", "objections", "close")


class Contacts:
    """Writes up contacts about one product."""

    def __init__(self, dice: Random, product: str, rival: str, people: tuple[str, ...]) -> None:
        self._dice = dice
        self._words = {"product": product, "rival": rival}
        self._people = people

    def reached(
        self, at: datetime, stage: int, next_on: date | None, *, visit: bool = False
    ) -> dict[str, Any]:
        """An effective one, with a signal of the stage."""
        dice = self._dice
        signals = dice.sample(list(SIGNALS[stage]), min(len(SIGNALS[stage]), dice.choice((1, 1, 2))))
        note = "".join(self._say(SIGNALS[stage][signal]) for signal in signals)
        outcome = "appointment" if next_on and stage >= 1 and dice.random() < 0.3 else "interactive"
        told = self._told(at, outcome, note, next_on, signals, (15, 70) if visit else (4, 25))
        if stage in (1, 2, 3) and dice.random() < 0.3:
            told["objections"] = [dice.choice(_OBJECTIONS)]
        return {**told, **self._visit()} if visit else told

    def brief(self, at: datetime, next_on: date | None) -> dict[str, Any]:
        return self._told(at, "brief", self._say(_BRIEF), next_on, [], (1, 4))

    def missed(self, at: datetime, next_on: date | None) -> dict[str, Any]:
        """Nobody there, or the wrong one."""
        outcome = self._dice.choices(tuple(_NOT_REACHED), (80, 20))[0]
        return {
            "outcome": outcome,
            "at": at.isoformat(),
            "note": self._say(_NOT_REACHED[outcome]),
            **({"next_on": next_on.isoformat()} if next_on else {}),
        }

    def refused(self, at: datetime) -> dict[str, Any]:
        signal = self._dice.choice(tuple(_REFUSED))
        return self._told(at, "refused", self._say(_REFUSED[signal]), None, [signal], (0, 2))

    def after_sale(self, at: datetime) -> dict[str, Any]:
        return self._told(at, "interactive", self._say(_AFTER_SALE), None, [], (3, 12))

    def _told(
        self,
        at: datetime,
        outcome: str,
        note: str,
        next_on: date | None,
        signals: list[str],
        minutes: tuple[int, int],
    ) -> dict[str, Any]:
        told: dict[str, Any] = {
            "outcome": outcome,
            "at": at.isoformat(),
            "minutes": self._dice.randint(*minutes),
            "with_whom": [self._dice.choice(self._people)],
            "note": note,
        }
        if signals:
            told["signals"] = signals
        if next_on:
            told |= {"next_on": next_on.isoformat(), "next_step": self._dice.choice(_NEXT)}
        return told

    def _visit(self) -> dict[str, Any]:
        dice = self._dice
        done = {step: True for step in _STEPS if dice.random() < 0.85}
        return {"steps": done, "opening": dice.choice(_OPENINGS), "close": dice.choice(_CLOSES)}

    def _say(self, phrases: tuple[str, ...]) -> str:
        return self._dice.choice(phrases).format(**self._words)

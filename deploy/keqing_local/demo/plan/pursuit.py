"""How a rep pursues an opportunity: contact after contact, stage by stage, to a yes, a no or neither."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from keqing_local.demo.plan.catalogue import FOR_FIRMS, FOR_HOMES, RIVALS, Product
from keqing_local.demo.plan.contacts import Contacts
from keqing_local.demo.plan.deed import Ref, money
from keqing_local.demo.plan.life import Deal, Life
from keqing_local.demo.plan.rooms import give_up, track

Fate = Literal["won", "lost", "refused", "stale"]
FATES: dict[Fate, int] = {"won": 48, "lost": 31, "refused": 6, "stale": 15}
"""In a hundred; what is not over when the year is, stays open."""

PACE: dict[int, tuple[int, int]] = {0: (5, 14), 1: (4, 7), 2: (4, 7), 3: (2, 3), 4: (2, 3)}
"""Days between two contacts, by stage: a little faster than the rules demand."""
INTERVAL = {0: 15, 1: 7, 2: 7, 3: 3, 4: 3}
FORGETS = 0.08
"""How often a touch is forgotten for some days."""
DOLLAR = 7

_LOST = (
    "价格谈不拢",
    "预算被砍",
    "选了{rival}",
    "项目推迟到明年",
    "决策人换了，方案推倒重来",
    "只是了解行情",
)
_RECEDES = ("签字的人换了，要重新说明", "预算缩减，又回到比较方案", "使用部门有不同意见")


@dataclass
class _State:
    """Where the opportunity stands while it is told."""

    name: str
    day: date
    stage: int = 0
    contacts: int = 0
    """Effective ones at this stage."""
    needed: int = 1


class Pursuit:
    """One opportunity of one customer."""

    def __init__(self, life: Life, number: int, opened_on: date) -> None:
        customer, dice = life.customer, life.dice
        self._life = life
        self._product: Product = dice.choice(FOR_FIRMS if customer.kind == "enterprise" else FOR_HOMES)
        amount = dice.randrange(self._product.low, self._product.high)
        if customer.currency == "USD":
            amount //= DOLLAR
        self._amount = amount // 100 * 100
        self._rival = dice.choice(RIVALS)
        self._contacts = Contacts(dice, self._product.short, self._rival, customer.contacts)
        self._fate: Fate = dice.choices(list(FATES), list(FATES.values()))[0]
        self._ends_at = dice.choice((1, 2, 3, 3, 4)) if self._fate == "lost" else dice.choice((0, 1, 1, 2))
        self._recedes = dice.random() < 0.08
        self._at = _State(f"O{customer.number:04d}-{number}", opened_on, needed=dice.randint(1, 2))
        self.over_on: date | None = None
        """When it was won or lost for good."""

    def tell(self) -> Deal | None:
        """Notes everything down; the deal if there is one."""
        life, days, at = self._life, self._life.days, self._at
        customer, dice = life.customer, life.dice
        noted = life.diary.note(
            days.at(at.day, 10, dice.randrange(50)),
            customer.owner_on(at.day).login,
            "/pipeline/opportunities",
            {
                "customer_id": Ref(customer.key),
                "title": f"{self._product.short}{dice.choice(('采购', '改造', '项目', '更新'))}",
                "amount": money(self._amount, customer.currency),
                "expected_close_on": days.after(at.day, dice.randrange(30, 75)).isoformat(),
                "interests": [self._product.name],
            },
            makes=at.name,
        )
        if not noted:
            return None
        track(life, at.day)
        while True:
            low, high = PACE[at.stage]
            gap = dice.randint(low, high)
            if dice.random() < FORGETS:
                gap = INTERVAL[at.stage] + dice.randint(2, 9)
            at.day = days.after(at.day, max(gap, 1))
            if at.day > days.last:
                return None
            if self._is_over():
                return self._finish()
            self._contact()

    def _is_over(self) -> bool:
        at = self._at
        if self._fate == "won":
            return at.stage == 4 and at.contacts >= at.needed
        return at.stage >= self._ends_at and at.contacts >= at.needed

    def _contact(self) -> None:
        at, dice, days = self._at, self._life.dice, self._life.days
        when = days.sometime(at.day, dice)
        luck = dice.random()
        next_on = days.after(at.day, PACE[at.stage][1]) if dice.random() < 0.25 else None
        if luck < (0.18 if at.stage < 2 else 0.07):
            self._log("calls", when, self._contacts.missed(when, next_on))
            return
        if luck < 0.26:
            self._log("calls", when, self._contacts.brief(when, next_on))
            return
        at.contacts += 1
        rises = at.contacts >= at.needed and at.stage < 4 and not self._is_over()
        shown = at.stage + 1 if rises else at.stage
        if rises and shown < 3 and dice.random() < 0.08:
            shown += 1  # somebody who came prepared
        visit = shown >= 2 and dice.random() < 0.4
        told = self._contacts.reached(when, shown, next_on, visit=visit)
        self._log("visits" if visit else "calls", when, told)
        if rises:
            self._advance(when, shown)
        elif self._recedes and at.stage >= 3:
            self._recedes = False
            self._change(when, at.stage - 1, dice.choice(_RECEDES))

    def _advance(self, when: datetime, to: int) -> None:
        customer = self._life.customer
        doubted = "assessment" in customer.file and self._at.stage < 3 <= to
        if doubted:
            manager = customer.team.manager.login
            wanted = {
                "to": str(to),
                "override_assessment": True,
                "reason": "毛利虽低，是行业标杆客户，值得做",
            }
            self._step(when, manager, "stage", wanted)
            self._arrive(to)
        else:
            self._change(when, to)
        if to == 2:
            self._life_learns(when)

    def _change(self, when: datetime, to: int, reason: str | None = None) -> None:
        self._step(when, self._owner(), "stage", {"to": str(to), **({"reason": reason} if reason else {})})
        self._arrive(to)

    def _arrive(self, to: int) -> None:
        self._at.stage, self._at.contacts, self._at.needed = to, 0, self._life.dice.randint(1, 2)

    def _life_learns(self, when: datetime) -> None:
        """By now one knows who decides and who pays: the file is amended, once for a customer."""
        customer, dice = self._life.customer, self._life.dice
        if self._at.name.endswith("-1"):
            man = {"money": dice.choice(("yes", "yes", "no")), "authority": "yes", "need": "yes"}
            customer.file = {**customer.file, "man": man}
            self._life.diary.note(
                when, self._owner(), f"/pipeline/customers/{{{customer.key}}}", customer.file, method="PUT"
            )

    def _finish(self) -> Deal | None:
        at, dice, days = self._at, self._life.dice, self._life.days
        when = days.sometime(at.day, dice)
        match self._fate:
            case "won":
                return self._win(when)
            case "lost":
                self._log("calls", when, self._contacts.brief(when, None))
                self._lose(when, dice.choice(_LOST).format(rival=self._rival))
            case "refused":
                self._log("calls", when, self._contacts.refused(when))
                self._step(when, self._owner(), "stage", {"to": "refused", "reason": "客户要求不再联系"})
            case "stale":
                self._fade(when)
        return None

    def _fade(self, when: datetime) -> None:
        """Nobody answers any more, the rep lets it lie, and the manager has it struck off one day."""
        at, dice, days = self._at, self._life.dice, self._life.days
        for _ in range(3):
            self._log("calls", when, self._contacts.missed(when, None))
            at.day = days.after(at.day, INTERVAL[at.stage])
            when = days.sometime(at.day, dice)
        at.day = days.after(at.day, dice.randint(30, 70))
        if give_up(self._life, days.sometime(at.day, dice), at.name):
            return
        self._lose(days.sometime(at.day, dice), "长期没有进展，也联系不上")

    def _win(self, when: datetime) -> Deal | None:
        at, dice, customer = self._at, self._life.dice, self._life.customer
        amount = int(self._amount * dice.uniform(0.86, 1.04)) // 100 * 100
        body = {"amount": money(amount, customer.currency), "products": [self._product.name]}
        if not self._step(when, self._owner(), "won", body):
            return None
        self.over_on = at.day
        deal = Deal(at.name, self._product.name, amount, at.day)
        self._look_after(at.day)
        return deal

    def _lose(self, when: datetime, reason: str) -> None:
        body = {"reason": reason, **({"rival": self._rival} if self._rival in reason else {})}
        if self._step(when, self._owner(), "lost", body):
            self.over_on = self._at.day

    def _look_after(self, day: date) -> None:
        """Two contacts a month after the sale, less faithfully as time goes by."""
        dice, days = self._life.dice, self._life.days
        while (day := days.after(day, dice.choice((13, 14, 15, 15, 20, 30)))) <= days.last:
            self._at.day = day
            when = days.sometime(day, dice)
            self._log("calls", when, self._contacts.after_sale(when))

    def _log(self, kind: Literal["calls", "visits"], when: datetime, told: dict[str, Any]) -> None:
        self._step(when, self._owner(), kind, told)

    def _step(self, when: datetime, who: str, step: str, body: dict[str, Any]) -> bool:
        return self._life.diary.note(when, who, f"/pipeline/opportunities/{{{self._at.name}}}/{step}", body)

    def _owner(self) -> str:
        return self._life.customer.owner_on(self._at.day).login

"""Complaints after a purchase: how each is met, step by step, by the agent who has it."""

from datetime import date, datetime, timedelta
from typing import Any

from keqing_local.demo.plan import complaint_stories as words
from keqing_local.demo.plan.bills import invoices_before
from keqing_local.demo.plan.complaint_stories import STORIES, Story
from keqing_local.demo.plan.deed import Ref, money
from keqing_local.demo.plan.life import Bill, Deal, Life
from keqing_local.demo.plan.people import AGENTS, SUPERVISOR, Person

SEVERITIES = {"critical": 10, "major": 38, "minor": 52}
RESPONDS = {"critical": (0.01, 0.05), "major": (0.2, 2.0), "minor": (0.2, 4.0)}
"""Working hours until the story has been heard out, by severity."""
SOLVES = {"critical": (0.5, 2.0), "major": (2.0, 10.0), "minor": (5.0, 30.0)}
"""Working hours from then to a proposal."""
SLOW = 0.13
"""How often somebody takes several times as long."""
ARRIVES = ((9, 33), (14, 4), (17, 8))
"""Just before somebody sits down to write things up: what was reported hours ago would be late by then."""
AGENT_LIMIT, SUPERVISOR_LIMIT = 500, 5_000
"""In CNY; as in the service desk's policy."""
AMOUNTS = ((60, 480), (520, 4_800), (5_200, 16_000))
"""Within the agent's authority, the supervisor's, the manager's."""

_MANNERS = ("irritable", "eccentric", "domineering", "intellectual", "less_schooled", "garrulous")
_SEEKS = ("to_be_cared_for", "to_be_heard", "met_with_competence", "answered_fast")
_MOODS = ("to_vent", "to_be_respected", "to_be_compensated")
_CHANNELS = ("phone", "phone", "phone", "chat", "web", "visit")
_COSTS = ("refund", "credit_note", "discount", "gift")


class Complaint:
    """One complaint, told from its opening as far as the year goes."""

    def __init__(self, life: Life, number: int, deal: Deal, day: date) -> None:
        dice = life.dice
        self._life = life
        self._deal = deal
        self._name = f"K{life.customer.number:04d}-{number}"
        self._story: Story = dice.choices(STORIES, [story.weight for story in STORIES])[0]
        self._severity: str = dice.choices(list(SEVERITIES), list(SEVERITIES.values()))[0]
        self._agent: Person = dice.choice(AGENTS)
        self._at: datetime = life.days.at(day, *dice.choice(ARRIVES))
        self._concerns: list[Bill] = []
        """The invoice it is about, where it is about one."""
        self._over = False

    def tell(self) -> None:
        dice = self._life.dice
        self._open()
        if dice.random() < 0.06:  # before any missed clock escalates by itself
            self._step("escalation", {"to": "supervisor", "reason": words.ESCALATIONS})
        self._after(*RESPONDS[self._severity])
        self._step("acknowledgement", {"apology": dice.choice(words.APOLOGIES), "heard_out": True})
        if dice.random() < 0.07:
            self._step("waiting", {"awaited": words.AWAITED})
            self._after(4, 16)
        self._after(*SOLVES[self._severity])
        self._establish()
        remedies = list(self._story.remedies)
        if dice.random() < 0.5:
            remedies.reverse()
        form, description = remedies.pop()
        amount = self._amount(form)
        invoice = self._to_be_paid(amount) if form == "credit_note" and amount else None
        if form == "credit_note" and invoice is None:
            form = "refund"  # everything is paid: there is nothing to credit it to
        if remedies and dice.random() < 0.15:
            self._propose(*remedies.pop(), None)
            self._answer(False)
        self._propose(form, description, amount)
        self._answer(True)
        self._settle(form, description, amount, invoice)
        self._make_good(first=True)
        if dice.random() < 0.05:
            self._again()

    def _open(self) -> None:
        life, dice, story = self._life, self._life.dice, self._story
        customer = life.customer
        by_rep = dice.random() < 0.15
        opener = customer.owner_on(self._at.date()) if by_rep else self._agent
        bills = list(invoices_before(life, self._at.date()))
        body = {
            "customer_id": Ref(customer.key),
            "category": story.category,
            "severity": self._severity,
            "what_happened": dice.choice(story.told),
            "complainant": {
                "name": dice.choice(customer.contacts),
                "manner": dice.choice(_MANNERS),
                "seeks": dice.choice(_SEEKS),
                "mood": dice.choice(_MOODS),
            },
            "product": self._deal.product,
            "issue": story.issue,
            "channel": dice.choice(_CHANNELS),
            "received_at": (self._at - timedelta(minutes=dice.randrange(2, 14))).isoformat(),
            "external": {"system": "hotline", "id": self._name},
        }
        if bills and story.category in ("contract", "freight"):
            self._concerns = bills[-1:]
            bills[-1].talked_about = True
            body["invoices"] = [Ref(bill.name) for bill in self._concerns]
        if by_rep:
            body["assigned_to"] = self._agent.login
        noted = life.diary.note(self._at, opener.login, "/service-desk/complaints", body, makes=self._name)
        self._over = not noted

    def _establish(self) -> None:
        story = self._story
        body = {"evidence": story.found, "cause": story.cause, "responsible_side": story.side}
        self._step("facts", {**body, **({"responsible_unit": story.unit} if story.unit else {})})

    def _amount(self, form: str) -> int | None:
        if form not in _COSTS:
            return None
        low, high = self._life.dice.choices(AMOUNTS, (55, 35, 10))[0]
        small = self._life.customer.kind == "individual" or form == "gift"
        return self._life.dice.randrange(*(AMOUNTS[0] if small else (low, high))) // 10 * 10

    def _propose(self, form: str, description: str, amount: int | None) -> None:
        body: dict[str, Any] = {"description": description, "form": form}
        if amount is not None:
            body["amount"] = money(amount)
        self._step("solution", body)

    def _answer(self, accepted: bool) -> None:
        self._after(1, 12)
        comment = "可以，就这么办。" if accepted else self._life.dice.choice(words.REJECTIONS)
        self._step("solution/answer", {"accepted": accepted, "comment": comment})
        if not accepted:
            self._after(1, 6)

    def _settle(self, form: str, description: str, amount: int | None, invoice: str | None = None) -> None:
        dice = self._life.dice
        self._after(0.2, 4)
        body: dict[str, Any] = {"form": form, "note": description}
        if amount is not None:
            body["amount"] = money(amount)
        if invoice is not None:
            body["invoice_id"] = Ref(invoice)
        self._step("settlement", body)
        if amount is None or amount <= AGENT_LIMIT:
            return
        self._after(1, 7)
        above = SUPERVISOR if amount <= SUPERVISOR_LIMIT else self._life.customer.team.manager
        if dice.random() < 0.12:
            self._step(
                "settlement/approval",
                {"approved": False, "reason": dice.choice(words.DECLINES)},
                who=above,
            )
            self._after(1, 6)
            self._propose("gift", "登门致歉，赠送全年滤芯", 480)
            self._answer(True)
            self._settle("gift", "登门致歉，赠送全年滤芯", 480)
        else:
            self._step("settlement/approval", {"approved": True}, who=above)

    def _to_be_paid(self, amount: int) -> str | None:
        """An invoice that is going to be paid that much less. Whichever comes first, the credit or the
        payment, the two together are never more than was invoiced."""
        on = self._at.date()
        known = self._concerns or reversed(list(invoices_before(self._life, on)))
        bill = next((bill for bill in known if bill.credit(amount * 100, on)), None)
        if bill is None:
            return None
        bill.talked_about = True
        return bill.name

    def _make_good(self, *, first: bool) -> None:
        dice = self._life.dice
        self._after(8, 40)
        self._step(
            "goodwill",
            {"contact": dice.choice(words.GOODWILL), "suggestion": dice.choice(words.SUGGESTIONS)},
        )
        self._after(2, 20)
        satisfaction = dice.choices((1, 2, 3, 4, 5), (3, 7, 20, 40, 30) if first else (15, 30, 30, 20, 5))[0]
        self._step("closing", {"satisfaction": satisfaction, "comment": words.COMMENTS[satisfaction]})

    def _again(self) -> None:
        """What was closed breaks open once more."""
        self._after(20, 70)
        self._step("reopening", {"reason": self._life.dice.choice(words.REOPENED)})
        self._after(2, 8)
        self._propose("replace", "整机更换，升级到新批次", None)
        self._answer(True)
        self._settle("replace", "整机更换，升级到新批次", None)
        self._make_good(first=False)

    def _after(self, low: float, high: float) -> None:
        dice = self._life.dice
        hours = dice.uniform(low, high) * (4 if dice.random() < SLOW else 1)
        self._at = self._life.days.later(self._at, hours)

    def _step(self, step: str, body: dict[str, Any], *, who: Person | None = None) -> None:
        if not self._over:
            path = f"/service-desk/complaints/{{{self._name}}}/{step}"
            self._over = not self._life.diary.note(self._at, (who or self._agent).login, path, body)

"""What a won deal is invoiced as, and how its customer pays: promptly, late, in parts, too much, never."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any, Literal

from keqing_local.demo.plan.catalogue import CARE
from keqing_local.demo.plan.deed import Ref, money
from keqing_local.demo.plan.life import Bill, Deal, Life, Part
from keqing_local.demo.plan.people import COLLECTORS, CONTROLLER, Person

Habit = Literal["prompt", "late", "very_late", "parts", "never"]
HABITS: dict[Habit, int] = {"prompt": 50, "late": 24, "very_late": 12, "parts": 8, "never": 6}
"""In a hundred customers."""

DISPUTED, CREDITED, OVERPAID, BOUNCED, CANCELLED = 0.06, 0.03, 0.04, 0.015, 0.015
"""How often an invoice of an enterprise is disputed, and so on; at most one of these befalls it."""
VAT = 113
"""Per cent of the net amount that the gross one is: 13 % tax."""
WRITTEN_OFF_AFTER = 200
"""Days overdue."""

_DISPUTES = ("数量与送货单不符", "开票单位名称有误", "安装未验收就开票", "单价与合同不一致")
_CREDITS = ("安装延期，按合同折让", "批量补差价", "运输磕碰，折价处理")


def bill_for(life: Life, deal: Deal) -> None:
    """Adds the deal's invoices to the life, with the parts in which they will be paid."""
    dice, days, customer = life.dice, life.days, life.customer
    cents = deal.amount * 100
    if customer.kind == "individual":
        _add(life, cents, days.after(deal.won_on, dice.randint(1, 4)), 7, deal.product)
        return
    terms = customer.file["enterprise"]["dealings"]["terms_days"]
    issued = days.after(deal.won_on, dice.randint(2, 9))
    if deal.amount >= 200_000:
        first = cents * 3 // 10
        _add(life, first, issued, 15, f"{deal.product}（预付三成）")
        _add(life, cents - first, days.after(issued, dice.randint(20, 40)), terms, f"{deal.product}（尾款）")
    else:
        _add(life, cents, issued, terms, deal.product)
    if dice.random() < 0.6:
        quarterly = max(80_000, cents // 60 // 1_000 * 1_000)
        day = days.after(issued, 90)
        while day <= days.last:
            _add(life, quarterly, day, terms, CARE)
            day = days.after(day, 91)


def _add(life: Life, cents: int, issued: date, terms: int, what: str) -> None:
    number = len(life.bills) + 1
    due = life.days.after(issued, terms)
    life.bills.append(
        Bill(
            name=f"B{life.customer.number:04d}-{number}",
            number=f"YQ{issued:%y%m}-{life.customer.number:04d}-{number:02d}",
            cents=cents,
            issued_on=issued,
            due_on=due,
            what=what,
            parts=_parts(life, cents, issued, due),
        )
    )


def _parts(life: Life, cents: int, issued: date, due: date) -> list[Part]:
    dice, days = life.dice, life.days

    def by(low: int, high: int) -> date:
        return max(days.after(due, dice.randint(low, high)), days.after(issued, 2))

    match _habit(life):
        case "prompt":
            return [Part(by(-6, 0), cents)]
        case "late":
            return [Part(by(2, 35), cents)]
        case "very_late":
            return [Part(by(36, 120), cents)]
        case "parts":
            some = cents * dice.randint(35, 60) // 100
            return [Part(by(-4, 10), some), Part(by(14, 60), cents - some)]
        case "never":
            return []


def _habit(life: Life) -> Habit:
    """A customer's own, kept all year, with a lapse now and then."""
    own = Random(f"{life.customer.key}/{life.customer.name}/habit")  # noqa: S311
    habit: Habit = own.choices(list(HABITS), list(HABITS.values()))[0]
    return "late" if habit == "prompt" and life.dice.random() < 0.12 else habit


class Account:
    """Notes what happens to a customer's invoices, once everything that takes from them is known."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._collector = life.dice.choice(COLLECTORS)
        self._payments = 0
        self._surplus: tuple[str, date, int] | None = None
        """A payment, when it came, and how many cents of it are left."""

    def note(self) -> None:
        for bill in sorted(self._life.bills, key=lambda bill: bill.issued_on):
            self._bill(bill)

    def _bill(self, bill: Bill) -> None:
        dice = self._life.dice
        chance = dice.random() if self._life.customer.kind == "enterprise" else 1.0
        name = self._issue(bill, bill.number, bill.issued_on)
        befalls = self._befalls(chance)
        again = self._life.days.after(bill.issued_on, 2)
        if befalls == "cancelled" and not bill.talked_about and again < bill.due_on:
            self._on(again, f"/collections/invoices/{{{name}}}/cancellation", {"reason": "抬头有误，重开"})
            name = self._issue(bill, f"{bill.number}R", again)
        elif befalls == "disputed":
            self._dispute(bill)
        elif befalls == "credited":
            self._credit(bill)
        self._use_surplus(bill, name)
        for part in sorted(bill.parts, key=lambda part: part.on):
            day = max(part.on, self._life.days.after(bill.issued_on, 4))
            self._pay(bill, name, day, part.cents, befalls)
        if not bill.parts:
            self._give_up(bill, name)

    @staticmethod
    def _befalls(chance: float) -> str:
        for name, share in (
            ("disputed", DISPUTED),
            ("credited", CREDITED),
            ("overpaid", OVERPAID),
            ("bounced", BOUNCED),
            ("cancelled", CANCELLED),
        ):
            if chance < share:
                return name
            chance -= share
        return ""

    def _issue(self, bill: Bill, number: str, day: date) -> str:
        net = bill.cents * 100 // VAT
        line = {
            "description": bill.what,
            "quantity": "1",
            "unit_price": _text(net),
            "amount": _text(net),
        }
        name = bill.name if number == bill.number else f"{bill.name}R"
        body = {
            "customer_id": Ref(self._life.customer.key),
            "number": number,
            "amount": self._money(bill.cents),
            "tax": _text(bill.cents - net),
            "issued_on": day.isoformat(),
            "due_on": bill.due_on.isoformat(),
            "lines": [line],
        }
        self._on(day, "/collections/invoices", body, hour=9, makes=name)
        return name

    def _pay(self, bill: Bill, name: str, day: date, cents: int, befalls: str) -> None:
        """Firms say what they pay for; of individuals the oldest due is taken to be meant."""
        dice, days = self._life.dice, self._life.days
        if befalls == "bounced":
            once = self._receive(bill, name, day, cents, cents)
            back = days.after(day, dice.randint(3, 6))
            self._on(back, f"/collections/payments/{{{once}}}/reversal", {"reason": "支票被银行退回"})
            day = days.after(back, dice.randint(8, 20))
        if befalls == "overpaid" and self._surplus is None:
            paid = (cents // 1_000_000 + 1) * 1_000_000
            self._surplus = (self._receive(bill, name, day, paid, cents), day, paid - cents)
        else:
            self._receive(bill, name, day, cents, cents)

    def _receive(self, bill: Bill, name: str, day: date, paid: int, share: int) -> str:
        self._payments += 1
        payment = f"P{self._life.customer.number:04d}-{self._payments}"
        body: dict[str, Any] = {
            "customer_id": Ref(self._life.customer.key),
            "amount": self._money(paid),
            "received_on": day.isoformat(),
            "reference": f"电汇 {bill.number}",
        }
        if self._life.customer.kind == "enterprise":
            body["allocations"] = [{"invoice_id": Ref(name), "amount": self._money(share)}]
        self._on(day, "/collections/payments", body, hour=15, makes=payment)
        return payment

    def _use_surplus(self, bill: Bill, name: str) -> None:
        """What was paid too much goes to the next invoice."""
        if self._surplus is None or not bill.parts:
            return
        payment, paid_on, cents = self._surplus
        part = min(bill.parts, key=lambda part: part.on)
        used = min(cents, part.cents // 2)
        day = self._life.days.after(max(bill.issued_on, paid_on), 3)
        if day >= part.on or used <= 0:
            return
        self._surplus = None
        part.cents -= used
        wish = {"invoice_id": Ref(name), "amount": self._money(used)}
        self._on(day, f"/collections/payments/{{{payment}}}/allocations", {"allocations": [wish]})

    def _dispute(self, bill: Bill) -> None:
        dice, days = self._life.dice, self._life.days
        day = days.after(bill.issued_on, dice.randint(4, 15))
        if bill.parts and min(part.on for part in bill.parts) <= day:
            return
        address = f"/collections/invoices/{{{bill.name}}}/dispute"
        if not self._on(day, address, {"reason": dice.choice(_DISPUTES)}):
            return
        settled = days.after(day, dice.randint(5, 30))
        for part in bill.parts:
            part.on = max(part.on, days.after(settled, 4))
        cents = bill.cents * dice.randint(3, 12) // 100
        if dice.random() < 0.55 and bill.credit(cents, settled):
            body = {"upheld": True, "note": "核对属实，折让处理", "credit": self._money(cents)}
            self._on(settled, f"{address}/resolution", body, who=CONTROLLER)
        else:
            body = {"upheld": False, "note": "单据核对无误，客户认可"}
            self._on(settled, f"{address}/resolution", body)

    def _credit(self, bill: Bill) -> None:
        dice, days = self._life.dice, self._life.days
        day = days.after(bill.issued_on, dice.randint(3, 20))
        cents = bill.cents * dice.randint(1, 8) // 100
        if bill.credit(cents, day):
            body = {"amount": self._money(cents), "reason": dice.choice(_CREDITS)}
            self._on(day, f"/collections/invoices/{{{bill.name}}}/credit-notes", body, who=CONTROLLER)

    def _give_up(self, bill: Bill, name: str) -> None:
        day = self._life.days.after(bill.due_on, WRITTEN_OFF_AFTER)
        body = {"reason": "客户失联，多次催收无果，核销"}
        self._on(day, f"/collections/invoices/{{{name}}}/write-off", body, who=CONTROLLER)

    def _on(
        self,
        day: date,
        path: str,
        body: dict[str, Any],
        *,
        who: Person | None = None,
        hour: int = 11,
        makes: str | None = None,
    ) -> bool:
        login = (who or self._collector).login
        when = self._life.days.at(day, hour, self._life.dice.randrange(5, 55))
        return self._life.diary.note(when, login, path, body, makes=makes)

    def _money(self, cents: int) -> dict[str, str]:
        return money(_text(cents), self._life.customer.currency)


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def invoices_before(life: Life, day: date) -> Iterator[Bill]:
    """Those issued by then."""
    return (bill for bill in life.bills if bill.issued_on < day)

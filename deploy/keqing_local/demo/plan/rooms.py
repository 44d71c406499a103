"""Rooms beside the pursuit: people at the customers, tracking lists, the open pool, and care."""

from datetime import date, datetime, timedelta
from random import Random

from keqing_local.demo.plan.deed import Ref, money
from keqing_local.demo.plan.life import Life

ROLES = (["decider"], ["influencer"], ["user", "gatekeeper"])
GIFTS = ("明前龙井一盒", "定制笔记本", "阳澄湖大闸蟹一箱", "社区公益林认养证书", "新会陈皮一罐")
PASSED_TIMES = ("客户很高兴，聊了下半年的扩产计划", "收下了，说年底一起吃个饭", "本人不在，同事代收")
CARED_FOR, REJECTED, CLAIMED = 0.45, 0.12, 0.45
GIVEN_UP = 0.7
"""Of those that nobody reached for long."""


def meet(life: Life) -> None:
    """Whom one talks to at a firm becomes known a few days after the firm itself."""
    customer, days = life.customer, life.days
    if customer.kind != "enterprise":
        return
    dice = _dice(life, "meet")
    day = customer.since
    for number, contact in enumerate(customer.contacts, 1):
        day = days.after(day, dice.randint(1, 6))
        title, name = contact.split()
        body = {
            "name": name,
            "title": title,
            "roles": ROLES[number - 1],
            "importance": "key" if number == 1 else "ordinary",
            "birthday": {"month": dice.randint(1, 12), "day": dice.randint(1, 28)},
        }
        owner = customer.owner_on(day).login
        at = days.at(day, 11, 20 + number)
        life.diary.note(
            at, owner, f"/pipeline/customers/{{{customer.key}}}/contacts", body, makes=_person(life, number)
        )


def track(life: Life, day: date) -> None:
    """Who pursues a customer puts it on the list on the next working day."""
    next_day = life.days.after(day, 1)
    owner = life.customer.owner_on(next_day).login
    body = {"customer_id": Ref(life.customer.key)}
    life.diary.note(life.days.at(next_day, 9, 15), owner, "/pipeline/tracking-list", body)


def give_up(life: Life, when: datetime, opportunity: str) -> bool:
    """Whether a customer whom nobody reaches goes to the pool; some are claimed by a colleague later, who is
    luckier."""
    customer, days, dice = life.customer, life.days, _dice(life, "pool")
    if customer.handed_over or life.deals or dice.random() > GIVEN_UP:
        return False
    key = customer.key
    body = {"reason": "other", "note": "几次电话都没人接，也没见到能做主的人"}
    noted = life.diary.note(when, customer.owner.login, f"/pipeline/tracking-list/{{{key}}}/removal", body)
    if noted and dice.random() < CLAIMED:
        other = dice.choice([rep for rep in customer.team.reps if rep is not customer.owner])
        day = days.after(when.date(), dice.randint(9, 25))
        at = days.at(day, 10, dice.randrange(50))
        if life.diary.note(at, other.login, f"/pipeline/open-pool/{{{key}}}/claim", {}):
            call = {
                "outcome": "interactive",
                "minutes": 9,
                "signals": ["converses"],
                "note": "换了人联系，接了电话",
            }
            later = days.sometime(days.after(day, 1), dice)
            life.diary.note(later, other.login, f"/pipeline/opportunities/{{{opportunity}}}/calls", call)
    return True


def care(life: Life) -> None:
    """Something small for the people at a firm that has bought, as the manager allows; nothing where somebody
    complains."""
    customer, days, dice = life.customer, life.days, _dice(life, "care")
    if customer.kind != "enterprise" or life.complaints:
        return
    person = _person(life, dice.randint(1, len(customer.contacts)))
    for deal in life.deals:
        day = days.after(deal.won_on, dice.randint(20, 70))
        if dice.random() > CARED_FOR or day <= days.after(customer.since, 30):
            continue
        on = days.after(day, dice.randint(3, 8))
        budget = dice.randrange(12, 40) * 10
        wish = {
            "contact_id": Ref(person),
            "kind": "gift",
            "occasion": "other",
            "on": on.isoformat(),
            "what": dice.choice(GIFTS),
            "budget": money(budget),
        }
        of = f"/pipeline/customers/{{{customer.key}}}/care-requests"
        asked = days.sometime(day, dice)
        if not life.diary.note(asked, customer.owner_on(day).login, of, wish):
            return
        request = f"{of}/{{{customer.key}/care/{on}}}"
        decided = days.at(days.after(day, 1), 11, 30)
        manager = customer.team.manager.login
        if dice.random() < REJECTED:
            life.diary.note(decided, manager, f"{request}/rejection", {"reason": "上个月刚拜访过，先缓一缓"})
            return
        life.diary.note(decided, manager, f"{request}/approval", {})
        done = {"outcome": dice.choice(PASSED_TIMES), "cost": money(budget - dice.randrange(0, 60, 10))}
        after = days.at(days.working(on + timedelta(days=1)), 16, 10)
        life.diary.note(after, customer.owner_on(after.date()).login, f"{request}/completion", done)


def _person(life: Life, number: int) -> str:
    return f"K{life.customer.number:04d}-{number}"


def _dice(life: Life, room: str) -> Random:
    """Of their own, so that a room changes nothing of what happens in the others."""
    return Random(f"{life.customer.key}/{life.customer.name}/{room}")  # noqa: S311

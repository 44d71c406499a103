"""ABC: who brings the first 80 % of what was bought, who the next 15 %, who the rest."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from keqing_pipeline.account.policy import AbcPolicy
from keqing_pipeline.account.values import AbcClass
from keqing_shared.domain import Money


def classes(bought: Iterable[tuple[UUID, Money]], policy: AbcPolicy) -> dict[UUID, AbcClass]:
    """The class of each customer, from what each has bought in all, one entry per currency.

    A customer is A while those who bought *more* bring less than 80 % of the whole: whoever crosses the
    line is still above it, a sole customer is A, and those who bought the same are of one class. Amounts
    of different currencies are never added: each currency is ranked alone, and a customer has the best
    class that it reaches in any.
    """
    by_currency: dict[str, list[tuple[Decimal, UUID]]] = defaultdict(list)
    for customer_id, money in bought:
        by_currency[money.currency].append((money.amount, customer_id))
    found: dict[UUID, AbcClass] = {}
    for ranked in by_currency.values():
        for customer_id, abc in _ranked(ranked, policy).items():
            found[customer_id] = min(abc, found.get(customer_id, abc))
    return found


def _ranked(bought: list[tuple[Decimal, UUID]], policy: AbcPolicy) -> dict[UUID, AbcClass]:
    total = sum((amount for amount, _ in bought), Decimal(0))
    found: dict[UUID, AbcClass] = {}
    seen, above, present = Decimal(0), Decimal(0), None
    for amount, customer_id in sorted(bought, reverse=True):
        if amount != present:
            above, present = seen, amount
        found[customer_id] = _class_below(above * 100, total, policy)
        seen += amount
    return found


def _class_below(above: Decimal, total: Decimal, policy: AbcPolicy) -> AbcClass:
    if above < policy.a_percent * total:
        return AbcClass.A
    return AbcClass.B if above < policy.b_percent * total else AbcClass.C

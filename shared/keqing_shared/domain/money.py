"""Money: a decimal amount of one currency; amounts of different currencies are never added."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from keqing_shared.domain.rule import InvalidInput
from keqing_shared.domain.value import value

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code", examples=["CNY"])]
Amount = Annotated[
    Decimal, Field(max_digits=18, decimal_places=2, description="decimal amount", examples=["1200.00"])
]


class CurrenciesDiffer(InvalidInput):
    """Amounts of different currencies are never added."""


@value
class Money:
    """``amount`` of ``currency``; two decimals at the most."""

    amount: Amount
    currency: Currency = "CNY"

    def __add__(self, other: "Money") -> "Money":
        return Money(amount=self.amount + self._same(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(amount=self.amount - self._same(other), currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrenciesDiffer(f"{self.currency} and {other.currency} are different currencies")
        return other.amount

"""Money: a decimal amount of one currency; amounts of different currencies are never added."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from keqing_shared.domain.currency import WITHOUT_DECIMALS, Currency
from keqing_shared.domain.plain import Plain
from keqing_shared.domain.rule import InvalidInput
from keqing_shared.domain.value import value
from keqing_shared.domain.worded import ValueRefused

__all__ = ["Amount", "CurrenciesDiffer", "Currency", "Money", "check_decimals"]

_AMOUNT = Plain(whole=16, decimals=2)

Amount = Annotated[
    Decimal,
    Field(max_digits=18, decimal_places=2),
    BeforeValidator(_AMOUNT),
    WithJsonSchema(
        _AMOUNT.schema("decimal amount, up to two decimals; as text when it is large", "1200.00"),
        mode="validation",
    ),
]


def check_decimals(amount: Decimal, currency: str) -> None:
    """Raises ValueRefused for a part of a unit that cannot be paid, such as half a yen."""
    if currency in WITHOUT_DECIMALS and amount % 1:
        raise ValueRefused("{currency} has no decimals", currency=currency)


class CurrenciesDiffer(InvalidInput):
    """Amounts of different currencies are never added."""


@value
class Money:
    """``amount`` of ``currency``; two decimals at the most, none where the currency has none."""

    amount: Amount
    currency: Currency = "CNY"

    @model_validator(mode="wrap")
    @classmethod
    def _payable(cls, given: Any, read: Any) -> Any:
        """Of what comes in; what is here already, history say, goes out as it is."""
        money = read(given)
        if money is not given:
            check_decimals(money.amount, money.currency)
        return money

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
            raise CurrenciesDiffer(
                "{one} and {other} are different currencies", one=self.currency, other=other.currency
            )
        return other.amount

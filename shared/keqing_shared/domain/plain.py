"""Decimals as they come in: exactly what was written, or a refusal."""

import re
from decimal import Decimal
from typing import Any

from keqing_shared.domain.worded import ValueRefused

_SURE_DIGITS = 15
"""Of a JSON number, which has gone through a binary fraction before anybody here sees it."""


class Plain:
    """A reader of decimals for pydantic's ``BeforeValidator``, and what the OpenAPI document says of it.

    Texts are plain digits (no exponents, signs of width or grouping, all of which ``Decimal`` takes); a
    number so large that it may have lost its last decimals is to be written as text.
    """

    def __init__(self, whole: int, decimals: int) -> None:
        """``whole``: digits before the point at the most."""
        self._text = rf"-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{decimals}}})?"
        self._reads = re.compile(self._text)
        self._below = 10 ** min(whole, _SURE_DIGITS - decimals)
        self._decimals = decimals

    def __call__(self, given: Any) -> Decimal:
        match given:
            case str():
                if not self._reads.fullmatch(given):
                    raise ValueRefused(
                        "digits, a point, up to {decimals} decimals: 1200.50", decimals=self._decimals
                    )
                return Decimal(given) or Decimal(0)
            case int() | float() if not isinstance(given, bool):
                if self._below <= abs(given) < float("inf"):
                    raise ValueRefused(
                        "write so large a number as text: as a number it loses its last decimals"
                    )
                return Decimal(repr(given) if given % 1 else int(given))
            case Decimal():
                return given
        raise ValueRefused("a number, or a text such as 1200.50")

    def schema(self, description: str, example: str) -> dict[str, Any]:
        """For ``WithJsonSchema``."""
        return {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": -self._below, "exclusiveMaximum": self._below},
                {"type": "string", "pattern": f"^{self._text}$"},
            ],
            "description": description,
            "examples": [example],
        }

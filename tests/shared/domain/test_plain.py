"""Decimals of any precision as they come in."""

from decimal import Decimal

import pytest

from keqing_shared.domain.plain import Plain

QUANTITY = Plain(whole=10, decimals=4)


@pytest.mark.parametrize(
    ("given", "read"),
    [("2.5000", "2.5000"), (2.5, "2.5"), (3, "3"), ("-0.0000", "0"), (Decimal("1.5"), "1.5")],
)
def test_what_reads_is_kept(given: object, read: str) -> None:
    assert str(QUANTITY(given)) == read


@pytest.mark.parametrize("given", ["1.00000", "12345678901", "1e3", "٣", 10_000_000_000, True, None, [1]])
def test_what_does_not_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match=r"decimals|number"):
        QUANTITY(given)

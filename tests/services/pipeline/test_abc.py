"""ABC classes, worked out by hand."""

from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from keqing_pipeline.account.abc import classes
from keqing_pipeline.account.policy import AbcPolicy
from keqing_pipeline.account.values import AbcClass
from keqing_shared.domain import Money

POLICY = AbcPolicy()


def classed(*amounts: str | int, currency: str = "CNY") -> str:
    """The classes of customers who bought for so much, in this order."""
    bought = [
        (UUID(int=number), Money(amount=Decimal(amount), currency=currency))
        for number, amount in enumerate(amounts)
    ]
    found = classes(bought, POLICY)
    return "".join(found[UUID(int=number)] for number in range(len(amounts)))


def test_the_first_80_percent_are_a_the_next_15_b_the_rest_c() -> None:
    # Above each, of 1,000: 0, 500, 700 | 805, 900 | 950, 980.
    assert classed(500, 200, 105, 95, 50, 30, 20) == "AAABBCC"


def test_whoever_crosses_a_line_is_still_above_it() -> None:
    # Above each, of 1,000: 0, 799 | 949 | 979.
    assert classed(799, 150, 30, 21) == "AABC"


def test_whoever_begins_on_a_line_is_below_it() -> None:
    assert classed(800, 150, 50) == "ABC"


def test_a_cent_decides() -> None:
    assert classed("799.99", "100.01", "100") == "AAB"
    assert classed("800.00", "100.01", "99.99") == "ABB"


def test_a_sole_customer_is_a() -> None:
    assert classed(1) == "A"


def test_those_who_bought_the_same_are_of_one_class() -> None:
    # Above the four of 100: 600 of 1,000, so all of them begin below the line.
    assert classed(600, 100, 100, 100, 100) == "AAAAA"
    # Above the two of 100: 800 of 1,000.
    assert classed(800, 100, 100) == "ABB"


def test_all_the_same_are_all_a() -> None:
    assert classed(*[7] * 40) == "A" * 40


def test_the_order_in_which_they_come_does_not_matter() -> None:
    # The two of 100 share the class of the first of them: 700 of 1,000 are above.
    assert classed(20, 500, 50, 100, 200, 30, 100) == "CABAACA"


def test_currencies_are_ranked_apart_and_the_better_class_counts() -> None:
    yuan, dollars, both = UUID(int=1), UUID(int=2), UUID(int=3)
    bought = [
        (yuan, Money(amount=Decimal(960))),
        (both, Money(amount=Decimal(40))),
        (dollars, Money(amount=Decimal(90), currency="USD")),
        (both, Money(amount=Decimal(10), currency="USD")),
    ]
    # Of the yuan, 96 % are above; of the dollars, 90 %.
    assert classes(bought, POLICY) == {yuan: AbcClass.A, dollars: AbcClass.A, both: AbcClass.B}


def test_nobody_bought_and_nobody_is_classed() -> None:
    assert classes([], POLICY) == {}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=30))
def test_classes_follow_amounts_and_the_a_customers_bring_their_share(amounts: list[int]) -> None:
    found = classed(*amounts)
    ranked = sorted(zip(amounts, found, strict=True), key=lambda one: (-one[0], one[1]))
    assert [abc for _, abc in ranked] == sorted(found)
    total = sum(amounts)
    brought = {
        line: sum(a for a, abc in zip(amounts, found, strict=True) if abc <= line) for line in ("A", "B")
    }
    assert brought["A"] * 100 >= 80 * total
    assert brought["B"] * 100 >= 95 * total
    smallest = min(a for a, abc in zip(amounts, found, strict=True) if abc == "A")
    fewer = brought["A"] - smallest * amounts.count(smallest)
    assert fewer * 100 < 80 * total, "no more of them than needed"

"""MAN: all twenty-seven combinations of money, authority and need."""

from itertools import product

import pytest

from keqing_pipeline.customer.man import AdviceCode, Known, Man, advise

Y, N, U = Known.YES, Known.NO, Known.UNKNOWN


@pytest.mark.parametrize(
    ("money", "authority", "need", "code"),
    [
        (Y, Y, Y, "sell_now"),
        (Y, Y, N, "create_need"),
        (Y, N, Y, "find_decider"),
        (N, Y, Y, "check_credit"),
        (N, N, Y, "cultivate"),
        (N, Y, N, "cultivate"),
        (Y, N, N, "cultivate"),
        (N, N, N, "stop"),
    ],
)
def test_the_eight_known_combinations_yield_their_advice(
    money: Known, authority: Known, need: Known, code: str
) -> None:
    advice = advise(Man(money=money, authority=authority, need=need))
    assert (advice.code, advice.find_out) == (code, ())


def test_any_unknown_is_to_be_found_out_and_named() -> None:
    seen = 0
    for answers in product(Known, repeat=3):
        if U not in answers:
            continue
        advice = advise(Man(money=answers[0], authority=answers[1], need=answers[2]))
        assert advice.code is AdviceCode.FIND_OUT
        names = ("money", "authority", "need")
        assert advice.find_out == tuple(
            name for name, answer in zip(names, answers, strict=True) if answer is U
        )
        seen += 1
    assert seen == 27 - 8


def test_advice_is_worded_in_both_languages() -> None:
    for answers in product(Known, repeat=3):
        advice = advise(Man(money=answers[0], authority=answers[1], need=answers[2]))
        assert advice.zh.strip()
        assert advice.en.isascii()

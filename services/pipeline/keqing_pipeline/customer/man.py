"""MAN: has the customer money, authority and need, and what to do about it."""

from enum import StrEnum

from keqing_shared.domain import value


class Known(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@value
class Man:
    money: Known = Known.UNKNOWN
    authority: Known = Known.UNKNOWN
    need: Known = Known.UNKNOWN


class AdviceCode(StrEnum):
    SELL_NOW = "sell_now"
    CREATE_NEED = "create_need"
    FIND_DECIDER = "find_decider"
    CHECK_CREDIT = "check_credit"
    CULTIVATE = "cultivate"
    STOP = "stop"
    FIND_OUT = "find_out"


@value
class Advice:
    """What to do next, as a code and in both languages."""

    code: AdviceCode
    find_out: tuple[str, ...] = ()
    """Which of money, authority and need are still unknown."""
    zh: str
    en: str


_WORDS: dict[AdviceCode, tuple[str, str]] = {
    AdviceCode.SELL_NOW: ("三项齐备，马上推进成交", "all three are there: sell now"),
    AdviceCode.CREATE_NEED: ("有钱有权尚无需求，先唤起需求", "money and authority: create the need"),
    AdviceCode.FIND_DECIDER: ("有钱有需求，找到能拍板的人", "money and need: find the one who decides"),
    AdviceCode.CHECK_CREDIT: (
        "有权有需求缺资金，先查信用再谈付款方式",
        "authority and need, no money: check credit, offer terms",
    ),
    AdviceCode.CULTIVATE: ("只具备一项，长期培育", "one of the three only: cultivate for the long run"),
    AdviceCode.STOP: ("三项皆无，不是客户，停止投入", "none of the three: not a customer, stop"),
    AdviceCode.FIND_OUT: ("先弄清未知项", "find out what is not known yet"),
}

_BY_ANSWERS: dict[tuple[bool, bool, bool], AdviceCode] = {
    (True, True, True): AdviceCode.SELL_NOW,
    (True, True, False): AdviceCode.CREATE_NEED,
    (True, False, True): AdviceCode.FIND_DECIDER,
    (False, True, True): AdviceCode.CHECK_CREDIT,
    (False, False, True): AdviceCode.CULTIVATE,
    (False, True, False): AdviceCode.CULTIVATE,
    (True, False, False): AdviceCode.CULTIVATE,
    (False, False, False): AdviceCode.STOP,
}


def advise(man: Man) -> Advice:
    """What the eight known combinations advise; any unknown is to be found out first."""
    answers = {"money": man.money, "authority": man.authority, "need": man.need}
    unknown = tuple(name for name, known in answers.items() if known is Known.UNKNOWN)
    if unknown:
        code = AdviceCode.FIND_OUT
    else:
        code = _BY_ANSWERS[man.money is Known.YES, man.authority is Known.YES, man.need is Known.YES]
    zh, en = _WORDS[code]
    return Advice(code=code, find_out=unknown, zh=zh, en=en)

"""The numbers and words of care."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from keqing_pipeline.care.festival import FESTIVALS, Festival
from keqing_shared.domain import Line, Money, ValueRefused, together, value

Days = Annotated[int, Field(ge=1, le=366)]
Words = Annotated[tuple[Annotated[Line, Field(max_length=40)], ...], Field(max_length=100)]


@value
class CarePolicy:
    """What may be spent on people at customers, and on what never."""

    gift_cap: Money = Money(amount=Decimal(500))
    """For one gift."""
    yearly_cap: Money = Money(amount=Decimal(2000))
    """For one person in a calendar year, gifts, meals and activities together."""
    meal_every_days: Days = 7
    """A customer is invited to one meal in so many days at the most."""
    cash_words: Words = (
        "现金",
        "现钞",
        "红包",
        "礼金",
        "压岁钱",
        "转账",
        "转帐",
        "汇款",
        "购物卡",
        "购物券",
        "礼品卡",
        "礼品券",
        "储值卡",
        "充值卡",
        "预付卡",
        "提货卡",
        "提货券",
        "超市卡",
        "京东卡",
        "E卡",
        "油卡",
        "代金券",
        "消费券",
        "代币",
        "数字货币",
        "比特币",
        "金条",
        "cash",
        "money",
        "gift card",
        "gift certificate",
        "prepaid card",
        "voucher",
        "coupon",
        "red envelope",
        "red packet",
        "hong bao",
        "bank transfer",
        "wire transfer",
        "gold bar",
        "bitcoin",
        "crypto",
        "cryptocurrency",
    )
    """A gift whose description holds one of them is cash or as good as cash. Simplified characters stand for
    traditional ones, a blank for a hyphen or nothing, one for many."""
    executive_titles: Words = (
        "董事长",
        "董事局主席",
        "董事会主席",
        "总经理",
        "总裁",
        "首席执行官",
        "法定代表人",
        "法人代表",
        "老板",
        "创始人",
        "chairman",
        "chairwoman",
        "chairperson",
        "president",
        "managing director",
        "general manager",
        "chief executive",
        "ceo",
        "owner",
        "founder",
        "proprietor",
    )
    """Titles of the top executive; one that begins with 副 or vice is another's."""
    festivals: Annotated[tuple[Festival, ...], Field(max_length=60)] = FESTIVALS

    @together
    def _of_one_currency(self) -> None:
        if self.gift_cap.currency != self.yearly_cap.currency:
            raise ValueRefused("both caps are in one currency")

    @together
    def _not_negative(self) -> None:
        if min(self.gift_cap.amount, self.yearly_cap.amount) < 0:
            raise ValueRefused("a cap is nothing or more")

    @together
    def _each_festival_once(self) -> None:
        codes = [festival.code for festival in self.festivals]
        if len(codes) != len(set(codes)):
            raise ValueRefused("each festival has a code of its own")

"""Names, phones and places that nobody bears: each handed out once."""

from collections.abc import Callable
from random import Random

import phonenumbers
from faker import Faker

CITIES: dict[str, tuple[tuple[str, str], ...]] = {
    "华东": (("上海", "021"), ("苏州", "0512"), ("杭州", "0571"), ("南京", "025"), ("宁波", "0574")),
    "华北": (("北京", "010"), ("天津", "022"), ("石家庄", "0311"), ("济南", "0531"), ("青岛", "0532")),
    "华南": (("广州", "020"), ("深圳", "0755"), ("佛山", "0757"), ("东莞", "0769"), ("长沙", "0731")),
}
"""By sales team, with their area codes."""
INDUSTRIES = (
    ("精密制造", ("精密机械", "模具", "自动化设备")),
    ("电子", ("电子科技", "半导体材料", "光电")),
    ("食品饮料", ("食品", "乳业", "饮品")),
    ("生物医药", ("生物医药", "医疗器械", "口腔医疗")),
    ("酒店餐饮", ("酒店管理", "餐饮管理")),
    ("教育", ("教育科技", "国际幼儿园管理")),
    ("物业地产", ("物业管理", "商业管理")),
    ("纺织", ("纺织", "印染")),
    ("新材料", ("新材料", "化工新材")),
    ("物流", ("供应链管理", "冷链物流")),
)
"""With the words that firms of it have in their names."""
_BRAND = "恒岳瑞联嘉宏远泰鑫博盛源景诚达明晟锦润安丰澜禾川屿沐棠云朗翊"
_FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "集团有限公司")


class Names:
    """The same seed hands out the same ones in the same order."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(f"{seed}/names")  # noqa: S311 - a believable company, no secret
        self._fake = Faker("zh_CN")
        self._fake.seed_instance(f"{seed}/faker")
        self._given: set[str] = set()

    def person(self) -> str:
        """May be somebody else's too."""
        return str(self._fake.name())

    def unique_person(self) -> str:
        return self._once(self.person)

    def firm(self, city: str, word: str) -> tuple[str, str]:
        """The full name, and the brand in it. No two are alike when their legal form is left out."""
        brand = ""

        def core() -> str:
            nonlocal brand
            brand = "".join(self.dice.sample(_BRAND, 2))
            return f"{city}{brand}{word}"

        return self._once(core) + self.dice.choice(_FORMS), brand

    def address(self, city: str) -> str:
        return f"{city}市{self._fake.street_name()}{self.dice.randrange(1, 900)}号"

    def mobile(self) -> str:
        return self._once(lambda: _valid(lambda: str(self._fake.phone_number())))

    def landline(self, area: str) -> str:
        return self._once(lambda: _valid(lambda: f"{area}6{self.dice.randrange(10**6, 10**7)}"))

    def _once(self, make: Callable[[], str]) -> str:
        while (made := make()) in self._given:
            pass
        self._given.add(made)
        return made


def _valid(make: Callable[[], str]) -> str:
    while not phonenumbers.is_valid_number(phonenumbers.parse(phone := make(), "CN")):
        pass
    return phone

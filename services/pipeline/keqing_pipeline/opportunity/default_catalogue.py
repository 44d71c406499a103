"""The catalogue that the product ships with: a seller of services for doing business online."""

from keqing_pipeline.opportunity.catalogue import (
    Advice,
    Answer,
    Awareness,
    Catalogue,
    Need,
    Product,
    Question,
)
from keqing_pipeline.opportunity.wording import Text

VISIBILITY, ENQUIRIES, ORDERS, RETURNING = "visibility", "enquiries", "orders", "returning"
NEWCOMER, USER, EXPERT = "newcomer", "user", "expert"


def _t(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


def _a(code: str, zh: str, en: str, points_to: str | None = None, awareness: int = 0) -> Answer:
    return Answer(code=code, text=_t(zh, en), points_to=points_to, awareness=awareness)


_QUESTIONS = (
    Question(
        code="found-by",
        text=_t("新客户现在主要怎么找到您？", "How do new customers find you today?"),
        answers=(
            _a("word-of-mouth", "靠熟人介绍", "By word of mouth", VISIBILITY),
            _a("salespeople", "靠业务员上门", "Our salespeople call on them", ENQUIRIES),
            _a("online", "网上找来的", "They find us online", ORDERS, 2),
        ),
    ),
    Question(
        code="worry",
        text=_t("眼下最让您头疼的是什么？", "What worries you most at present?"),
        answers=(
            _a("unknown", "没什么人知道我们", "Hardly anybody knows us", VISIBILITY),
            _a("few-enquiries", "询盘太少", "Too few enquiries", ENQUIRIES),
            _a("few-orders", "询盘多，成交少", "Many enquiries, few orders", ORDERS),
            _a("few-return", "老客户留不住", "Customers do not come back", RETURNING),
        ),
    ),
    Question(
        code="growth",
        text=_t("明年的增长您指望从哪里来？", "Where is next year's growth to come from?"),
        answers=(
            _a("new-markets", "新的地区或行业", "New regions or trades", VISIBILITY),
            _a("more-prospects", "更多同类客户", "More customers of the same kind", ENQUIRIES),
            _a("better-closing", "提高成交率", "Closing more of what comes in", ORDERS),
            _a(
                "old-customers",
                "老客户多买、转介绍",
                "Old customers who buy more and refer others",
                RETURNING,
            ),
        ),
    ),
    Question(
        code="who-looks-after",
        text=_t("线上的事情由谁负责？", "Who looks after what you do online?"),
        answers=(
            _a("nobody", "没有专人", "Nobody in particular"),
            _a("somebody", "有人兼管", "Somebody, besides other work", awareness=1),
            _a("team", "有专门的团队", "A team of its own", awareness=2),
        ),
    ),
    Question(
        code="watches",
        text=_t("每个月您会看哪些数字？", "Which figures do you look at each month?"),
        answers=(
            _a("sales-only", "只看销售额", "Sales alone"),
            _a("enquiries-too", "也看询盘数量", "Enquiries as well", awareness=1),
            _a("by-channel", "分渠道看投入产出", "Cost and result of each channel", awareness=3),
        ),
    ),
)

_NEEDS = (
    Need(code=VISIBILITY, text=_t("让人知道：提高知名度", "To be known")),
    Need(code=ENQUIRIES, text=_t("有人来问：增加询盘", "To be asked")),
    Need(code=ORDERS, text=_t("问了就买：提高成交", "To turn enquiries into orders")),
    Need(code=RETURNING, text=_t("买了再来：留住客户", "To be bought from again")),
)

_AWARENESS = (
    Awareness(code=NEWCOMER, text=_t("初次接触", "New to it"), from_points=0),
    Awareness(code=USER, text=_t("用过一些", "Has used some of it"), from_points=2),
    Awareness(code=EXPERT, text=_t("相当熟悉", "Knows it well"), from_points=5),
)

_PRODUCTS = (
    Product(code="shop-window", name=_t("线上门面", "Shop window")),
    Product(code="search-presence", name=_t("搜索推广", "Search presence")),
    Product(code="sales-desk", name=_t("销售工作台", "Sales desk")),
    Product(code="customer-club", name=_t("会员运营", "Customer club")),
)

_PRODUCT_FOR = {
    VISIBILITY: "shop-window",
    ENQUIRIES: "search-presence",
    ORDERS: "sales-desk",
    RETURNING: "customer-club",
}

_TALK = {
    NEWCOMER: {
        VISIBILITY: _t(
            "打比方：线上门面就像临街的店面。给他看同行的页面，不讲术语。",
            "Compare it to a shop on the high street; show a page of the same trade and use no jargon.",
        ),
        ENQUIRIES: _t(
            "从他最好卖的产品说起：有人正在找它，我们让他先被看见。",
            "Begin with what sells best: people look for it already, he is seen first.",
        ),
        ORDERS: _t(
            "请他数一数上月丢了几个询盘，再演示怎样一个不漏。",
            "Have him count last month's lost enquiries, then show how none gets lost.",
        ),
        RETURNING: _t(
            "问他最好的三个老客户上次来是什么时候，从一张名单做起。",
            "Ask when his three best customers last came, and start from that one list.",
        ),
    },
    USER: {
        VISIBILITY: _t(
            "先肯定他做过的，再指出一两处改了就见效的地方。",
            "Acknowledge what he has, then name one or two changes that show quickly.",
        ),
        ENQUIRIES: _t(
            "拿他现有渠道的单个询盘成本来比，约定一个月试用目标。",
            "Compare the cost of an enquiry with his present channel; agree a goal for a month's trial.",
        ),
        ORDERS: _t(
            "用他自己的流程演示：询盘进来、分给谁、多久回复。",
            "Walk through his own process: who gets an enquiry, and how soon it is answered.",
        ),
        RETURNING: _t(
            "算一算老客户多买一次值多少，再谈每月联系两次的做法。",
            "Work out what one more purchase is worth, then speak of two contacts a month.",
        ),
    },
    EXPERT: {
        VISIBILITY: _t(
            "直接谈受众、覆盖和衡量方法，让他提条件。",
            "Speak of audience, reach and how it is measured; let him set the terms.",
        ),
        ENQUIRIES: _t(
            "带数据去：分渠道的投入产出，和可对照的案例。",
            "Bring figures: cost and result by channel, and a case to hold against his own.",
        ),
        ORDERS: _t(
            "谈漏斗：哪一段掉得最多，接口怎样接进他现有的系统。",
            "Speak of the funnel: where most is lost, and how it connects to what he runs.",
        ),
        RETURNING: _t(
            "谈分层和复购率，先选一层客户做对照试验。",
            "Speak of segments and repeat rates; try it on one segment against another.",
        ),
    },
}

DEFAULT_CATALOGUE = Catalogue(
    questions=_QUESTIONS,
    needs=_NEEDS,
    awareness=_AWARENESS,
    products=_PRODUCTS,
    advice=tuple(
        Advice(need=need, awareness=level, product=_PRODUCT_FOR[need], talk=talk)
        for level, talks in _TALK.items()
        for need, talk in talks.items()
    ),
)

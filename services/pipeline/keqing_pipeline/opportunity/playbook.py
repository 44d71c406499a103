"""The playbook (打法): what each stage means, what shows it, what to ask, and how to move on from it."""

from enum import StrEnum

from keqing_pipeline.opportunity.stage import SIGNALS, Signal, Stage
from keqing_pipeline.opportunity.wording import Text
from keqing_shared.domain import value


class Chapter(StrEnum):
    """The stages, and E for who has bought."""

    REFUSED = "refused"
    UNAWARE = "0"
    LISTENING = "1"
    ASKING = "2"
    CONSIDERING = "3"
    SURE = "4"
    WON = "won"


@value
class ShownBy:
    signal: Signal
    reads: Text


@value
class Play:
    """One stage's chapter."""

    stage: Chapter
    meaning: Text
    signals: tuple[ShownBy, ...]
    probing: tuple[Text, ...]
    """Questions that tell whether the customer stands here."""
    raising: tuple[Text, ...]
    """Ways to the next stage."""


def _t(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


READS: dict[Signal, Text] = {
    Signal.HOSTILE: _t("语气激烈，明确抗拒", "Speaks harshly and pushes the caller away"),
    Signal.ASKED_NOT_TO_CALL: _t("要求不要再联系", "Asks not to be called again"),
    Signal.TOLERATES_CALL: _t("接听电话，不反感", "Takes the call without objecting"),
    Signal.COMPLAINS: _t("向你抱怨、诉苦", "Grumbles and lets off steam"),
    Signal.UNAWARE: _t("不了解产品，因陌生而推托", "Puts you off only for not knowing what it is about"),
    Signal.BUSY_NOW: _t("此刻不便，例如正在开会", "Cannot talk right now, in a meeting for instance"),
    Signal.ANSWERS_QUESTIONS: _t("回答你提出的问题", "Answers what you ask"),
    Signal.CONVERSES: _t("有来有往地交谈", "Talks back and forth"),
    Signal.ASKS_BASICS: _t("主动问产品是怎么回事", "Asks on their own how the product works"),
    Signal.ASKS_RESULTS: _t("主动问别人用了效果如何", "Asks what it has brought others"),
    Signal.COMPARES_RIVALS: _t("拿竞争对手来比较", "Sets it against what rivals offer"),
    Signal.ASKS_RELATED: _t("问到相关的配套事项", "Asks about things that go with it"),
    Signal.ASKS_PRICE: _t("问价格、优惠", "Asks for prices or a discount"),
    Signal.ASKS_METHOD: _t("问具体怎么实施", "Asks how it would be carried out"),
    Signal.ASKS_AFTER_SALES: _t("问交付与售后", "Asks about delivery and after-sales service"),
    Signal.ACCEPTS_CONTRACT_DRAFT: _t("愿意看合同草案", "Lets you hand over a draft contract"),
    Signal.AGREES_BUT_AWAY: _t("已同意，但人在外地", "Has agreed but is travelling"),
    Signal.AGREES_WEIGHING_AMOUNT: _t("已同意，还在斟酌金额", "Has agreed and is settling on the amount"),
    Signal.AGREES_BLOCKED_BY_OTHER: _t(
        "本人同意，另一位负责人不同意", "Has agreed, but somebody else who decides holds it up"
    ),
}


def _play(chapter: Chapter, meaning: Text, probing: tuple[Text, ...], raising: tuple[Text, ...]) -> Play:
    signals = () if chapter is Chapter.WON else SIGNALS[Stage(chapter.value)]
    shown = tuple(ShownBy(signal=signal, reads=READS[signal]) for signal in signals)
    return Play(stage=chapter, meaning=meaning, signals=shown, probing=probing, raising=raising)


PLAYBOOK: tuple[Play, ...] = (
    _play(
        Chapter.REFUSED,
        _t(
            "拒绝接触：此时不推销，只留下好印象。",
            "Refuses contact: sell nothing now, leave a good impression.",
        ),
        (
            _t(
                "您是现在不方便，还是不希望我们再联系？",
                "Is it just a bad moment, or would you rather not hear from us?",
            ),
            _t(
                "以前和同类公司打过交道吗？感受如何？",
                "Have you dealt with a firm like ours before? How was it?",
            ),
        ),
        (
            _t(
                "隔一段时间换个由头再联系，不纠缠。",
                "Come back after a while with another occasion; never press.",
            ),
            _t(
                "备好三十秒的开场白，先说对方能得到什么。",
                "Prepare thirty seconds that begin with what is in it for them.",
            ),
            _t(
                "用行业知识说话，让对方觉得你内行。",
                "Show that you know their trade; being competent earns the next minute.",
            ),
        ),
    ),
    _play(
        Chapter.UNAWARE,
        _t("不拒绝，但知之甚少。", "Does not refuse, and knows little."),
        (
            _t("这方面的事情，您公司目前是怎么处理的？", "How do you deal with this at present?"),
            _t(
                "看来您正忙，今天下午还是明天上午给您打过去方便？",
                "You are busy, I hear: shall I ring this afternoon or tomorrow morning?",
            ),
            _t(
                "您之前听说过这类产品吗？印象怎么样？",
                "Have you heard of anything like it? What did you think?",
            ),
        ),
        (
            _t(
                "先听完抱怨，弄清原委，再谈别的。",
                "Hear the complaint out and find what lies behind it first.",
            ),
            _t("不施压：一次只谈一件对对方有用的事。", "No pressure: one useful thing a call."),
            _t(
                "以朋友的方式保持联系，让对方记住你。",
                "Keep in touch as an acquaintance would, so that they know your name.",
            ),
        ),
    ),
    _play(
        Chapter.LISTENING,
        _t("愿意听，有互动。", "Listens and interacts."),
        (
            _t("我刚才对贵公司情况的理解，对吗？", "Have I understood your situation rightly?"),
            _t("刚才说的几点里，您最关心哪一点？", "Which of these points matters most to you?"),
            _t("如果这件事一直不解决，会有什么影响？", "What happens if this stays as it is?"),
        ),
        (
            _t(
                "做一次需求诊断，把模糊的想法变成具体需求。",
                "Go through the need diagnosis: turn a vague wish into a stated need.",
            ),
            _t(
                "讲一个同行的真实例子，请对方评一评。",
                "Tell of a customer in the same trade and ask what they make of it.",
            ),
            _t(
                "说到做到，答应的资料当天就发。",
                "Keep every small promise on the same day: trust is made of those.",
            ),
        ),
    ),
    _play(
        Chapter.ASKING,
        _t("主动了解产品，衡量它的价值。", "Asks about the product and weighs its value."),
        (
            _t("除了您，还有哪些人会关心这件事？", "Who else would care about this besides you?"),
            _t("您会用什么标准来判断值不值？", "By what would you judge whether it is worth it?"),
            _t("我先把合同样本给您看看，您看可以吗？", "May I leave you a sample contract to look at?"),
        ),
        (
            _t(
                "抓住一个关键需求，说清与现有做法的差别。",
                "Take the one need that matters and show the difference to how it is done today.",
            ),
            _t(
                "有问必答，不懂的当天问清再回复。",
                "Answer every question; what you do not know, find out the same day.",
            ),
            _t(
                "弄清谁拍板、谁影响、怎么走流程。",
                "Find out who decides, who influences and how a purchase goes here.",
            ),
        ),
    ),
    _play(
        Chapter.CONSIDERING,
        _t("在考虑购买。", "Considers buying."),
        (
            _t("这件事您一个人就能定，还是要和谁商量？", "Can you settle this alone, or with whom?"),
            _t(
                "如果方案没有问题，您希望什么时候开始？",
                "If all is well with the proposal, when would you start?",
            ),
            _t("还有什么顾虑，是我们没有谈到的？", "Is there a doubt that we have not spoken of?"),
        ),
        (
            _t("与决策人见面，逐条解决顾虑。", "Meet whoever decides and clear the doubts one by one."),
            _t("给两个都可以成交的选择，请对方选一个。", "Offer two ways to buy and let them choose."),
            _t(
                "说明按期开始的好处和推迟的代价，只用事实。",
                "Say what starting in time brings and what waiting costs, with facts only.",
            ),
        ),
    ),
    _play(
        Chapter.SURE,
        _t("确定购买，只差手续或一个障碍。", "Sure to buy: only formalities or one obstacle are left."),
        (
            _t("您回来那天我带合同过去，可以吗？", "Shall I bring the contract on the day you are back?"),
            _t("金额按这两档，您倾向哪一档？", "Of these two amounts, which suits you better?"),
            _t(
                "另一位负责人最在意什么？我能当面向他说明吗？",
                "What matters to the other who decides? May I explain it to them?",
            ),
        ),
        (
            _t(
                "约定具体的日期和时间，提前备齐材料。",
                "Fix a date and an hour, and have the papers ready before.",
            ),
            _t(
                "把障碍当成待办：谁、做什么、哪天前。", "Treat the obstacle as a task: who does what by when."
            ),
            _t(
                "不再增加新话题，帮对方把手续办完。",
                "Open no new subject; help them through the formalities.",
            ),
        ),
    ),
    _play(
        Chapter.WON,
        _t(
            "已经购买：关心效果，赢得续购与转介绍。",
            "Has bought: care for the results, earn the next purchase and a referral.",
        ),
        (
            _t("用到现在，效果和您预期的一样吗？", "Is it working out as you expected?"),
            _t("最近业务上有什么变化？", "What has changed in your business lately?"),
            _t("身边有没有同样遇到这个问题的朋友？", "Do you know anybody with the same problem?"),
        ),
        (
            _t(
                "每月至少联系两次，安排在下午四点以后。",
                "Two contacts a month at least, after four in the afternoon.",
            ),
            _t(
                "有问题当场记下，处理后亲自回复。",
                "Note every problem at once, and report back yourself when it is solved.",
            ),
            _t(
                "不必每次谈生意：分享行业消息，顺路拜访。",
                "Not always business: pass on news of the trade, look in when nearby.",
            ),
            _t("关系到位后，大方地请对方介绍新客户。", "Once the bond is there, ask openly for a referral."),
        ),
    ),
)

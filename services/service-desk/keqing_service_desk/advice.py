"""How to meet a complainant of each manner; served with the policy and on the card."""

from keqing_service_desk.complaint.values import Manner
from keqing_shared.domain import value


@value
class Advice:
    zh: str
    en: str


ADVICE: dict[Manner, Advice] = {
    Manner.IRRITABLE: Advice(
        zh="先让对方把火气发完，语气放低放慢，不争辩；情绪平了再谈事实。",
        en="Let the anger run out first; speak low and slow, do not argue; come to the facts afterwards.",
    ),
    Manner.ECCENTRIC: Advice(
        zh="不评判对方的习惯，顺着对方的思路听，抓住要解决的那一件事，每一步都请对方确认。",
        en="Do not judge; follow their thought, find the one matter to solve, have each step confirmed.",
    ),
    Manner.DOMINEERING: Advice(
        zh="态度恭敬而立场坚定，给出选择而不是对抗，需要时请上级出面，让对方有面子。",
        en="Be respectful and firm; offer choices instead of resistance; bring in a superior in good time.",
    ),
    Manner.INTELLECTUAL: Advice(
        zh="用证据、条款和数字说话，说明依据，不绕弯子；承认对方说得对的地方。",
        en="Speak with evidence, terms and figures; say what you rely on; concede what they have right.",
    ),
    Manner.LESS_SCHOOLED: Advice(
        zh="用平常话，不用术语，一次只说一步，演示给对方看，并确认听明白了。",
        en="Use plain words, no jargon; one step at a time, show rather than tell, check it is understood.",
    ),
    Manner.GARRULOUS: Advice(
        zh="耐心听，适时复述要点把话题收回来，用封闭式问题确认，约定下一步和时间。",
        en="Listen patiently; bring it back by summing up; ask closed questions; agree the next step.",
    ),
}

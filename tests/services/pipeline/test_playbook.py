"""The playbook covers every stage and every signal, in both languages."""

import re

import pytest

from keqing_pipeline.opportunity.playbook import PLAYBOOK, READS, Chapter, Play
from keqing_pipeline.opportunity.stage import SIGNALS, Signal, Stage
from keqing_pipeline.opportunity.wording import Text
from keqing_shared.language import Languages
from tests.problem import problem

from .sales import Sales

HAN = re.compile("[一-鿿]")


def texts(play: Play) -> list[Text]:
    return [play.meaning, *(shown.reads for shown in play.signals), *play.probing, *play.raising]


def test_every_stage_has_its_chapter_in_order() -> None:
    assert [play.stage for play in PLAYBOOK] == list(Chapter) == [*Stage, "won"]


def test_every_signal_is_explained_at_its_stage() -> None:
    shown = {play.stage.value: tuple(one.signal for one in play.signals) for play in PLAYBOOK}
    assert {stage.value: signals for stage, signals in SIGNALS.items()} == {
        stage: signals for stage, signals in shown.items() if stage != "won"
    }
    assert set(READS) == set(Signal)


def test_a_refusal_says_a_signal_in_the_words_of_the_playbook() -> None:
    chinese = Languages(["keqing_pipeline"]).accepted("zh")
    assert {signal: chinese.said(signal) for signal in Signal} == {
        signal: reads.zh for signal, reads in READS.items()
    }


@pytest.mark.parametrize("play", PLAYBOOK, ids=lambda play: play.stage)
def test_each_chapter_says_what_to_ask_and_how_to_go_on_in_both_languages(play: Play) -> None:
    assert len(play.probing) >= 2
    assert len(play.raising) >= 3
    for text in texts(play):
        assert HAN.search(text.zh)
        assert not HAN.search(text.en)


async def test_the_playbook_over_http(sales: Sales) -> None:
    whole = (await sales.rep.get("/playbook")).json()
    assert [play["stage"] for play in whole] == ["refused", "0", "1", "2", "3", "4", "won"]
    assert (await sales.rep.get("/playbook/3")).json() == whole[4]
    assert whole[4]["signals"][0] == {
        "signal": "asks_price",
        "reads": {"zh": "问价格、优惠", "en": "Asks for prices or a discount"},
    }
    problem(await sales.rep.get("/playbook/5"), 422, "request-invalid")

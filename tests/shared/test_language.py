"""People are answered in the language they ask for, where it has the words."""

from datetime import date
from pathlib import Path

import pytest

from keqing_shared.domain import Term, Words
from keqing_shared.language import FIELD, Language, Languages, preferred


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("ZH-hans-CN", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.8, zh;q=0.9", "zh"),
        ("en,zh", "en"),
        ("fr,zh;q=0.1", "zh"),
        ("fr;q=0.9,*;q=0.5,zh;q=0.1", "en"),
        ("*", "en"),
        ("fr", "en"),
        ("", "en"),
        ("zh;q=0", "en"),
        ("zh;q=0,en;q=0", "en"),
        ("zh;q=x,en;q=0.1", "en"),
        ("zh;q=nan", "en"),
        ("zh; Q=0.5 ;x=1, en;q=0.2", "zh"),
        (";;,,q=1", "en"),
        ("zh" * 500, "en"),
    ],
)
def test_of_the_languages_asked_for_the_weightiest_that_there_is(header: str, code: str) -> None:
    assert preferred(header) == code


def test_without_the_header_people_are_answered_in_english() -> None:
    assert Languages(["keqing_shared"]).accepted(None).code == "en"


CHINESE = Language(
    "zh",
    {
        (None, "one of {signals}, by {day}, as {kind}"): "须在 {day} 前以{kind}显示：{signals}",
        (None, "phone"): "电话",
        (FIELD, "enum"): "须为以下之一：{expected}",
    },
)


class Door(Term):
    OPEN = "open"
    SHUT = "shut"


def test_a_term_is_said_by_its_kind_and_as_its_code_where_there_are_no_words_for_it() -> None:
    language = Language(
        "zh", {(None, "it is {door}"): "门{door}", ("Door", "open"): "开着", (None, "open"): "打开"}
    )
    assert language.filled("it is {door}", {"door": Door.OPEN}) == "门开着"
    assert language.filled("it is {door}", {"door": [Door.OPEN, Door.SHUT]}) == "门开着、shut"
    assert language.filled("it is {door}", {"door": Words("open")}) == "门打开"
    assert Language("en", {}).filled("it is {door}", {"door": Door.OPEN}) == "it is open"


def test_members_stand_where_the_translation_wants_them_and_words_among_them_are_translated() -> None:
    said = CHINESE.filled(
        "one of {signals}, by {day}, as {kind}",
        {"signals": ["a", "b"], "day": date(2026, 3, 2), "kind": Words("phone")},
    )
    assert said == "须在 2026-03-02 前以电话显示：a、b"


def test_what_has_no_translation_is_said_in_english() -> None:
    assert CHINESE.filled("no {thing}", {"thing": "word"}) == "no word"
    assert CHINESE.of_field("unheard_of", {}) is None


def test_choices_are_listed_as_chinese_lists_them() -> None:
    assert CHINESE.of_field("enum", {"expected": "'a', 'b' or 'c'"}) == "须为以下之一：'a'、'b'、'c'"


def test_fuzzy_and_empty_translations_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "wordy"
    (package / "locale").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "locale" / "zh.po").write_text(
        'msgid "a"\nmsgstr "甲"\n\n#, fuzzy\nmsgid "b"\nmsgstr "乙"\n\nmsgid "c"\nmsgstr ""\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    chinese = Languages(["wordy"]).accepted("zh")
    assert [chinese.said(words) for words in "abc"] == ["甲", "b", "c"]

"""Texts as they come in: they say something, and say it as it reads."""

import pytest
from pydantic import TypeAdapter, ValidationError

from keqing_shared.domain import Line, Note

LINE, NOTE = TypeAdapter(Line), TypeAdapter(Note)


@pytest.mark.parametrize(
    "text",
    [
        "远山科技",
        "O'Brien & Söhne",
        "a",
        "1",
        "👩\u200d👧 family",
        "می\u200cخواهم",
        "עברית\u200f!",
        "a b",
        "x" * 200,
    ],
)
def test_names_in_any_script_are_taken(text: str) -> None:
    assert LINE.validate_python(text) == NOTE.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u200b", "\u200e\u200f", "\u2060\ufeff", "\u3000", "\xa0", "\u00ad", " \u3000\u200b"],
)
def test_what_nobody_sees_says_nothing(text: str) -> None:
    for kind in (LINE, NOTE):
        with pytest.raises(ValidationError):
            kind.validate_python(text)


@pytest.mark.parametrize(
    "code",
    [0xFFFE, 0xFFFF, 0x202A, 0x202B, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x00, 0x07, 0x1B, 0x7F, 0x9B],
)
def test_no_character_turns_what_is_read_or_steers_a_terminal(code: int) -> None:
    for kind in (LINE, NOTE):
        with pytest.raises(ValidationError):
            kind.validate_python(f"invoice {chr(code)}gpj.exe")


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\r\nb", "a\u2028b"])
def test_a_note_has_lines_and_a_line_has_none(text: str) -> None:
    assert NOTE.validate_python(text) == text
    with pytest.raises(ValidationError):
        LINE.validate_python(text)


def test_they_are_bounded() -> None:
    for kind, most in ((LINE, 200), (NOTE, 4000)):
        assert kind.validate_python("x" * most)
        with pytest.raises(ValidationError):
            kind.validate_python("x" * (most + 1))

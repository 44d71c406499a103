"""What the code says to people is found, and what could not be translated is named with its place."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from keqing_local.words import Catalogue, collect, gaps
from keqing_local.words.collecting import Collected


@pytest.fixture
def speaking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A package whose one module says what the test's parameter says."""
    name = f"speaking_{abs(hash(request.node.name))}"
    package = tmp_path / name
    package.mkdir()
    (package / "__init__.py").touch()
    source = dedent(
        """
        from keqing_shared.domain import RuleBroken, ValueRefused, Words

        class ListFull(RuleBroken):
            \"\"\"The list is full.\"\"\"

        def check(weakest, why: Words):
        """
    )
    (package / "rules.py").write_text(source + "    " + request.param + "\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    for module in (name, f"{name}.rules"):
        sys.modules.pop(module, None)


def collected(package: str) -> Collected:
    return collect([package])[package]


@pytest.mark.parametrize(
    ("speaking", "said"),
    [
        ("raise ListFull", set()),
        ("raise ListFull('the weakest is {weakest}', weakest=weakest)", {"the weakest is {weakest}"}),
        ("raise ListFull('one' if weakest else 'other')", {"one", "other"}),
        ("raise ValueRefused('not so')", {"not so"}),
        ("raise ListFull(why)", set()),
        ("check(weakest, Words('make room'))", {"make room"}),
        ("raise ListFull('by {what}', **weakest)", {"by {what}"}),
    ],
    indirect=["speaking"],
)
def test_titles_and_templates_are_collected(speaking: str, said: set[str]) -> None:
    found = collected(speaking)
    assert {words for _, words in found.said} == said | {"The list is full"}
    assert found.faults == []


@pytest.mark.parametrize(
    "speaking",
    [
        "raise ListFull(f'the weakest is {weakest}')",
        "raise ListFull('the weakest is ' + weakest)",
        "raise ListFull('the weakest is {}'.format(weakest))",
        "raise ListFull(weakest)",
        "raise ListFull('the weakest is {weakest}')",
        "raise ListFull('it is {status}', status=weakest)",
        "raise ValueError('not so')",
    ],
    indirect=True,
)
def test_what_cannot_be_translated_is_named_with_its_place(speaking: str) -> None:
    (fault,) = collected(speaking).faults
    assert "rules.py:8: " in fault


@pytest.mark.parametrize("speaking", ["raise ListFull('by {day}, {day}', day=weakest)"], indirect=True)
def test_a_catalogue_keeps_its_translations_and_says_what_is_lacking(speaking: str) -> None:
    found = collect([speaking])
    catalogue = Catalogue(speaking, "zh")
    assert catalogue.update(found[speaking].said)
    assert len(gaps(found, ["zh"])) == 2
    text = catalogue.path.read_text()
    text = text.replace('msgid "The list is full"\nmsgstr ""', 'msgid "The list is full"\nmsgstr "名单已满"')
    text = text.replace('day}"\nmsgstr ""', 'day}"\nmsgstr "{on} 之前"')
    catalogue.path.write_text(text + '\nmsgid "said no more"\nmsgstr "不再说"\n')
    (lacking,) = gaps(found, ["zh"])
    assert "other members than in 'by {day}, {day}'" in lacking
    assert Catalogue(speaking, "zh").update(found[speaking].said)
    assert "名单已满" in catalogue.path.read_text()
    assert "said no more" not in catalogue.path.read_text()
    assert not Catalogue(speaking, "zh").update(found[speaking].said)

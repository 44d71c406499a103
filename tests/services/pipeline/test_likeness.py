"""How alike two customers are, and that whoever may be alike shares a key."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keqing_pipeline.customer.likeness import Alike, Likeness, Marks, keys_kept, keys_sought, likeness
from keqing_pipeline.customer.name import normalised_name, sound_of
from keqing_pipeline.policy import DuplicatePolicy

POLICY = DuplicatePolicy()
NAMES = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            [
                "远山",
                "科技",
                "有限公司",
                "（北京）",
                "ＡＣＭＥ",
                " Co., Ltd.",
                "GmbH",
                "公司",
                "重庆",
                "重慶",
                "集團",
                "(集团)",
                "S.A.",
                "J.P.",
                "&",
                "ß",
            ]
        ),
        max_size=6,
    ).map("".join),
)


def of_names(one: str, other: str) -> Likeness | None:
    return likeness(Marks(name=one), Marks(name=other), POLICY)


@pytest.mark.parametrize(
    ("one", "other", "score", "matched"),
    [
        ("远山科技有限公司", "远山　科技", 100, (Alike.NAME,)),
        # The same sound: yuan shan ke ji.
        ("远山科技", "元山科技", 90, (Alike.PINYIN, Alike.NEAR_NAME)),
        ("远山", "原衫", 90, (Alike.PINYIN,)),
        ("Yuanshan Keji", "远山科技有限公司", 90, (Alike.PINYIN,)),
        # One character more: 2 x 4 of 4 + 5.
        ("远山科技", "远山新科技", 89, (Alike.NEAR_NAME,)),
        # One letter is another: 2 x 10 of 11 + 11. Two changed places: the same.
        ("Acme Trading", "Acme Tradimg Ltd", 91, (Alike.NEAR_NAME,)),
        ("Acme Trading", "Acme Tradign", 91, (Alike.NEAR_NAME,)),
        # One Chinese character is another, that sounds otherwise: most likely another firm.
        ("远山科技", "远海科技", 75, (Alike.NEAR_NAME,)),
        ("Acme Trading Ltd", "Trading Acme", 99, (Alike.NEAR_NAME,)),
        # In four letters one may be wrong: 2 x 12 of 13 + 13.
        ("Acme Financial", "Acne Financial", 92, (Alike.NEAR_NAME,)),
    ],
)
def test_names_are_alike_by_so_much(one: str, other: str, score: int, matched: tuple[Alike, ...]) -> None:
    assert of_names(one, other) == Likeness(score=score, matched=matched)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("远山科技", "近水楼台"),
        ("王丽", "王强"),
        ("Acme", "Ajax"),
        ("禾锦模具", "锦屿模具"),
        ("CNG Financial Corporation", "CIG Financial, LLC"),
        ("...", "!!!"),
    ],
)
def test_other_names_are_not_alike(one: str, other: str) -> None:
    assert of_names(one, other) is None


def test_a_phone_in_common_says_it_all_whatever_the_names() -> None:
    one = Marks(name="远山", phones=("+8613800138000", "+8613800138001"))
    other = Marks(name="近水", phones=("+8613800138001",))
    assert likeness(one, other, POLICY) == Likeness(score=100, matched=(Alike.PHONE,))
    assert set(keys_sought(one, POLICY, 85)) & set(keys_kept(other))


def test_what_counts_for_how_much_is_policy() -> None:
    other = DuplicatePolicy(other_character_scores=60, pinyin_scores=80)
    one = Marks(name="远山科技")
    assert likeness(one, Marks(name="远海科技"), other) == Likeness(score=60, matched=(Alike.NEAR_NAME,))
    assert likeness(one, Marks(name="原衫科技"), other) == Likeness(score=80, matched=(Alike.PINYIN,))


@settings(max_examples=300, deadline=None)
@given(NAMES)
def test_a_normalised_name_is_normal(name: str) -> None:
    once = normalised_name(name)
    assert normalised_name(once) == once
    assert normalised_name(name.upper().lower()) == normalised_name(name.upper().lower().upper().lower())


@settings(max_examples=300, deadline=None)
@given(NAMES, NAMES)
def test_likeness_is_the_same_whichever_way_round(one: str, other: str) -> None:
    assert of_names(one, other) == of_names(other, one)
    assert (of_names(one, other) == Likeness(score=100, matched=(Alike.NAME,))) == (
        normalised_name(one) == normalised_name(other)
    )


@st.composite
def two_names(draw: st.DrawFn) -> tuple[str, str]:
    """The second is the first with a letter more, less, or another, two of them swapped, or words turned."""
    name = draw(st.one_of(NAMES, st.text("远山原衫科技长常abc12 ", min_size=2, max_size=24)))
    place = draw(st.integers(0, max(0, len(name) - 1)))
    letter = draw(st.sampled_from("错山衫a2 "))
    before, at, after = name[:place], name[place : place + 1], name[place + 1 :]
    words = name.split()
    return name, draw(
        st.sampled_from(
            [
                before + after,
                before + letter + after,
                before + letter + at + after,
                before + after[:1] + at + after[1:],
                " ".join(reversed(words)),
                name.replace("山", "衫"),
                name + "有限公司",
            ]
        )
    )


@settings(max_examples=2_000, deadline=None)
@given(
    two_names(),
    st.booleans(),
    st.integers(1, 100),
    st.builds(DuplicatePolicy, pinyin_scores=st.integers(1, 100), other_character_scores=st.integers(1, 100)),
)
def test_whoever_is_alike_by_the_score_asked_for_shares_a_key(
    names: tuple[str, str], turned: bool, score: int, policy: DuplicatePolicy
) -> None:
    one, other = (Marks(name=name) for name in (reversed(names) if turned else names))
    found = likeness(one, other, policy)
    if found is not None and found.score >= score:
        assert set(keys_sought(one, policy, score)) & set(keys_kept(other))


def test_a_wrong_chinese_character_is_not_looked_for_where_it_would_not_count() -> None:
    one, other = Marks(name="远山科技"), Marks(name="远海科技")
    assert not set(keys_sought(one, POLICY, 85)) & set(keys_kept(other))
    assert set(keys_sought(one, POLICY, 75)) & set(keys_kept(other))


def test_a_character_sounds_as_its_phrase_has_it() -> None:
    assert sound_of("重庆银行abc") == "chongqingyinhangabc"
    assert sound_of("长江") == sound_of("常江") != sound_of("掌江")
    assert sound_of("遠山") == sound_of("远山") == "yuanshan"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京市第一中学", "北京市第二中学"),
        ("Benchmark 12 Ltd", "Benchmark 11"),
        ("仓储物流基地A座", "仓储物流基地B座"),
        ("Paged C", "Paged B"),
    ],
)
def test_numbers_and_letters_that_stand_alone_tell_branches_apart(one: str, other: str) -> None:
    assert of_names(one, other) is None

"""Chinese in one script."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keqing_pipeline.characters import simplified

EVERY_CHARACTER = "".join(map(chr, (*range(0x3400, 0xA000), *range(0x20000, 0x31350))))


@pytest.mark.parametrize(
    ("traditional", "wanted"),
    [
        ("紅包", "红包"),
        ("現金", "现金"),
        ("董事長", "董事长"),
        ("個體工商戶", "个体工商户"),
        ("有限責任公司", "有限责任公司"),
        ("衞", "卫"),
        ("Acme 會", "Acme 会"),
        ("遠東 Trading", "远东 Trading"),
        ("乾坤", "干坤"),
        ("远山", "远山"),
        ("Acme", "Acme"),
    ],
)
def test_traditional_characters_read_as_simplified_ones(traditional: str, wanted: str) -> None:
    assert simplified(traditional) == wanted


@settings(max_examples=200, deadline=None)
@given(st.text(EVERY_CHARACTER), st.text(EVERY_CHARACTER))
def test_each_character_reads_alike_whatever_stands_beside_it(one: str, other: str) -> None:
    assert simplified(one + other) == simplified(one) + simplified(other)
    assert simplified(simplified(one)) == simplified(one)


def test_the_dictionary_is_the_one_that_names_were_claimed_and_shown_by() -> None:
    """When the lock brings another one: raise the versions of the views that keep normalised names, say in
    the changelog that names claimed before stand under their former keys, and put the new digest here."""
    folded = simplified(EVERY_CHARACTER)
    assert sum(one != other for one, other in zip(EVERY_CHARACTER, folded, strict=True)) == 3228
    assert sha256(folded.encode()).hexdigest().startswith("2532a8f32c37f0e8")

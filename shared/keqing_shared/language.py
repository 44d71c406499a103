"""The languages people are answered in: English as the code has it, others from the catalogues beside it.

``<package>/locale/<code>.po`` holds a package's words; what has no translation is said in English.
"""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from typing import Any

from babel import negotiate_locale
from babel.messages.pofile import read_po

from keqing_shared.domain.worded import Term, filled
from keqing_shared.weighted import weighted

ENGLISH, CHINESE = "en", "zh"
CODES = (ENGLISH, CHINESE)
FIELD = "field"
"""Context (``msgctxt``) of the messages about fields, whose ids are pydantic's types of errors."""

_BETWEEN = {ENGLISH: ", ", CHINESE: "、"}
_Texts = Mapping[tuple[str | None, str], str]


class Language:
    """Says in one language what the code says in English."""

    def __init__(self, code: str, texts: _Texts) -> None:
        """``texts``: by context and English words."""
        self.code = code
        self._texts = texts

    def said(self, words: str) -> str:
        """A term by the name of its class (``msgctxt``): the band ``close`` is no verb."""
        context = type(words).__name__ if isinstance(words, Term) else None
        return self._texts.get((context, str(words)), str(words))

    def filled(self, template: str, members: Mapping[str, Any]) -> str:
        """The template in this language, with its members."""
        return filled(self.said(template), members, _BETWEEN[self.code], self.said)

    def of_field(self, error: str, bounds: Mapping[str, Any]) -> str | None:
        """What an error of pydantic's type says of a field; None: this language has no words of its own."""
        template = self._texts.get((FIELD, error))
        if template is None:
            return None
        return filled(template, {name: _either(bound) for name, bound in bounds.items()})


class Languages:
    """Those that a context's packages can be answered in."""

    def __init__(self, packages: Iterable[str]) -> None:
        named = tuple(packages)
        self._by_code = {code: Language(code, _texts(named, code)) for code in CODES}

    def accepted(self, header: str | None) -> Language:
        """The one that an Accept-Language header wants most; English when it wants none of them."""
        return self._by_code[ENGLISH if header is None else preferred(header)]


SPOKEN: ContextVar[Language] = ContextVar(
    "spoken",
    default=Language(ENGLISH, {}),  # noqa: B039 - it never changes
)
"""The language of the request at hand."""


@lru_cache(maxsize=512)
def preferred(header: str) -> str:
    """The code of the language that ``zh-CN,zh;q=0.9,en;q=0.8`` wants most. What does not read is skipped."""
    wanted = [ENGLISH if tag == "*" else tag.lower() for tag in weighted(header)]
    return negotiate_locale(wanted, CODES, sep="-") or ENGLISH


def _texts(packages: Iterable[str], code: str) -> _Texts:
    """Of several packages that say the same the last one's words count."""
    texts: dict[tuple[str | None, str], str] = {}
    for package in packages:
        catalogue = files(package) / "locale" / f"{code}.po"
        if not catalogue.is_file():
            continue
        with catalogue.open("rb") as file:
            for message in read_po(file, locale=code):
                if message.id and message.string and not message.fuzzy:
                    texts[message.context, str(message.id)] = str(message.string)
    return texts


def _either(bound: Any) -> Any:
    """Pydantic lists choices as ``'a', 'b' or 'c'``."""
    return bound.replace("' or '", "'、'").replace("', '", "'、'") if isinstance(bound, str) else bound

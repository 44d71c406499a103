"""A catalogue of translations: ``<package>/locale/<code>.po``, as gettext's tools read it."""

from collections.abc import Iterable
from importlib import import_module
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from keqing_local.words.collecting import MEMBER, Collected, Said

_HEADER = (
    'msgid ""\nmsgstr "Language: {code}\\nMIME-Version: 1.0\\nContent-Type: text/plain; charset=UTF-8\\n"\n\n'
)


class Catalogue:
    """Of one package, in one language."""

    def __init__(self, package: str, code: str) -> None:
        self.code = code
        self.path = Path(import_module(package).__path__[0]) / "locale" / f"{code}.po"
        self._known: dict[Said, str] = {}
        if self.path.exists():
            with self.path.open("rb") as file:
                for message in read_po(file, locale=code):
                    if message.id:
                        self._known[message.context, str(message.id)] = str(message.string or "")

    def written(self, said: Iterable[Said]) -> str:
        """As it should be: what is said now, with the translations there are."""
        catalog = Catalog(locale=self.code)
        for context, words in sorted(said, key=lambda one: (one[0] or "", one[1])):
            catalog.add(words, self._known.get((context, words), ""), context=context)
        file = BytesIO()
        write_po(file, catalog, width=0, no_location=True, omit_header=True)  # a line each: easily merged
        return _HEADER.format(code=self.code) + file.getvalue().decode()

    def update(self, said: Iterable[Said]) -> bool:
        """Writes it; whether it was changed."""
        text = self.written(said)
        if self.path.exists() and self.path.read_text() == text:
            return False
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(text)
        return True

    def missing(self, said: Iterable[Said]) -> list[str]:
        return sorted(words for context, words in said if not self._known.get((context, words)))

    def altered(self) -> list[str]:
        """Those that name other members than the English words do."""
        return sorted(
            words
            for (context, words), translation in self._known.items()
            if context is None
            and translation
            and set(MEMBER.findall(words)) != set(MEMBER.findall(translation))
        )


def gaps(collected: dict[str, Collected], codes: Iterable[str]) -> list[str]:
    """What is to be done so that everything can be said in these languages; a line each."""
    lines: list[str] = []
    languages = list(codes)
    for package, it in collected.items():
        lines += it.faults
        for code in languages:
            catalogue = Catalogue(package, code)
            lines += [
                f"{catalogue.path}: no translation of {words!r}" for words in catalogue.missing(it.said)
            ]
            lines += [f"{catalogue.path}: other members than in {words!r}" for words in catalogue.altered()]
    return lines

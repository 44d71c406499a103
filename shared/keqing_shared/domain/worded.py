"""Exceptions that speak to people: their words are a template, so that they can be said in any language."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

_MEMBER = re.compile(r"\{([a-z_]+)\}")


class Words(str):
    """English words that are said in the reader's language, wherever they stand in a refusal: as its
    template, handed on by a function that raises it, or as a member: ``alike=[Words("phone")]``."""

    __slots__ = ()


class Term(StrEnum):
    """Codes of the business that are said in the reader's language where a refusal's sentence holds one:
    ``"it is {outcome}"``. As a member of the problem document a code stays what it is."""


class Worded(Exception):
    """``template`` is whole sentences; a member's name in braces stands for the member:
    ``raise ListFull("the weakest is {weakest}", weakest=title)``. Members are attributes as well."""

    def __init__(self, template: str = "", **members: Any) -> None:
        self.template = template
        self.members = members
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """The template with its members filled in; lists read ``a, b``."""
        return filled(self.template, self.members)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["members"][name]
        except KeyError:
            raise AttributeError(name) from None


class ValueRefused(Worded, ValueError):
    """What a value's own check raises: pydantic makes it a message about the field."""


def filled(
    template: str,
    members: Mapping[str, Any],
    between: str = ", ",
    said: Callable[[str], str] = lambda words: words,
) -> str:
    """The template with what is in braces replaced; ``between`` stands between the parts of a list."""

    def word(member: Any) -> str:
        return said(member) if isinstance(member, Words | Term) else str(member)

    def shown(place: re.Match[str]) -> str:
        if place[1] not in members:
            return place[0]
        member = members[place[1]]
        return between.join(map(word, member)) if isinstance(member, list | tuple) else word(member)

    return _MEMBER.sub(shown, template)

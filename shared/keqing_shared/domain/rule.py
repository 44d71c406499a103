"""Rules broken: the refusals of the domain, each its own class, answered as problem+json."""

import re
from typing import Any, ClassVar

_MEMBER = re.compile(r"\{([a-z_]+)\}")


class RuleBroken(Exception):
    """A command that the rules of the business refuse.

    A subclass's docstring is the problem's title, its kebab-cased name the problem's type.
    ``template`` says what would satisfy the rule, in whole sentences that can be translated; a member's
    name in braces stands for the member: ``raise ListFull("the weakest is {weakest}", weakest=title)``.
    Keyword arguments become members of the problem document and attributes of the exception.
    """

    status: ClassVar[int] = 409

    def __init__(self, template: str = "", **members: Any) -> None:
        self.template = template
        self.members = members
        super().__init__(self.detail or self.title())

    @property
    def detail(self) -> str:
        """The template with its members filled in; lists read ``a, b``."""
        return _MEMBER.sub(self._shown, self.template)

    def _shown(self, place: re.Match[str]) -> str:
        name = place[1]
        if name not in self.members:
            return place[0]
        member = self.members[name]
        return ", ".join(map(str, member)) if isinstance(member, list | tuple) else str(member)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["members"][name]
        except KeyError:
            raise AttributeError(name) from None

    @classmethod
    def slug(cls) -> str:
        """The stable type name: ``EvidenceMissing`` is ``evidence-missing``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")


class InvalidInput(RuleBroken):
    """The input is understood but not valid."""

    status = 422


class NotFound(RuleBroken):
    """There is no such thing, or none that you may see."""

    status = 404


class NotAllowed(RuleBroken):
    """Your role does not allow this."""

    status = 403

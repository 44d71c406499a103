"""Rules broken: the refusals of the domain, each its own class, answered as problem+json."""

import re
from typing import Any, ClassVar


class RuleBroken(Exception):
    """A command that the rules of the business refuse.

    A subclass's docstring is the problem's title, its kebab-cased name the problem's type.
    ``detail`` says what would satisfy the rule; further keyword arguments become members of the
    problem document and attributes of the exception.
    """

    status: ClassVar[int] = 409

    def __init__(self, detail: str = "", **members: Any) -> None:
        self.detail = detail
        self.members = members
        super().__init__(detail or self.title())

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

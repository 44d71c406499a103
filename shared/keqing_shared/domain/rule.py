"""Rules broken: the refusals of the domain, each its own class, answered as problem+json."""

import re
from typing import Any, ClassVar

from keqing_shared.domain.worded import Worded


class RuleBroken(Worded):
    """A command that the rules of the business refuse.

    A subclass's docstring is the problem's title, its kebab-cased name the problem's type.
    The template says what would satisfy the rule; its members go into the problem document.
    """

    status: ClassVar[int] = 409

    def __init__(self, template: str = "", **members: Any) -> None:
        super().__init__(template, **members)
        if not template:
            self.args = (self.title(),)

    @classmethod
    def slug(cls) -> str:
        """The stable type name: ``EvidenceMissing`` is ``evidence-missing``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")


class CustomerIsErased(RuleBroken):
    """The customer was erased: nothing new is begun with one who is forgotten."""


class MergedAway(RuleBroken):
    """The customer's file is part of another now."""


class InvalidInput(RuleBroken):
    """The input is understood but not valid."""

    status = 422


class NotFound(RuleBroken):
    """There is no such thing, or none that you may see."""

    status = 404


class NotAllowed(RuleBroken):
    """Your role does not allow this."""

    status = 403

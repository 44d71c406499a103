"""The catalogue of needs: what is asked, what the answers tell, what to recommend for it. It is policy."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from keqing_pipeline.opportunity.wording import Text
from keqing_shared.domain import Code, ValueRefused, together, value

Points = Annotated[int, Field(ge=0, le=100)]


@value
class Answer:
    code: Code
    text: Text
    points_to: Code | None = None
    """The need that it speaks for."""
    awareness: Points = 0
    """How much it tells of the customer's way with digital things."""


@value
class Question:
    code: Code
    text: Text
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=20)]


@value
class Need:
    code: Code
    text: Text


@value
class Awareness:
    """A level of digital awareness, from so many points on."""

    code: Code
    text: Text
    from_points: Points


@value
class Product:
    code: Code
    name: Text


@value
class Advice:
    """What to recommend for a need to somebody of a level, and how to speak of it."""

    need: Code
    awareness: Code
    product: Code
    talk: Text


@value
class Catalogue:
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=50)]
    needs: Annotated[tuple[Need, ...], Field(min_length=1, max_length=20)]
    awareness: Annotated[tuple[Awareness, ...], Field(min_length=1, max_length=10)]
    """Ascending, the first from 0 points."""
    products: Annotated[tuple[Product, ...], Field(min_length=1, max_length=100)]
    advice: Annotated[tuple[Advice, ...], Field(min_length=1, max_length=200)]

    @together
    def _whole(self) -> None:
        """Raises ValueRefused unless every outcome of the questionnaire has exactly one advice."""
        check_whole(self)

    def advise(self, need: str, awareness: str) -> Advice | None:
        """None: neither is of this catalogue any more."""
        return next((one for one in self.advice if (one.need, one.awareness) == (need, awareness)), None)


def check_whole(catalogue: Catalogue) -> None:
    needs, products = _codes(catalogue.needs), _codes(catalogue.products)
    levels = _codes(catalogue.awareness)
    _codes(catalogue.questions)
    for question in catalogue.questions:
        _codes(question.answers)
        for answer in question.answers:
            if answer.points_to is not None and answer.points_to not in needs:
                raise ValueRefused(
                    "{answer} points to {need}: list it among the needs",
                    answer=answer.code,
                    need=answer.points_to,
                )
    starts = [level.from_points for level in catalogue.awareness]
    if starts[0] != 0 or any(low >= high for low, high in pairwise(starts)):
        raise ValueRefused("the levels of awareness begin at 0 points and ascend")
    advised = [(one.need, one.awareness) for one in catalogue.advice]
    if sorted(advised) != sorted((need, level) for need in needs for level in levels):
        raise ValueRefused("give one advice for each need at each level of awareness")
    if unknown := sorted({one.product for one in catalogue.advice} - set(products)):
        raise ValueRefused("list these among the products: {unknown}", unknown=unknown)


def _codes(things: Iterable[Answer | Question | Need | Awareness | Product]) -> list[str]:
    codes = [thing.code for thing in things]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise ValueRefused("give each a code of its own: {twice}", twice=twice)
    return codes

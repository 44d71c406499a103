"""What things are called in other systems."""

from typing import Annotated

from pydantic import Field

from keqing_shared.domain.shape import shape
from keqing_shared.domain.text import Line
from keqing_shared.domain.value import value
from keqing_shared.domain.worded import Words

ReferenceText = Annotated[
    str,
    Field(
        pattern=shape(
            r"^[a-z0-9][a-z0-9._-]{0,49}:[^\x00-\x1f\x7f]{1,100}$",
            Words("the name of a system, a colon, and what the thing is called there, as in crm:A-77"),
        ),
        description="system:id",
        examples=["crm:A-77"],
    ),
]
"""As a query names one."""


@value
class ExternalReference:
    """The name of a thing in another system; at most one thing of its kind has it."""

    system: Annotated[
        str,
        Field(
            pattern=shape(
                r"^[a-z0-9][a-z0-9._-]{0,49}$",
                Words("the name of a system, at most 50 small letters, digits and . _ -, as in crm"),
            ),
            examples=["crm"],
        ),
    ]
    id: Annotated[Line, Field(max_length=100, examples=["A-77"])]

    def __str__(self) -> str:
        return f"{self.system}:{self.id}"

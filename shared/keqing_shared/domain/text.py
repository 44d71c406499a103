"""Text and numbers as they come from outside, bounded so that no store or rule trips over them.

Tighten with a further constraint: ``Annotated[Line, Field(max_length=80)]``.
"""

from typing import Annotated

from pydantic import Field

from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words

_TURNS = r"\u202a-\u202e\u2066-\u2069"
"""Characters that turn the direction of writing: what stands there is not what is read."""
_BLANK = r"\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
"""Characters that nobody sees; some of them join or part others rightly, none says anything alone."""
_NONE = r"\ufffe\uffff"
"""No characters at all, and no spreadsheet can hold them."""
_WORD = rf"[^\x00-\x20\x7f-\x9f{_BLANK}{_NONE}]"
_IN_LINE = rf"[^\x00-\x1f\x7f-\x9f\u2028\u2029{_TURNS}{_NONE}]"
_IN_NOTE = rf"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_TURNS}{_NONE}]"

Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=shape(
            rf"^{_IN_LINE}*{_WORD}{_IN_LINE}*$",
            Words("one line that says something, without control characters"),
        ),
        examples=["Acme"],
    ),
]
"""One line that says something: no control characters, 1 to 200 characters."""

Note = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4000,
        pattern=shape(
            rf"^{_IN_NOTE}*{_WORD}{_IN_NOTE}*$",
            Words("a text that says something; of control characters only tabs and line breaks"),
        ),
        examples=["Met them."],
    ),
]
"""Text of several lines: tabs and line breaks, no other control characters, up to 4,000 characters."""

Code = Annotated[
    str,
    Field(
        pattern=shape(
            r"^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,99}$",
            Words("a code, at most 100 letters, digits and . _ : / # -, as in INV-2026-001"),
        ),
        examples=["INV-2026-001"],
    ),
]
"""A number or code given by somebody's system: letters, digits and ``. _ : / # -``, up to 100."""

Login = Annotated[
    str,
    Field(
        pattern=shape(
            r"^[a-z0-9][a-z0-9._@-]{0,63}$",
            Words("a login, at most 64 small letters, digits and . _ @ -, as in li.wei"),
        ),
        examples=["li.wei"],
    ),
]
"""Who somebody is to the system."""

Count = Annotated[int, Field(ge=0, le=2_147_483_647)]
"""How many; fits a PostgreSQL integer."""

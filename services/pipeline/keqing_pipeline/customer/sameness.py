"""When two files are the same customer: the exact keys that at most one file holds."""

import re
import unicodedata
from uuid import UUID

from keqing_pipeline.customer.file import CustomerFile
from keqing_shared.domain import RuleBroken, Words

NAME, PHONE, EXTERNAL = "customer-name", "customer-phone", "external"
"""Scopes of the claims."""

Key = tuple[str, str]

_ALIKE = {NAME: Words("name"), PHONE: Words("phone"), EXTERNAL: Words("external reference")}

_CHINESE_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "集团公司", "总公司", "公司")
_LATIN_FORMS = re.compile(
    r"(?:\b(?:incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|plc|gmbh|ag|sa|bv|pty|pte|lp)\b\s*)+$"
)
_PUNCTUATION = re.compile(r"[\W_]+")


class DuplicateCustomer(RuleBroken):
    """There is such a customer already."""


class ReferenceTaken(RuleBroken):
    """Another customer holds this external reference."""


def normalised_name(name: str) -> str:
    """The name without width, case, spaces, punctuation and legal form: 远山科技 for 远山科技（有限公司）.

    A name that is nothing but a legal form keeps it.
    """
    words = _PUNCTUATION.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip()
    bare = _LATIN_FORMS.sub("", words).replace(" ", "")
    for form in _CHINESE_FORMS:
        if bare.endswith(form) and bare != form:
            bare = bare.removesuffix(form)
            break
    return bare or words.replace(" ", "") or unicodedata.normalize("NFKC", name).casefold().strip()


def name_and_phone_keys(file: CustomerFile) -> tuple[Key, ...]:
    """Keys that a reason may override: chains share a name, colleagues a phone."""
    return ((NAME, normalised_name(file.name)), *((PHONE, phone) for phone in dict.fromkeys(file.phones)))


def reference_keys(file: CustomerFile) -> tuple[Key, ...]:
    """Keys that nothing overrides."""
    return tuple((EXTERNAL, str(reference)) for reference in dict.fromkeys(file.external))


def duplicate(candidates: list[dict[str, str | None]], held: dict[Key, UUID]) -> DuplicateCustomer:
    """The refusal, naming who is alike and in what."""
    alike = [_ALIKE[scope] for scope in sorted({scope for scope, _ in held})]
    return DuplicateCustomer(
        "same {alike} as another customer; register with 'distinct_because' when it is not the same one",
        candidates=candidates,
        alike=alike,
    )


def taken(references: list[str], candidates: list[dict[str, str | None]]) -> ReferenceTaken:
    """The refusal, naming what is taken and by whom."""
    return ReferenceTaken(
        "{taken} is taken: amend the customer that holds it, or leave it out",
        taken=references,
        candidates=candidates,
    )

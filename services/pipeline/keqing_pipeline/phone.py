"""Phones, kept in their international form."""

from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field

from keqing_shared.domain import ValueRefused

DEFAULT_REGION = "CN"
"""Phones without a country code are read as Chinese."""


def e164(phone: str) -> str:
    """``+8613800138000`` for ``138 0013 8000``; ValueError when it can be no phone."""
    try:
        number = phonenumbers.parse(phone, DEFAULT_REGION)
    except phonenumbers.NumberParseException as wrong:
        raise ValueRefused("not a phone number") from wrong
    if not phonenumbers.is_valid_number(number):
        raise ValueRefused("not a valid phone number of its country")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


Phone = Annotated[
    str,
    Field(min_length=3, max_length=40, description="kept as E.164", examples=["138 0013 8000"]),
    AfterValidator(e164),
]

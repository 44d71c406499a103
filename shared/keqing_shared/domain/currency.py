"""Currencies: the codes of ISO 4217 in use, some withdrawn lately, and their decimals."""

from typing import Annotated

from pydantic import AfterValidator, Field

from keqing_shared.domain.worded import ValueRefused

_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_WITH_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CNY COP CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
    "HRK HTG HUF IDR ILS INR IQD IRR JMD JOD KES KGS KHR KPW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN QAR RON "
    "RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD "
    "TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL"
)

WITHOUT_DECIMALS = frozenset(_WITHOUT_DECIMALS.split())
CURRENCIES = tuple(sorted(f"{_WITH_DECIMALS} {_WITHOUT_DECIMALS}".split()))
_KNOWN = frozenset(CURRENCIES)


def _known(code: str) -> str:
    if code not in _KNOWN:
        raise ValueRefused("no currency of ISO 4217 that is in use")
    return code


Currency = Annotated[
    str,
    AfterValidator(_known),
    Field(
        description="ISO 4217 code",
        examples=["CNY"],
        json_schema_extra={"enum": list(CURRENCIES)},
    ),
]

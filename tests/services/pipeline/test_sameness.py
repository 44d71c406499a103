"""Which names and phones are the same customer's."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from keqing_pipeline.customer.file import CustomerFile, Kind
from keqing_pipeline.customer.name import normalised_name
from keqing_pipeline.customer.sameness import name_and_phone_keys, reference_keys
from keqing_pipeline.phone import e164
from keqing_shared.domain import ExternalReference


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京远山科技有限公司", "北京远山科技"),
        ("北京远山科技股份有限公司", "北京 远山科技 有限公司"),
        ("北京远山科技有限责任公司", "北京远山科技公司"),
        ("远山科技（北京）有限公司", "远山科技(北京)"),
        ("ＡＣＭＥ　Ｃｏ．，　Ｌｔｄ．", "acme"),
        ("Acme Co., Ltd.", "ACME Limited"),
        ("Acme Inc.", "Acme, Incorporated"),
        ("Gekko & Co", "gekko"),
        ("Kan-code", "KAN CODE"),
        ("Straße GmbH", "STRASSE"),
        # A group is compared as the firm that it is named after.
        ("宏图集团公司", "宏图集团有限公司"),
        ("宏图集团", "宏图有限公司"),
        ("杭州临江纺织有限公司", "杭州临江纺织(集团)有限公司"),
        ("临江（集团）纺织有限公司", "临江纺织"),
        ("华为", "华为个体工商户"),
        ("远山建材", "远山建材经营部（个体工商户）"),
        ("远山会计师事务所（特殊普通合伙）", "远山会计师事务所"),
        # In traditional characters, Hong Kong's variants as well.
        ("远东有限責任公司", "远东有限责任公司"),
        ("臺灣積體電路製造股份有限公司", "台湾积体电路制造"),
        ("宏圖集團公司", "宏图"),
        ("華為個體工商戶", "华为"),
        ("衞生用品廠", "卫生用品厂"),
        # Initials with dots and without.
        ("Beta S.A.", "Beta SA"),
        ("Gamma B.V.", "Gamma BV"),
        ("Zeta S.p.A.", "Zeta SpA"),
        ("Theta L.L.P.", "Theta"),
        ("J.P. Morgan", "JP Morgan"),
        ("Eps GmbH & Co. KG", "Eps GmbH"),
        ("Delta Co., Ltd", "Delta Pvt. Ltd."),
        ("Delta Private Limited", "Delta"),
        ("Iota Oy", "Iota AB"),
        ("Kappa K.K.", "Kappa Sdn. Bhd."),
    ],
)
def test_the_same_customer_however_it_is_written(one: str, other: str) -> None:
    assert normalised_name(one) == normalised_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("远山科技", "近山科技"),
        ("Costco", "Cost"),
        ("Betatech", "Betasoloin"),
        ("Zincorp", "Zin"),
        ("公司", "有限公司"),
        ("Co.", "Ltd."),
        ("...", "!!!"),
        ("集团", "集团公司的"),
        ("集团军需", "军需"),
        ("Spaces", "Ces"),
        ("Abacus", "Acus"),
        ("臺灣積體", "台湾集体"),
    ],
)
def test_different_customers_stay_different(one: str, other: str) -> None:
    assert normalised_name(one) != normalised_name(other)


@pytest.mark.parametrize("name", ["公司", "集团", "(集团)", "Co., Ltd.", "S.A.", "...", "＊"])
def test_a_name_that_is_nothing_but_form_keeps_a_key(name: str) -> None:
    assert normalised_name(name)


def test_phones_are_kept_in_their_international_form() -> None:
    assert e164("138 0013 8000") == "+8613800138000"
    assert e164("+86-10-6552-9988") == "+861065529988"
    assert e164("010 6552 9988") == "+861065529988"
    assert e164("+1 (415) 555-2671") == "+14155552671"


@settings(max_examples=500, deadline=None)
@given(st.from_regex(r"(\+86|86|0086|)(1[0-9]{10}|[0-9+]{7,13})", fullmatch=True))
def test_a_phone_that_is_known_at_a_glance_is_what_the_library_makes_of_it(phone: str) -> None:
    try:
        number = phonenumbers.parse(phone, "CN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        with pytest.raises(ValueError, match="phone number"):
            e164(phone)
    else:
        assert e164(phone) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize("phone", ["", "123", "hello", "+86 999", "1380013800012345678"])
def test_what_can_be_no_phone_is_refused(phone: str) -> None:
    with pytest.raises(ValueError, match="phone"):
        e164(phone)


def test_a_file_with_a_bad_phone_names_the_member() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(CustomerFile).validate_json(
            '{"kind": "enterprise", "name": "远山", "phones": ["13800138000", "12"]}'
        )
    assert caught.value.errors()[0]["loc"] == ("phones", 1)


def test_name_phones_and_references_make_the_keys_once_each() -> None:
    file = CustomerFile(
        kind=Kind.ENTERPRISE,
        name="远山科技有限公司",
        phones=("+8613800138000", "+8613800138000"),
        external=(ExternalReference(system="crm", id="77"),),
    )
    assert name_and_phone_keys(file) == (("customer-name", "远山科技"), ("customer-phone", "+8613800138000"))
    assert reference_keys(file) == (("external", "crm:77"),)

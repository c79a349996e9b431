"""Who a phone, an e-mail, a number or a name stands for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.customers.rules import (
    Reason,
    is_placeholder,
    mask_phone,
    normalise_email,
    normalise_name,
    normalise_number,
    normalise_phone,
)

MOBILE = "+8613912345670"


@pytest.mark.parametrize(
    "written",
    [
        "13912345670",
        " 139 1234 5670 ",
        "139-1234-5670",
        "+86 13912345670",
        "008613912345670",
        "8613912345670",
        "１３９１２３４５６７０",
        "\u202d13912345670\u202c",
        "'13912345670",
        '="13912345670"',
        13912345670,
        13912345670.0,
        "13912345670.0",
        "1.3912345670E+10",
    ],
)
def test_one_mobile_written_in_many_ways(written: object) -> None:
    found = normalise_phone(written, "CN")
    assert found.value == MOBILE
    assert found.joins
    assert found.reason in (Reason.OK, Reason.REPAIRED)


def test_a_number_is_repaired_only_if_every_digit_is_there() -> None:
    assert normalise_phone("1.3812345678E+10").value == "+8613812345678"
    assert normalise_phone("1.3812345678E+10").reason is Reason.REPAIRED
    assert normalise_phone("1.38E+10") == ("", Reason.SHORTENED, False)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("138****7955", Reason.MASKED),
        ("139xxxx5670", Reason.MASKED),
        ("13800000000-1234", Reason.PRIVACY),
        ("13912345670转1234", Reason.PRIVACY),
        ("13912345670,1234", Reason.PRIVACY),
        ("+86 13912345670 ext 12", Reason.PRIVACY),
        ("95013812345678", Reason.PRIVACY),
        ("虚拟号 13912345670", Reason.PRIVACY),
        ("11111111111", Reason.PLACEHOLDER),
        ("13800138000", Reason.PLACEHOLDER),
        ("18888888888", Reason.PLACEHOLDER),
        ("0", Reason.PLACEHOLDER),
        ("无", Reason.PLACEHOLDER),
        ("", Reason.BLANK),
        (None, Reason.BLANK),
        ("12345", Reason.INVALID),
        ("14412345678", Reason.INVALID),
        ("400-820-8820", Reason.INVALID),
        ("call me", Reason.INVALID),
    ],
)
def test_numbers_that_name_nobody_leave_no_value(written: object, reason: Reason) -> None:
    assert normalise_phone(written) == ("", reason, False)


def test_numbers_of_virtual_operators_and_landlines_are_kept_but_join_nobody() -> None:
    assert normalise_phone("17012345678") == ("+8617012345678", Reason.VIRTUAL, False)
    assert normalise_phone("021-52345678") == ("+862152345678", Reason.LANDLINE, False)
    assert normalise_phone("021-52345678-802") == ("+862152345678", Reason.LANDLINE, False)


def test_the_region_decides_only_for_numbers_without_a_country() -> None:
    assert normalise_phone("07911 123456", "GB").value == "+447911123456"
    assert normalise_phone("07911 123456", "CN").value == ""
    assert normalise_phone("+447911123456", "CN").value == "+447911123456"
    assert normalise_phone("+8613912345670", "GB").value == MOBILE
    assert normalise_phone("(202) 555-0123", "US") == ("+12025550123", Reason.OK, True)
    assert normalise_phone("13912345670", "nowhere") == ("", Reason.INVALID, False)


@settings(deadline=None, database=None)
@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.none()), st.sampled_from(["CN", "US", "GB"]))
def test_dirty_values_never_raise_and_values_are_e164(raw: object, region: str) -> None:
    phone = normalise_phone(raw, region)
    assert phone.value == "" or (phone.value[0] == "+" and phone.value[1:].isdecimal() and len(phone.value) <= 16)
    assert phone.value or not phone.joins
    if phone.joins:
        assert normalise_phone(phone.value, region).value == phone.value
    for again in (normalise_email(raw), normalise_number(raw)):
        assert len(again.value) <= 200
    assert normalise_email(normalise_email(raw).value).value == normalise_email(raw).value
    assert normalise_name(normalise_name(raw)) == normalise_name(raw)


@pytest.mark.parametrize(
    ("written", "value", "reason"),
    [
        ("A.B@QQ.com", "a.b@qq.com", Reason.OK),
        (" ｆｏｏ＠ｂａｒ.com ", "foo@bar.com", Reason.OK),
        ("mailto:x+y@shop.co.uk", "x+y@shop.co.uk", Reason.OK),
        ("用户@例子.广告", "用户@例子.广告", Reason.OK),
        ("a***@qq.com", "", Reason.MASKED),
        ("test@test.com", "", Reason.PLACEHOLDER),
        ("noreply@shop.cn", "", Reason.PLACEHOLDER),
        ("null", "", Reason.PLACEHOLDER),
        ("foo..bar@x.com", "", Reason.INVALID),
        ("a@b", "", Reason.INVALID),
        ("a" * 300 + "@x.com", "", Reason.INVALID),
        ("", "", Reason.BLANK),
    ],
)
def test_emails(written: object, value: str, reason: Reason) -> None:
    assert normalise_email(written) == (value, reason)


@pytest.mark.parametrize(
    "value",
    [
        "null", "None", "NaN", "0", 0, "000000", "-1", -1, "anonymous", "GUEST", "test", "无", "散客", "匿名", "游客",
        "n/a", "11111111111", "888888", "-", "**", "0.00", "Walk-in Customer",
    ],
)  # fmt: skip
def test_placeholders(value: object) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["", None, "7", "11", "V0001", "张三", "guest01", "10", "-12", "0012"])
def test_no_placeholders(value: object) -> None:
    assert not is_placeholder(value)


@pytest.mark.parametrize(
    ("written", "value", "reason"),
    [
        (17850.0, "17850", Reason.OK),
        ("17850.0", "17850", Reason.OK),
        ("'0012", "0012", Reason.OK),
        ("ＡＢ１２", "AB12", Reason.OK),
        ("Ab12", "Ab12", Reason.OK),
        ("1.23456E+5", "123456", Reason.REPAIRED),
        ("1.23E+15", "", Reason.SHORTENED),
        (1e17, "", Reason.SHORTENED),
        ("散客", "", Reason.PLACEHOLDER),
        ("12****89", "", Reason.MASKED),
        ("x" * 201, "", Reason.INVALID),
    ],
)
def test_numbers(written: object, value: str, reason: Reason) -> None:
    assert normalise_number(written) == (value, reason)


def test_names_keep_what_people_are_called_and_drop_what_hides_it() -> None:
    assert normalise_name("  林  小满 ") == "林 小满"
    assert normalise_name("Jose\u0301") == "José"
    assert normalise_name("👨\u200d👩\u200d👧 家") == "👨\u200d👩\u200d👧 家"
    assert normalise_name("张**") == ""
    assert normalise_name("散客") == ""
    assert len(normalise_name("x" * 500)) == 200


def test_masked_for_people_who_may_not_see_it_whole() -> None:
    assert mask_phone(MOBILE) == "139****5670"
    assert mask_phone("+447911123456") == "+44 ****3456"
    assert mask_phone("123") == "****"

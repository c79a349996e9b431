"""A table of balances: columns by any name, rows of one member put together, and each bad row told what is wrong."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from regulars.facts.connectors.balances_file import (
    BalanceSettings,
    BalancesFile,
    DayNotOver,
    NotBalances,
    OfferNamed,
    UnknownColumn,
)
from regulars.facts.kinds import CODES_BY_NAME, balance_taken_over
from regulars.facts.reading.table import Cell, Chunk, Table
from regulars.facts.reading.tables import open_table
from regulars.facts.rules import MalformedFact

AS_OF = date(2026, 3, 31)
TIERS = {"gold": "gold", "金卡": "gold", "gold card": "gold"}
OFFERS = (OfferNamed(7, ("十元券", "Ten off")), OfferNamed(8, ("赠饮", "Free drink")))
POINTS = ("会员号", "积分")


def balances(names: Sequence[str], *rows: Sequence[Cell], **more: Any) -> BalancesFile:
    def read() -> list[Chunk]:
        return [Chunk(range(2, 2 + len(rows)), [list(column) for column in zip(*rows, strict=True)])]

    table = Table(tuple(names), "csv", "", None, lambda: iter(read()))
    return BalancesFile(table, how(**more))


def how(**more: Any) -> BalanceSettings:
    return BalanceSettings("old", "Asia/Shanghai", AS_OF, tiers=TIERS, offers=OFFERS, **more)


def bodies(file: BalancesFile) -> list[dict[str, Any]]:
    return [fact.body for fact in file.facts()]


def refused(names: Sequence[str], *rows: Sequence[Cell]) -> list[str]:
    report = balances(names, *rows).check()
    assert all(one.text("zh") and one.text("en") for one in report.problems)
    return [one.code for one in report.problems]


def test_an_export_as_shops_have_it_in_gb18030_with_emoji_and_a_leap_day(tmp_path: Path) -> None:
    file = tmp_path / "会员.csv"
    file.write_bytes(
        "会员卡号,手机号码,会员姓名,可用积分,积分有效期至,当前成长值,会员等级,等级有效期,备注\r\n"
        "VIP0001,139 1234 5670,林小满🌸,\"1,200\",2028年2月29日,800,金卡,2026/9/30,老顾客\r\n"
        "VIP0002,138****7955,王😀,50,永久有效,0,,,\r\n".encode("gb18030")
    )  # fmt: skip
    read = BalancesFile(open_table(file), how())
    report = read.check()
    assert (report.rows, report.rows_used, report.customers) == (2, 2, 2)
    assert report.counts()["masked_phones"] == 1
    one, two = read.facts(), list(read.facts())
    first = next(one)
    assert first.body == {"balance": "points", "amount": 1200, "expires_on": "2028-02-29", "replaces": True}
    assert first.profile == {"name": "林小满🌸"}
    assert [identity.value for identity in first.identities] == ["VIP0001", "+8613912345670"]
    assert [fact.body for fact in two[1:]] == [
        {"balance": "growth", "amount": 800, "earned_on": "2026-03-31", "replaces": True},
        {"balance": "tier", "tier": "gold", "until": "2026-09-30", "replaces": True},
        {"balance": "points", "amount": 50, "replaces": True},
        {"balance": "growth", "amount": 0, "earned_on": "2026-03-31", "replaces": True},
    ]
    assert not any("139" in fact.key or "VIP" in fact.key for fact in two), "numbers of people stay out of keys"


def test_a_workbook_with_excel_dates_and_numbers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Member number", "Points", "Points expire on", "Tier", "Tier until"])
    sheet.append(["A1", 120.00000000000001, datetime(2026, 12, 31), "GOLD  card", datetime(2026, 6, 30)])
    sheet.append(["A2", "300", 46387, None, None])
    sheet.append(["A3", 5, datetime(9999, 12, 31), "gold", None])
    book.save(tmp_path / "old.xlsx")
    read = BalancesFile(open_table(tmp_path / "old.xlsx"), how(replaces=False))
    assert read.check().counts()["tiers_without_end"] == 1
    assert bodies(read) == [
        {"balance": "points", "amount": 120, "expires_on": "2026-12-31"},
        {"balance": "tier", "tier": "gold", "until": "2026-06-30"},
        {"balance": "points", "amount": 300, "expires_on": "2026-12-31"},
        {"balance": "points", "amount": 5},
        {"balance": "tier", "tier": "gold", "until": "2027-03-31"},
    ]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (-5, "points_negative"), ("（30）", "points_negative"), (1.5, "points_fractional"),
        ("12.30", "points_fractional"),
        (10**10, "points_enormous"), ("9" * 30, "points_enormous"), ("many", "points_unreadable"),
        ("1.2E+4", "points_unreadable"), (float("inf"), "points_unreadable"), ("50%", "points_unreadable"),
    ],
)  # fmt: skip
def test_points_that_cannot_be_say_why(cell: Cell, code: str) -> None:
    assert refused(POINTS, ("V1", cell)) == [code]
    assert refused(("会员号", "成长值"), ("V1", cell)) == [code.replace("points", "growth")]


@pytest.mark.parametrize(
    ("names", "row", "code"),
    [
        (("手机", "积分"), ("138****7955", 5), "balance_of_nobody"),
        (("会员号", "积分", "到期日"), ("V1", 5, "2026-03-31"), "points_expired"),
        (("会员号", "积分", "到期日"), ("V1", 5, "2027-02-29"), "date_unreadable"),
        (("会员号", "积分", "到期日"), ("V1", 5, "05/06/2026"), "date_ambiguous"),
        (("会员号", "积分", "到期日"), ("V1", 5, "26/12/31"), "two_digit_year"),
        (("会员号", "成长值", "成长值日期"), ("V1", 5, "2026-04-01"), "growth_ahead"),
        (("会员号", "等级"), ("V1", "钻石"), "tier_unknown"),
        (("会员号", "等级", "等级有效期"), ("V1", "金卡", "2026-03-01"), "tier_over"),
        (("会员号", "优惠券"), ("V1", "百元券"), "offer_unknown"),
        (("会员号", "积分"), (4.56e17, 5), "balance_of_nobody"),
    ],
)
def test_what_else_cannot_be_says_why(names: Sequence[str], row: Sequence[Cell], code: str) -> None:
    assert refused(names, row) == [code]


def test_points_that_last_through_the_day_after_are_good_and_expired_nothing_is_no_matter() -> None:
    names = ("会员号", "积分", "到期日")
    read = balances(names, ("V1", 5, "2026-04-01"), ("V2", 0, "2020-01-01"))
    assert not read.check().problems


def test_rows_of_one_member_add_up_by_last_day_and_growth_is_told_once() -> None:
    names = ("会员号", "积分", "到期日", "成长值", "等级")
    read = balances(
        names, ("V1", 100, "2026-12-31", 500, "金卡"), ("V1", 50, "2027-12-31", 500, ""),
        ("V1", 100, "2026-12-31", 500, "金卡"), ("V1", 1, "2026-12-31", 501, ""),
    )  # fmt: skip
    report = read.check()
    assert [(one.row, one.code) for one in report.problems] == [(5, "growth_differs")]
    assert report.counts()["points_added_up"] == 1
    assert [(one["balance"], one.get("amount")) for one in bodies(read)] == [
        ("points", 200), ("points", 50), ("growth", 500), ("tier", None),
    ]  # fmt: skip


def test_keys_tell_who_and_what_and_only_replacing_balances_are_of_a_day() -> None:
    def keys(**more: Any) -> list[str]:
        return [fact.key for fact in balances(POINTS, ("V1", 5), ("V2", 5), **more).facts()]

    assert keys() == keys()
    assert len(set(keys())) == 2
    file = balances(POINTS, ("V1", 5), replaces=False)
    other = BalancesFile(file._table, BalanceSettings("old", "Asia/Shanghai", date(2026, 4, 30), replaces=False))
    assert next(file.facts()).key == next(other.facts()).key
    assert next(file.facts()).digest() != next(other.facts()).digest(), "so the second is a conflict, not a gift"


def test_a_birthday_and_the_day_of_joining_come_along_and_are_never_worth_a_refusal() -> None:
    names = ("会员号", "积分", "生日", "入会日期")
    read = balances(
        names, ("V1", 5, "1992年2月29日", "2020/3/1"), ("V2", 5, "someday", "2027-01-01"), ("V3", 5, "", "")
    )
    assert [fact.profile for fact in read.facts()] == [
        {"birthday": date(1992, 2, 29), "joined_on": date(2020, 3, 1)}, {}, {},
    ]  # fmt: skip


def test_coupons_are_named_in_one_cell_by_name_or_number() -> None:
    read = balances(("会员号", "优惠券"), ("V1", "十元券、free drink; #7"), ("V2", ""))
    assert [(one["balance"], one["offer"]) for one in bodies(read)] == [("coupon", 7), ("coupon", 7), ("coupon", 8)]
    assert len({fact.key for fact in read.facts()}) == 3


def test_a_table_must_name_somebody_and_something_and_a_day_that_is_over() -> None:
    with pytest.raises(NotBalances):
        balances(("积分",), (5,))
    with pytest.raises(NotBalances):
        balances(("会员号",), ("V1",))
    with pytest.raises(UnknownColumn):
        balances(("号", "积分"), ("V1", 5), columns={"member": "卡"})
    assert balances(("号", "分"), ("V1", 5), columns={"member": "号", "points": "分"}).columns == {
        "member": "号", "points": "分",
    }  # fmt: skip
    with pytest.raises(DayNotOver):
        how().check(AS_OF)


def test_no_key_to_the_api_can_tell_such_a_fact_and_its_body_is_checked() -> None:
    assert balance_taken_over.NAME not in CODES_BY_NAME
    told = {"balance": "points", "amount": 5, "expires_on": "2026-12-31"}
    assert balance_taken_over.normalise(told, "CNY") == told
    for wrong in ({"amount": -1}, {"amount": 1.5}, {"amount": True}, {"balance": "money"}, {"expires_on": "soon"}):
        with pytest.raises(MalformedFact):
            balance_taken_over.normalise(told | wrong, "CNY")
    with pytest.raises(MalformedFact):
        balance_taken_over.normalise({"balance": "tier", "tier": "gold"}, "CNY")

"""A file of orders becomes facts: what is used, what is refused, what is set aside, and that the three add up."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.connectors.orders_file import (
    AmbiguousDates,
    MappingIncomplete,
    OrderSettings,
    OrdersFile,
    UnknownSetting,
)
from regulars.facts.connectors.orders_file.orders import Resolver
from regulars.facts.connectors.orders_file.rows import RowReader
from regulars.facts.connectors.report import CheckReport
from regulars.facts.kinds import order_cancelled, order_completed, order_refunded
from regulars.facts.reading.columns import Field, Mapping, guess
from regulars.facts.reading.table import Chunk, Table
from regulars.facts.reading.tables import open_table
from regulars.facts.rules import NewFact

Read = Callable[..., tuple[CheckReport, list[NewFact]]]
PHONE = (Identity(IdentityKind.PHONE, "", "+8613912345670"),)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The report and the facts of rows under Chinese headers, as a file that is really written and opened."""

    def run(header: str, *rows: str, **how: Any) -> tuple[CheckReport, list[NewFact]]:
        path = tmp_path / "orders.csv"
        out = io.StringIO()
        csv.writer(out).writerows([line.split("|") for line in (header, *rows)])
        path.write_text(out.getvalue())
        table = open_table(path)
        mapping = guess(table.names, [row for _, row in table.first_rows(50)])
        file = OrdersFile(
            table, mapping, OrderSettings(**{"source": "till", "time_zone": "Asia/Shanghai", "currency": "CNY"} | how)
        )
        report = file.check()
        facts = list(file.facts())
        assert report.rows == report.rows_used + report.rows_refused + report.rows_set_aside
        assert report.facts == len(facts)
        assert all(problem.text("zh") and problem.text("en") for problem in report.problems)
        assert all(notice.text("zh") and notice.text("en") for notice in report.notices)
        assert facts == list(file.facts()), "telling twice tells the same"
        assert [fact.occurred_at for fact in facts] == sorted(fact.occurred_at for fact in facts)
        for fact in facts:
            if fact.kind == order_completed.CODE:
                assert sum(line[3] for line in fact.body["lines"]) == fact.body["base"]
        return report, facts

    return run


def completed(facts: list[NewFact]) -> list[NewFact]:
    return [fact for fact in facts if fact.kind == order_completed.CODE]


def refunds(facts: list[NewFact]) -> list[NewFact]:
    return [fact for fact in facts if fact.kind == order_refunded.CODE]


def reasons(report: CheckReport) -> list[tuple[int, str]]:
    return [(problem.row, problem.code) for problem in report.problems]


# -- one row an order ---------------------------------------------------------------------------------------------


def test_a_row_becomes_an_order(read: Read) -> None:
    report, facts = read(
        "订单号|下单时间|手机号|会员号|姓名|生日|实付|运费|门店|渠道",
        "A1|2024-01-05 13:05|13912345670|V1|林小满|1990-02-03|¥1,234.50|34.5|人民路店|线上",
    )
    [fact] = facts
    assert (fact.source, fact.kind, fact.key, fact.store) == ("till", order_completed.CODE, "A1", "人民路店")
    assert fact.occurred_at == datetime(2024, 1, 5, 5, 5, tzinfo=UTC)
    assert fact.amount == 123450
    assert fact.body == {
        "currency": "CNY",
        "paid": 123450,
        "base": 120000,
        "channel": "online",
        "lines": [["1", "", 1, 120000]],
    }
    assert fact.identities == (Identity(IdentityKind.MEMBER_NUMBER, "", "V1"), *PHONE)
    assert fact.profile == {"name": "林小满", "birthday": date(1990, 2, 3)}
    assert (report.orders, report.customers, report.paid, report.paid_per) == (1, 1, 123450, "")


def test_external_ids_belong_to_the_source_and_members_do_not(read: Read) -> None:
    _, [fact] = read("订单号|下单时间|客户编号|email|实付", "A1|2024-01-05|c9|A@B.com|1", source="shop 2")
    assert fact.identities == (
        Identity(IdentityKind.EXTERNAL_ID, "shop 2", "c9"),
        Identity(IdentityKind.EMAIL, "", "a@b.com"),
    )


def test_orders_without_a_customer_count_as_sales_to_nobody(read: Read) -> None:
    report, facts = read(
        "订单号|下单时间|手机号|会员号|实付",
        "A1|2024-01-05||散客|1",
        "A2|2024-01-05|139****5670||2",
        "A3|2024-01-05|13912345670-1234|0|3",
        "A4|2024-01-05|17012345678||4",
        "A5|2024-01-05|1.38E+10||5",
        "A6|2024-01-05|1.3912345670E+10||6",
    )
    assert [fact.identities for fact in facts] == [(), (), (), (), (), PHONE]
    assert report.found["placeholder_ids"] == 2
    assert {report.found[code] for code in ("masked_phones", "privacy_phones", "virtual_phones")} == {1}
    assert (report.found["shortened_numbers"], report.found["repaired_phones"]) == (1, 1)
    assert (report.found["orders_without_customer"], report.found["lines_without_customer"]) == (5, 5)
    assert report.samples["masked_phones"] == [3]
    assert not report.problems


def test_each_bad_row_is_refused_alone_with_its_number_its_cells_and_a_reason(read: Read) -> None:
    report, facts = read(
        "订单号|下单时间|实付",
        "A1|2024-01-05|10",
        "A2||10",
        "A3|soon|10",
        "A4|2024-01-05|免费",
        "A5|2024-01-05|1.999",
        "A6|2024-01-05|",
        "A7|05/01/24|1",
        "4.56E+17|2024-01-05|1",
        "A9|2124-01-05|1",
        "A10|2024-01-05|1|，",
    )
    assert [fact.key for fact in facts] == ["A1"]
    assert reasons(report) == [
        (3, "date_missing"),
        (4, "date_unreadable"),
        (5, "amount_unreadable"),
        (6, "amount_too_precise"),
        (8, "two_digit_year"),
        (9, "number_shortened"),
        (10, "date_out_of_range"),
        (11, "too_many_cells"),
        (7, "amount_missing"),
    ]
    third = report.problems[2]
    assert (third.column, third.found, third.cells) == ("实付", "免费", ("A4", "2024-01-05", "免费"))
    assert "免费" in third.text("zh-hans")
    assert "免费" in third.text("en")
    assert report.problems[-1].cells == ("A6", "2024-01-05", "")


def test_totals_at_the_end_are_no_orders(read: Read) -> None:
    report, facts = read("订单号|下单时间|实付", "A1|2024-01-05|10", "合计||10")
    assert (len(facts), report.rows_set_aside, report.found["total_rows"], report.problems) == (1, 1, 1, [])


def test_rows_without_a_number_are_known_by_what_they_say(read: Read) -> None:
    rows = ["2024-01-05 13:05|13912345670|10", "2024-01-05 13:05|13912345670|10", "2024-01-05 13:06|13912345670|10"]
    report, facts = read("下单时间|手机号|实付", *rows)
    assert len({fact.key for fact in facts}) == 3
    assert (report.found["rows_without_number"], report.found["repeated_rows"]) == (3, 1)
    _, again = read("实付|手机号|下单时间", *["|".join(reversed(row.split("|"))) for row in rows])
    assert {fact.key for fact in again} == {fact.key for fact in facts}, "keys do not depend on the shape of the file"
    _, other = read("下单时间|手机号|实付", *reversed(rows))
    assert {fact.key for fact in other} == {fact.key for fact in facts}


def test_an_order_told_twice_counts_once(read: Read) -> None:
    report, facts = read(
        "订单号|下单时间|实付", "A1|2024-01-05|10", "A2|2024-01-05|5", "A1|2024-01-05|10", "A2|2024-01-05|5"
    )
    assert [fact.key for fact in facts] == ["A1", "A2"]
    assert (report.found["repeated_orders"], report.rows_set_aside, report.paid) == (2, 2, 1500)


@pytest.mark.parametrize(
    ("status", "kinds", "notice"),
    [
        ("交易成功", [order_completed.CODE], ""),
        ("paid", [order_completed.CODE], ""),
        ("退款关闭", [order_completed.CODE], ""),
        ("", [order_completed.CODE], ""),
        ("退款中", [order_completed.CODE], "refund_pending"),
        ("蓝色", [order_completed.CODE], "unknown_status"),
        ("待付款", [], "unpaid"),
        ("pending", [], "unpaid"),
        ("交易关闭", [order_cancelled.CODE], "cancelled"),
        ("Cancelled", [order_cancelled.CODE], "cancelled"),
        ("已退款", [order_completed.CODE, order_refunded.CODE], ""),
        ("refunded", [order_completed.CODE, order_refunded.CODE], ""),
    ],
)
def test_statuses(read: Read, status: str, kinds: list[int], notice: str) -> None:
    report, facts = read("订单号|下单时间|手机号|实付|订单状态", f"A1|2024-01-05|13912345670|10|{status}")
    assert [fact.kind for fact in facts] == kinds
    assert set(report.found) == ({notice} if notice else set())
    for fact in facts[1:] or facts:
        if fact.kind != order_completed.CODE:
            assert (fact.subject, fact.amount, fact.identities) == ("A1", None, PHONE)


def test_refund_amounts(read: Read) -> None:
    report, facts = read(
        "订单号|下单时间|实付|退款金额|退款时间|订单状态",
        "A1|2024-01-05|10|2.5|2024-01-09|部分退款",
        "A2|2024-01-05|10|15|2024-01-01|已完成",
        "A3|2024-01-05|10|||部分退款",
        "A4|2024-01-05|10|0||已完成",
    )
    first, second = sorted(refunds(facts), key=lambda fact: fact.key)
    assert (first.subject, first.amount, first.body["lines"]) == ("A1", 250, [])
    assert first.occurred_at == datetime(2024, 1, 8, 16, tzinfo=UTC)
    assert (second.amount, second.occurred_at) == (1000, completed(facts)[0].occurred_at), (
        "clamped, never before the order"
    )
    assert report.found["refund_above_line"] == 1
    assert reasons(report) == [(4, "refund_amount_missing")]
    assert [fact.key for fact in completed(facts)] == ["A1", "A2", "A4"]


# -- several rows an order ----------------------------------------------------------------------------------------

LINES = "订单号|下单时间|手机号|商品编码|商品名称|数量|单价"


def test_lines_of_one_order_need_not_stand_together(read: Read) -> None:
    report, facts = read(
        LINES,
        "A1|2024-01-05 13:05|13912345670|T1|茶|2|29.9",
        "A2|2024-01-05 13:06||T1|茶|1|29.9",
        "A1|2024-01-05 13:05||C1|杯|1.5|0.335",
    )
    assert [fact.key for fact in facts] == ["A1", "A2"]
    assert facts[0].body["lines"] == [["1", "T1", 2, 5980], ["2", "C1", "1.5", 50]]
    assert (facts[0].amount, facts[0].identities) == (6030, PHONE)
    assert report.lines == 3


def test_products_are_described_by_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text(
        "订单号,下单时间,实付,商品编码,商品名称,品类,品牌\nA,2024-01-05,1,T1,,,\nB,2024-01-05,1,T1,茶,饮,山\nC,2024-01-05,1,T2,,,\n"
    )
    table = open_table(path)
    file = OrdersFile(table, guess(table.names), OrderSettings("s", "Asia/Shanghai", "CNY"))
    assert list(file.products()) == [("T1", "茶", "饮", "山")]


def test_a_bad_line_holds_back_its_whole_order(read: Read) -> None:
    report, facts = read(LINES, "A1|2024-01-05||T1|茶|1|1", "A1|2024-01-05||T2|杯|some|1", "A2|2024-01-05||T1|茶|1|1")
    assert [fact.key for fact in facts] == ["A2"]
    assert reasons(report) == [(3, "quantity_unreadable"), (2, "order_incomplete")]
    assert "3" in report.problems[1].text("en")


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("A1|2024-01-05 13:05|13912345671|T2|杯|1|1", "customers_differ"),
        ("A1|2024-01-07 13:05|13912345670|T2|杯|1|1", "dates_differ"),
        ("A1|2024-01-05 13:05|13912345670|T2|折扣|-1|99", "order_below_zero"),
    ],
)
def test_rows_that_contradict_each_other_are_refused_together(read: Read, second: str, reason: str) -> None:
    report, facts = read(LINES, "A1|2024-01-05 13:05|13912345670|T1|茶|1|1", second)
    assert facts == []
    assert reasons(report) == [(2, reason), (3, reason)]


def test_a_minute_between_lines_is_no_contradiction(read: Read) -> None:
    report, [fact] = read(LINES, "A1|2024-01-05 13:06||T1|茶|1|1", "A1|2024-01-05 13:05||T2|杯|1|1")
    assert fact.occurred_at.minute == 5
    assert report.found["times_differ"] == 1


def test_repeated_lines_are_further_pieces_and_repeated_orders_are_not(read: Read) -> None:
    line, other = "A1|2024-01-05||T1|茶|1|1", "A2|2024-01-05||T1|茶|1|1"
    report, facts = read(LINES, line, line, other)
    assert (report.found["repeated_lines"], report.found["repeated_orders"], report.paid) == (1, 0, 300)
    assert facts[0].body["lines"] == [["1", "T1", 1, 100], ["2", "T1", 1, 100]]
    report, _ = read(LINES, line, other, line)
    assert (report.found["repeated_lines"], report.found["repeated_orders"], report.paid) == (0, 1, 200)


def test_a_line_number_of_its_own_names_the_line(read: Read) -> None:
    header = "订单号|子订单号|下单时间|商品|商品实付"
    _, [fact] = read(header, "A1|A1-7|2024-01-05|茶|1", "A1|A1-8|2024-01-05|杯|1")
    assert [line[0] for line in fact.body["lines"]] == ["A1-7", "A1-8"]
    _, [fact] = read(header, "A1|A1-7|2024-01-05|茶|1", "A1|A1-7|2024-01-05|杯|1")
    assert [line[0] for line in fact.body["lines"]] == ["1", "2"]


def test_discounts_in_a_line_of_their_own_are_shared_by_all_lines(read: Read) -> None:
    _, [fact] = read(LINES, "A1|2024-01-05||T1|茶|1|20", "A1|2024-01-05||T2|杯|1|10", "A1|2024-01-05||D|立减|-1|3")
    assert (fact.amount, [line[3] for line in fact.body["lines"]]) == (2700, [1800, 900])


def test_what_is_given_back_at_once_comes_off_its_line(read: Read) -> None:
    _, facts = read(LINES, "A1|2024-01-05||T1|茶|3|20", "A1|2024-01-05||T2|杯|1|10", "A1|2024-01-05||T1|茶|-1|20")
    assert facts[0].body["lines"] == [["1", "T1", 2, 4000], ["2", "T2", 1, 1000]]


def test_zero_prices_stock_adjustments_and_empty_orders_are_told_apart(read: Read) -> None:
    report, facts = read(
        LINES,
        "A1|2024-01-05|13912345670|T1|茶|1|0",
        "A2|2024-01-05||T1|茶|-5|0",
        "A3|2024-01-05||T1|茶|5|0",
        "A4|2024-01-05|13912345670|T1|茶|1|5",
        "A4|2024-01-05|13912345670|G|赠品|1|0",
    )
    assert [(fact.key, fact.amount) for fact in facts] == [("A1", 0), ("A4", 500)]
    assert report.found["zero_prices"] == 4
    assert (report.found["stock_adjustments"], report.found["empty_orders"], report.rows_set_aside) == (1, 1, 2)
    assert report.found["negative_quantities"] == 1


# -- paid once an order or once a line ----------------------------------------------------------------------------

PAID = "订单号|下单时间|商品|数量|单价|实付"


def test_paid_repeated_on_every_row_is_the_orders(read: Read) -> None:
    report, facts = read(
        PAID, "A1|2024-01-05|茶|1|20|27", "A1|2024-01-05|杯|1|10|27", "A2|2024-01-05|茶|2|5|9", "A2|2024-01-05|杯|1|1|9"
    )
    assert report.paid_per == "order"
    assert [(fact.amount, [line[3] for line in fact.body["lines"]]) for fact in facts] == [
        (2700, [1800, 900]),
        (900, [818, 82]),
    ]


def test_paid_on_the_first_row_only_is_the_orders(read: Read) -> None:
    report, [fact] = read(PAID, "A1|2024-01-05|茶|1|20|27", "A1|2024-01-05|杯|1|10|")
    assert (report.paid_per, fact.amount) == ("order", 2700)


def test_paid_that_differs_from_row_to_row_is_the_lines(read: Read) -> None:
    report, [fact] = read(PAID, "A1|2024-01-05|茶|1|20|18", "A1|2024-01-05|杯|1|10|9")
    assert (report.paid_per, fact.amount) == ("line", 2700)


def test_equal_paid_near_one_line_is_the_lines(read: Read) -> None:
    report, [fact] = read(PAID, "A1|2024-01-05|茶|1|20|18", "A1|2024-01-05|杯|1|20|18")
    assert (report.paid_per, fact.amount) == ("line", 3600)


def test_a_person_may_say_it(read: Read) -> None:
    rows = ["A1|2024-01-05|茶|1|20|18", "A1|2024-01-05|杯|1|10|9"]
    report, facts = read(PAID, *rows, paid_per="order")
    assert (facts, reasons(report)) == ([], [(2, "paid_differs"), (3, "paid_differs")])


def test_freight_vouchers_and_stored_value_do_not_earn(read: Read) -> None:
    _, [fact] = read("订单号|下单时间|实付|运费|代金券|储值支付", "A1|2024-01-05|100|10|20|30")
    assert (fact.body["paid"], fact.body["base"]) == (10000, 4000)


@pytest.mark.parametrize(
    ("rows", "discount"),
    [
        (["A1|2024-01-05|茶|100|5", "A1|2024-01-05|杯|100|5"], 5_00),  # the order's, on each row
        (["A1|2024-01-05|茶|100|5", "A1|2024-01-05|杯|100|7"], 12_00),
        (["A1|2024-01-05|茶|100|-5", "A1|2024-01-05|杯|100|"], 5_00),
        (["A1|2024-01-05|茶|100|8.5折", "A1|2024-01-05|杯|100|"], 0),
    ],
)
def test_a_discount_is_told_and_not_counted(read: Read, rows: list[str], discount: int) -> None:
    report, [fact] = read("订单号|下单时间|商品名称|实付|优惠金额", *rows, paid_per="order")
    assert (fact.body["paid"], fact.body["base"], fact.body.get("discount", 0)) == (100_00, 100_00, discount)
    assert reasons(report) == []


def test_an_order_without_a_discount_is_the_fact_that_it_always_was(read: Read) -> None:
    _, [without] = read("订单号|下单时间|实付", "A1|2024-01-05|100")
    _, [with_none] = read("订单号|下单时间|实付|优惠金额", "A1|2024-01-05|100|0")
    assert without.digest() == with_none.digest()
    assert "discount" not in without.body


# -- settings -----------------------------------------------------------------------------------------------------


def test_day_and_month_are_decided_by_the_column_or_by_a_person(read: Read) -> None:
    header, undecided = "订单号|下单时间|实付", "A1|05/01/2024 13:05|1"
    with pytest.raises(AmbiguousDates) as caught:
        read(header, undecided)
    assert caught.value.context == {"column": "下单时间", "example": "05/01/2024 13:05"}
    _, [first] = read(header, undecided, day_first=True)
    _, [second] = read(header, undecided, day_first=False)
    assert (first.occurred_at.month, second.occurred_at.month) == (1, 5)
    _, facts = read(header, undecided, "A2|25/01/2024 13:05|1")
    assert [fact.occurred_at.month for fact in facts] == [1, 1]
    report, facts = read(header, undecided, "A2|01/25/2024|1", day_first=True)
    assert reasons(report) == [(3, "date_unreadable")]


def test_amounts_with_a_decimal_comma(read: Read) -> None:
    _, facts = read("订单号|下单时间|实付", "A1|2024-01-05|1.234,50", "A2|2024-01-06|1.234", currency="EUR")
    assert [fact.amount for fact in facts] == [123450, 123400]


def test_a_time_in_a_column_of_its_own(read: Read) -> None:
    _, [fact] = read("小票号|日期|时间|实收", "A1|2024-01-05|13:05|1")
    assert fact.occurred_at == datetime(2024, 1, 5, 5, 5, tzinfo=UTC)


@pytest.mark.parametrize("header", ["订单号|实付", "订单号|下单时间", "a|b"])
def test_a_time_and_money_are_asked_for(read: Read, header: str) -> None:
    with pytest.raises(MappingIncomplete):
        read(header, "1|2")


@pytest.mark.parametrize("how", [{"paid_per": "row"}, {"channel": "street"}, {"source": " "}])
def test_settings_that_mean_nothing_are_refused(read: Read, how: dict[str, str]) -> None:
    with pytest.raises(UnknownSetting):
        read("订单号|下单时间|实付", "A1|2024-01-05|1", **how)


cells = st.sampled_from(
    ["A1", "A2", "", "2024-01-05 13:05", "13912345670", "10", "-3", "1.5", "茶", "已退款", "已取消", "x", "0", "合计"]
)
rows = st.lists(st.lists(cells, min_size=8, max_size=8).map("|".join), min_size=1, max_size=12)
likely = st.tuples(
    st.sampled_from(["A1", "A2", "A3", "C1", ""]),
    st.sampled_from(["2024-01-05 13:05", "2024-01-06 13:05", "2024-01-09"]),
    st.sampled_from(["13912345670", "13912345671", ""]),
    st.sampled_from(["茶", "杯", ""]),
    st.sampled_from(["1", "2", "-1", "-2", "0", ""]),
    st.sampled_from(["10", "0", "3.33", "-5"]),
    st.sampled_from(["", "10", "-10", "20"]),
    st.sampled_from(["", "已退款", "已取消", "待付款", "部分退款"]),
).map("|".join)


@settings(deadline=None, database=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(rows, st.lists(likely, min_size=1, max_size=12)))
def test_whatever_the_rows_everything_adds_up(read: Read, rows: list[str]) -> None:
    try:
        report, facts = read("订单号|下单时间|手机号|商品|数量|单价|实付|订单状态", *rows)
    except (MappingIncomplete, AmbiguousDates):
        return
    keys = [(fact.kind, fact.key) for fact in facts]
    assert len(set(keys)) == len(keys)
    assert report.paid == sum(fact.amount or 0 for fact in completed(facts))
    bought = {fact.key: fact for fact in completed(facts)}
    back: dict[str, int] = {}
    for fact in refunds(facts):
        assert fact.subject is not None
        order = bought[fact.subject]
        assert fact.occurred_at >= order.occurred_at
        told = order.amount if fact.amount is None else fact.amount
        assert told is not None
        assert told >= 0
        amounts = {line[0]: line[3] for line in order.body["lines"]}
        assert all(amount <= amounts[line] for line, amount in fact.body["lines"])
        back[fact.subject] = back.get(fact.subject, 0) + told
    assert report.refunded == sum(back.values())


@settings(deadline=None, database=None)
@given(likely)
def test_the_short_way_for_plain_rows_leads_where_the_long_way_does(row: str) -> None:
    table = Table(
        ("n", "t", "p", "s", "q", "u", "a", "st"),
        "csv",
        "",
        1,
        lambda: iter([Chunk([1], [[c] for c in row.split("|")])]),
    )
    mapping = Mapping(dict(zip(map(Field, PLAIN.split()), table.names, strict=True)))
    reading = RowReader(table, mapping, OrderSettings("s", "UTC", "CNY"), CheckReport()).read()
    for paid_per in ("order", "line") if len(reading.rows) else ():
        resolver = Resolver(reading.rows, {}, paid_per=paid_per, one_row_an_order=False)
        short = resolver._plain(reading.rows.order[0], 0)
        with mock.patch.object(resolver, "_plain", return_value=None):
            long = resolver.resolve([0])
        assert short is None or (short == long.order and not (long.refused or long.aside or long.notes or long.returns))


PLAIN = "order_number occurred_at phone product_id quantity price paid status"

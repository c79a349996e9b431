"""Columns are understood by name and by what stands in them, each field and each column once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.facts.reading.columns import (
    Field,
    Mapping,
    UnknownColumn,
    UnknownField,
    UnreadableMapping,
    fingerprint,
    guess,
)

F = Field


def test_a_chinese_order_export() -> None:
    names = (
        "订单号,下单时间,支付方式,订单状态,会员卡号,手机号,商品名称,商品编码,数量,单价,"
        "应付金额,优惠金额,实付金额(元),运费,门店,渠道,退款金额,退款时间,退款原因"
    )
    mapping = guess(names.split(","))
    assert mapping.columns == {
        F.ORDER_NUMBER: "订单号",
        F.OCCURRED_AT: "下单时间",
        F.STATUS: "订单状态",
        F.MEMBER_NUMBER: "会员卡号",
        F.PHONE: "手机号",
        F.PRODUCT_NAME: "商品名称",
        F.PRODUCT_ID: "商品编码",
        F.QUANTITY: "数量",
        F.PRICE: "单价",
        F.TOTAL: "应付金额",
        F.PAID: "实付金额(元)",
        F.DISCOUNT: "优惠金额",
        F.FREIGHT: "运费",
        F.STORE: "门店",
        F.CHANNEL: "渠道",
        F.REFUND_AMOUNT: "退款金额",
        F.REFUNDED_AT: "退款时间",
    }
    assert all(0.8 < belief <= 1 for belief in mapping.confidence.values())


def test_the_columns_of_uci_online_retail() -> None:
    names = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
    assert guess(names).columns == {
        F.ORDER_NUMBER: "InvoiceNo",
        F.PRODUCT_ID: "StockCode",
        F.PRODUCT_NAME: "Description",
        F.QUANTITY: "Quantity",
        F.OCCURRED_AT: "InvoiceDate",
        F.PRICE: "UnitPrice",
        F.CUSTOMER_ID: "CustomerID",
    }


def test_what_was_paid_goes_before_what_was_due() -> None:
    assert guess(["应付金额", "实付金额"]).columns[F.PAID] == "实付金额"
    assert guess(["总额", "实收"]).columns == {F.PAID: "实收", F.TOTAL: "总额"}
    assert guess(["应付金额"]).columns.get(F.PAID, guess(["应付金额"]).columns.get(F.TOTAL)) == "应付金额"


def test_discounts_are_not_taken_for_payments() -> None:
    assert guess(["优惠券金额", "优惠金额", "coupon_disc", "Discount Amount"]).columns == {F.DISCOUNT: "优惠金额"}


def test_shares_of_the_price_are_not_taken_for_discounts() -> None:
    assert guess(["Discount"], [["5.00"], ["0"], [""]]).columns == {F.DISCOUNT: "Discount"}
    assert guess(["Discount"], [["0.2"], ["0"], ["0.15"]]).columns == {}


def test_values_decide_where_names_do_not() -> None:
    dated = guess(["日期", "时间", "金额"], [["2024-01-05", "13:05", "12.5"]]).columns
    assert (dated[F.OCCURRED_AT], dated[F.TIME_OF_DAY]) == ("日期", "时间")
    assert guess(["时间", "金额"], [["2024-01-05 13:05", "12.5"]]).columns[F.OCCURRED_AT] == "时间"
    foreign = guess(["a", "b", "c"], [["x@y.com", "2024-01-05 13:05", "3"]] * 3).columns
    assert foreign == {F.EMAIL: "a", F.OCCURRED_AT: "b"}
    assert F.PHONE not in guess(["电话"], [["前台"], ["没有"]]).columns
    assert F.PAID not in guess(["实付"], [["是"], ["否"]]).columns


@pytest.mark.parametrize(
    "name", ["退款原因", "支付方式", "收货地址", "备注", "Country", "week", "discount code", "配送方式"]
)
def test_columns_that_mean_nothing_here_stay_unused(name: str) -> None:
    assert guess([name]).columns == {}


words = st.sampled_from(
    [
        "订单号",
        "实付",
        "手机",
        "数量",
        "单价",
        "时间",
        "日期",
        "会员",
        "date",
        "time",
        "amount",
        "Name",
        "total",
        "phone",
        "x",
    ]
)


@settings(deadline=None, database=None)
@given(st.lists(words, unique=True, max_size=8), st.data())
def test_no_field_and_no_column_is_used_twice(names: list[str], data: st.DataObject) -> None:
    cells: Any = st.lists(
        st.sampled_from(["", "12.5", "2024-01-05", "13:05", "13912345670", "茶"]),
        min_size=len(names),
        max_size=len(names),
    )
    mapping = guess(names, data.draw(st.lists(cells, max_size=4)))
    assert len(set(mapping.columns.values())) == len(mapping.columns)
    assert mapping.fits(names)
    assert set(mapping.confidence) == set(mapping.columns)
    assert Mapping.from_json(mapping.to_json()) == mapping


def test_choosing_a_column_takes_it_from_any_other_field() -> None:
    names = ["a", "b"]
    mapping = Mapping({F.PAID: "a", F.PRICE: "b"}, {F.PAID: 0.9, F.PRICE: 0.8}).choose("paid", "b", names)
    assert mapping.columns == {F.PAID: "b"}
    assert mapping.confidence == {}
    assert mapping.choose("paid", None, names).columns == {}


def test_wrong_choices_are_named_with_the_nearest_right_one() -> None:
    with pytest.raises(UnknownField, match="paid"):
        Mapping({}).choose("payd", "a", ["a"])
    with pytest.raises(UnknownColumn, match="实付"):
        Mapping({}).choose("paid", "实付金", ["实付", "数量"])


@pytest.mark.parametrize("kept", [None, [], {"paid": 1}, {"paid": ""}, {"nothing": "a"}, {"paid": "a", "total": "a"}])
def test_a_kept_mapping_that_is_none_is_refused(kept: Any) -> None:
    with pytest.raises(UnreadableMapping):
        Mapping.from_json(kept)


def test_files_of_the_same_shape_have_the_same_fingerprint() -> None:
    assert fingerprint(["订单号", "Paid"]) == fingerprint([" 订单号 ", "PAID"])
    assert fingerprint(["订单号", "Paid"]) != fingerprint(["Paid", "订单号"])
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])

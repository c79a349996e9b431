"""Returns find the orders that they undo; what fits nothing is listed and nothing is invented."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.facts.connectors.orders_file import OrderSettings, OrdersFile
from regulars.facts.connectors.report import CheckReport
from regulars.facts.kinds import order_completed, order_refunded
from regulars.facts.reading.columns import guess
from regulars.facts.reading.tables import open_table
from regulars.facts.rules import NewFact

Row = tuple[str, str, float, str, float, float | None]
NAMES = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")


def read(path: Path, rows: list[Row], *more: list[str]) -> tuple[CheckReport, list[NewFact]]:
    """Rows in the shape of UCI Online Retail; `more` is a column of original orders."""
    columns: dict[str, object] = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
    columns["InvoiceDate"] = [datetime.fromisoformat(row[3]) for row in rows]
    columns |= dict(zip(("OriginalOrder",), more, strict=False))
    pq.write_table(pa.table(columns), path / "orders.parquet")
    table = open_table(path / "orders.parquet")
    file = OrdersFile(table, guess(table.names), OrderSettings("uci", "Europe/London", "GBP", "GB"))
    report = file.check()
    facts = list(file.facts())
    assert report.rows == report.rows_used + report.rows_refused + report.rows_set_aside
    return report, facts


def refunds(facts: list[NewFact]) -> list[tuple[str | None, list[list[object]], int | None]]:
    return [(f.subject, f.body["lines"], f.amount) for f in facts if f.kind == order_refunded.CODE]


def test_a_return_goes_to_the_latest_earlier_purchase_with_enough_left(tmp_path: Path) -> None:
    report, facts = read(
        tmp_path,
        [
            ("1", "T", 10, "2011-01-01T09:00", 2.0, 7.0),
            ("2", "X", 1, "2011-02-01T09:00", 5.0, 7.0),
            ("2", "T", 3, "2011-02-01T09:00", 2.0, 7.0),
            ("3", "T", 9, "2011-02-02T09:00", 2.0, 8.0),
            ("C4", "T", -2, "2011-03-01T09:00", 2.0, 7.0),
            ("C5", "T", -2, "2011-03-02T09:00", 2.0, 7.0),
            ("6", "T", 50, "2011-04-01T09:00", 2.0, 7.0),
        ],
    )
    assert refunds(facts) == [("2", [["2", 400]], 400), ("1", [["1", 400]], 400)]
    assert [f.key for f in facts if f.kind == order_refunded.CODE] == ["C4 > 2", "C5 > 1"]
    assert (report.found["return_lines"], report.found["returns_matched"], report.refunded) == (2, 2, 800)


def test_the_same_price_goes_before_a_later_date(tmp_path: Path) -> None:
    _, facts = read(
        tmp_path,
        [
            ("1", "T", 10, "2011-01-01T09:00", 2.5, 7.0),
            ("2", "T", 10, "2011-02-01T09:00", 2.0, 7.0),
            ("C3", "T", -2, "2011-03-01T09:00", 2.5, 7.0),
        ],
    )
    assert refunds(facts) == [("1", [["1", 500]], 500)]


def test_a_large_return_is_spread_over_several_purchases_and_never_exceeds_what_was_paid(tmp_path: Path) -> None:
    report, facts = read(
        tmp_path,
        [
            ("1", "T", 10, "2011-01-01T09:00", 1.0, 7.0),
            ("2", "T", 5, "2011-02-01T09:00", 2.0, 7.0),
            ("C3", "T", -12, "2011-03-01T09:00", 1.5, 7.0),
        ],
    )
    assert sorted(refunds(facts), key=str) == [("1", [["1", 1000]], 1000), ("2", [["1", 750]], 750)]
    assert report.found["refund_above_line"] == 1


def test_lines_of_one_document_about_one_order_are_one_refund(tmp_path: Path) -> None:
    _, facts = read(
        tmp_path,
        [
            ("1", "T", 10, "2011-01-01T09:00", 1.0, 7.0),
            ("1", "X", 2, "2011-01-01T09:00", 3.0, 7.0),
            ("C3", "T", -1, "2011-03-01T09:00", 1.0, 7.0),
            ("C3", "X", -2, "2011-03-01T09:00", 3.0, 7.0),
            ("C3", "T", -1, "2011-03-01T09:00", 1.0, 7.0),
        ],
    )
    assert refunds(facts) == [("1", [["1", 200], ["2", 600]], 800)]


@pytest.mark.parametrize(
    ("row", "code", "notice"),
    [
        (("C9", "T", -11.0, "2011-03-01T09:00", 1.0, 7.0), "return_unmatched", "returns_unmatched"),
        (("C9", "T", -1.0, "2010-12-01T09:00", 1.0, 7.0), "return_unmatched", "returns_unmatched"),
        (("C9", "T", -1.0, "2011-03-01T09:00", 1.0, 8.0), "return_unmatched", "returns_unmatched"),
        (("C9", "X", -1.0, "2011-03-01T09:00", 1.0, 7.0), "return_unmatched", "returns_unmatched"),
        (("C9", "T", -1.0, "2011-03-01T09:00", 1.0, None), "return_without_customer", "returns_without_customer"),
        (("A9", "B", 1.0, "2011-03-01T09:00", -99.0, None), "return_without_customer", "negative_prices"),
    ],
)
def test_what_fits_nothing_is_listed(tmp_path: Path, row: Row, code: str, notice: str) -> None:
    report, facts = read(tmp_path, [("1", "T", 10, "2011-01-01T09:00", 1.0, 7.0), row])
    assert refunds(facts) == []
    assert [(problem.row, problem.code, problem.cells[0]) for problem in report.problems] == [(2, code, row[0])]
    assert report.found[notice] == 1
    assert (report.rows_used, report.rows_refused) == (1, 1)


def test_stock_adjustments_are_no_returns(tmp_path: Path) -> None:
    report, facts = read(
        tmp_path, [("1", "T", 10, "2011-01-01T09:00", 1.0, 7.0), ("2", "T", -3, "2011-02-01T09:00", 0.0, None)]
    )
    assert (len(facts), report.problems) == (1, [])
    assert (report.found["stock_adjustments"], report.rows_set_aside) == (1, 1)


def test_a_return_that_names_its_order_needs_no_customer_and_may_come_before_the_order(tmp_path: Path) -> None:
    report, facts = read(
        tmp_path,
        [
            ("1", "T", 10, "2011-01-01T09:00", 1.0, None),
            ("1", "X", 1, "2011-01-01T09:00", 4.0, None),
            ("C2", "T", -3, "2011-02-01T09:00", 1.0, None),
            ("C3", "other", -1, "2011-02-02T09:00", 2.0, None),
            ("C4", "T", -1, "2011-02-03T09:00", 2.0, 7.0),
        ],
        ["", "", "1", "1", "elsewhere"],
    )
    assert refunds(facts) == [("1", [["1", 300]], 300), ("1", [], 200), ("elsewhere", [], 200)]
    assert not report.problems


def test_goods_that_come_back_later_under_the_orders_own_number(tmp_path: Path) -> None:
    _, facts = read(
        tmp_path,
        [
            ("1", "T", 10, "2011-01-01T09:00", 1.0, None),
            ("1", "T", -2, "2011-01-05T09:00", 1.0, None),
            ("1", "T", -1, "2011-01-09T09:00", 1.0, None),
        ],
    )
    assert [f.amount for f in facts if f.kind == order_completed.CODE] == [1000]
    assert refunds(facts) == [("1", [["1", 200]], 200), ("1", [["1", 100]], 100)]
    assert len({f.key for f in facts}) == 3


document = st.tuples(
    st.integers(0, 5),
    st.sampled_from("TX"),
    st.integers(1, 6).map(float),
    st.integers(1, 28).map(lambda day: f"2011-01-{day:02}T09:00"),
    st.sampled_from([1.0, 2.5, 0.0]),
    st.sampled_from([7.0, 8.0, None]),
)


@settings(deadline=None, database=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), document), min_size=1, max_size=25))
def test_no_line_gives_back_more_than_it_took(tmp_path: Path, told: list[tuple[bool, Row]]) -> None:
    rows: list[Row] = []
    for place, (back, (_, product, quantity, at, price, who)) in enumerate(told):
        rows.append((f"{'C' if back else ''}{place}", product, -quantity if back else quantity, at, price, who))
    report, facts = read(tmp_path, rows)
    orders = {fact.key: fact for fact in facts if fact.kind == order_completed.CODE}
    left = Counter({(key, line[0]): line[3] for key, order in orders.items() for line in order.body["lines"]})
    for fact in facts:
        if fact.kind == order_refunded.CODE:
            order = orders[fact.subject or ""]
            assert fact.identities == order.identities
            assert fact.occurred_at >= order.occurred_at
            left.subtract({(order.key, line): amount for line, amount in fact.body["lines"]})
    assert all(amount >= 0 for amount in left.values())
    found = report.found
    told_apart = found["returns_matched"] + found["returns_unmatched"] + found["returns_without_customer"]
    assert told_apart == found["return_lines"]

"""Cross-tabs: every cell counts just those whom its condition selects, whatever the picture holds."""

from datetime import date
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.core.conditions import Choice, Field, FieldType, predicate, read
from regulars.insight.compute.axes import Axis, NoSuchAxis
from regulars.insight.compute.crosstab import CrossTab, customers, table
from tests.insight.compute.sales import ids

TODAY = date(2024, 7, 1)
TIERS = tuple(Choice(code, Text(code, code)) for code in ("gold", "silver", "none"))


def field(name: str, kind: FieldType, unit: str = "", choices: tuple[Choice, ...] = ()) -> tuple[str, Field]:
    return name, Field(name, kind, unit, Text(name, name), choices)


FIELDS = dict(
    [
        field("orders", FieldType.NUMBER, "orders"), field("spent_minor", FieldType.NUMBER, "minor"),
        field("risk", FieldType.NUMBER, "share"), field("recency_days", FieldType.NUMBER, "days"),
        field("city", FieldType.TEXT), field("tier", FieldType.CHOICE, choices=TIERS),
        field("last_day", FieldType.DATE), field("member", FieldType.BOOLEAN),
        field("tags", FieldType.SET, choices=TIERS),
    ]
)  # fmt: skip
SCHEMA = pa.schema(
    {
        "customer_id": pa.int64(), "orders": pa.int64(), "spent_minor": pa.int64(), "risk": pa.float64(),
        "recency_days": pa.int64(), "city": pa.string(), "tier": pa.string(), "last_day": pa.date32(),
        "member": pa.bool_(), "tags": pa.list_(pa.string()),
    }
)  # fmt: skip
CROSSED = sorted(set(FIELDS) - {"tags"})


def rows_of(*told: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"customer_id": n, **dict.fromkeys(SCHEMA.names[1:]), **one} for n, one in enumerate(told)]


def picture(rows: list[dict[str, Any]]) -> Any:
    return ibis.memtable(pa.Table.from_pylist(rows, schema=SCHEMA))


def labels(found: CrossTab) -> list[Any]:
    return [one.value if one.kind == "value" else (one.low, one.high) if one.kind == "range" else one.kind
            for one in found.rows]  # fmt: skip


def test_by_hand() -> None:
    rows = rows_of(
        {"city": "沪", "member": True, "spent_minor": 100}, {"city": "沪", "member": True, "spent_minor": 200},
        {"city": "沪", "member": False, "spent_minor": None}, {"city": "京", "member": None, "spent_minor": 900},
    )  # fmt: skip
    found = table(picture(rows), FIELDS, Axis("city"), Axis("member"), value="spent_minor")
    assert labels(found) == ["沪", "京"]
    assert [one.value if one.kind == "value" else one.kind for one in found.columns] == [True, False, "missing"]
    assert [[cell.count for cell in line] for line in found.cells] == [[2, 1, 0], [0, 0, 1]]
    assert (found.cell(0, 0).mean, found.cell(0, 1).mean, found.cell(0, 2).mean) == (150, None, None)
    assert (found.cell(0, None).count, found.cell(None, 0).count, found.cell(None, None).count) == (3, 2, 4)
    assert found.cell(None, None).mean == 400
    assert found.share(0, 0, of="row") == pytest.approx(2 / 3)
    assert (found.share(0, 0, of="column"), found.share(0, 0, of="all")) == (1, 0.5)
    assert found.condition(0, 0) == {
        "all": [{"field": "city", "op": "eq", "value": "沪"}, {"field": "member", "op": "is", "value": True}]
    }
    assert found.condition(None, 2) == {"field": "member", "op": "missing"}
    assert ids(customers(picture(rows), found.tree(0, 0), TODAY)) == {0, 1}


def test_few_numbers_are_a_row_each() -> None:
    found = table(picture(rows_of(*({"orders": n % 3} for n in range(9)))), FIELDS, Axis("orders"))
    assert labels(found) == [0, 1, 2]
    assert [one.kind for one in found.columns] == ["all"]


def test_boundaries_are_round_and_stated() -> None:
    rows = rows_of(*({"spent_minor": n * 137} for n in range(1, 1001)))
    found = table(picture(rows), FIELDS, Axis("spent_minor"))
    assert labels(found) == [(None, 30000), (30000, 50000), (50000, 80000), (80000, 100000), (100000, None)]
    assert found.condition(1, None) == {
        "all": [
            {"field": "spent_minor", "op": "ge", "value": 30000},
            {"field": "spent_minor", "op": "lt", "value": 50000},
        ]
    }


def test_days_are_cut_as_a_calendar_does() -> None:
    found = table(picture(rows_of(*({"recency_days": n} for n in range(1, 401)))), FIELDS, Axis("recency_days"))
    assert labels(found) == [(None, 90), (90, 180), (180, 270), (270, 365), (365, None)]


def test_shares_keep_their_exact_boundaries() -> None:
    found = table(picture(rows_of(*({"risk": n / 1000} for n in range(1000)))), FIELDS, Axis("risk"))
    assert labels(found) == [(None, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, None)]


def test_quantiles_keep_equal_values_together() -> None:
    values = [1] * 50 + [2] * 10 + [3] * 20 + [4] * 20
    found = table(picture(rows_of(*({"orders": n} for n in values))), FIELDS, Axis("orders", "quantiles", 4))
    # ceil(4 × the share up to and with the value): 1 → 2, 2 → 3, 3 → 4, 4 → 4.
    assert labels(found) == [(None, 2), (2, 3), (3, None)]
    assert [line[0].count for line in found.cells] == [50, 10, 40]


def test_boundaries_as_told() -> None:
    rows = rows_of(*({"orders": n} for n in range(10)), {})
    found = table(picture(rows), FIELDS, Axis("orders", (2, 5)))
    assert labels(found) == [(None, 2), (2, 5), (5, None), "missing"]
    assert [line[0].count for line in found.cells] == [2, 3, 5, 1]


def test_days_fall_into_months_or_longer() -> None:
    rows = rows_of(*({"last_day": date(2024, 1 + n % 3, 15)} for n in range(6)))
    found = table(picture(rows), FIELDS, Axis("last_day"))
    assert labels(found) == [(None, date(2024, 2, 1)), (date(2024, 2, 1), date(2024, 3, 1)), (date(2024, 3, 1), None)]
    years = rows_of(*({"last_day": date(2016 + n, 5, 5)} for n in range(9)))
    assert [line[0].count for line in table(picture(years), FIELDS, Axis("last_day")).cells] == [1] * 9


def test_rare_words_are_the_others_and_choices_keep_their_order() -> None:
    rows = rows_of(*({"city": f"city {n}", "tier": "none" if n % 2 else "gold"} for n in range(30)), {"city": ""})
    found = table(picture(rows), FIELDS, Axis("city"), Axis("tier"))
    assert labels(found)[-1] == "others"
    assert found.cell(len(found.rows) - 1, None).count == 30 - 12 + 1
    assert [one.value for one in found.columns[:2]] == ["gold", "none"]


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "orders": st.none() | st.integers(0, 40), "spent_minor": st.none() | st.integers(-500, 10**9),
            "risk": st.none() | st.floats(0, 1) | st.just(float("nan")),
            "recency_days": st.none() | st.integers(1, 5000),
            "city": st.none() | st.sampled_from(["", "沪", "a\nb", "京"]),
            "tier": st.none() | st.sampled_from(["gold", "silver", "none", "gone"]),
            "last_day": st.none() | st.dates(date(2010, 1, 1), date(2024, 6, 30)), "member": st.none() | st.booleans(),
            "tags": st.none(),
        }
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(ROWS, st.sampled_from(CROSSED), st.none() | st.sampled_from(CROSSED), st.sampled_from(["round", "quantiles"]))
def test_every_cell_is_what_its_condition_selects(
    told: list[dict[str, Any]], row: str, column: str | None, cut: Any
) -> None:
    rows = rows_of(*told)
    found = table(picture(rows), FIELDS, Axis(row, cut), column and Axis(column), value="spent_minor")  # type: ignore[arg-type]
    assert sum(cell.count for line in found.cells for cell in line) == len(rows)
    for at, line in enumerate(found.cells):
        for to, cell in enumerate(line):
            chosen = predicate(read(found.condition(at, to), FIELDS), day=TODAY)
            behind = [one for one in rows if chosen(one)]
            known = [one["spent_minor"] for one in behind if one["spent_minor"] is not None]
            assert (cell.count, cell.valued, cell.value_sum) == (len(behind), len(known), sum(known))


@pytest.mark.parametrize("name", ["tags", "nonsense"])
def test_what_cannot_be_an_axis(name: str) -> None:
    with pytest.raises(NoSuchAxis):
        table(picture([]), FIELDS, Axis(name))


def test_a_mean_needs_a_number() -> None:
    with pytest.raises(NoSuchAxis):
        table(picture([]), FIELDS, Axis("orders"), value="city")


def test_an_empty_picture_has_no_rows() -> None:
    assert all(table(picture([]), FIELDS, Axis(name)).rows == () for name in CROSSED)

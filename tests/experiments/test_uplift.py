"""What a report says, and when it says nothing."""

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from regulars.experiments import uplift
from regulars.experiments.arithmetic import arithmetic
from regulars.experiments.formulas import as_cells, evaluate
from regulars.experiments.sums import Sums
from regulars.experiments.uplift import Costs, Report, report
from tests.experiments.worlds import shop

TENTH = Decimal(10)


def told(sums: Sums, **options: object) -> Report:
    return report(sums, share_percent=options.pop("share_percent", TENTH), **options)  # type: ignore[arg-type]


def test_money() -> None:
    found = told(shop(30_000, lift=1.4), costs=Costs(coupons_minor=50_000, messages_minor=3_000, discounts_minor=9_999))
    assert found.verdict.code == "earned"
    gain = found.gain
    assert gain.incremental.point == pytest.approx(found.revenue.difference.point * found.treated)
    assert gain.net_minor == pytest.approx(gain.incremental.point - 53_000, abs=1), (
        "discounts are in net revenue already"
    )
    assert gain.low_minor == pytest.approx(found.revenue.difference.low * found.treated - 53_000, abs=1)
    assert found.conversion.difference.is_effect
    assert found.conversion.treated == pytest.approx(found.conversion.held_out + found.conversion.difference.point)
    assert found.revenue.less > 0.1, "the past tells of the window"


def test_what_it_costs_can_turn_it_around() -> None:
    sums = shop(30_000, lift=1.4)
    assert told(sums, costs=Costs(coupons_minor=10**10)).verdict.code == "lost"


def test_it_cannot_tell_yet() -> None:
    found = told(shop(3_000, lift=1.05))
    assert found.verdict.code == "cannot_tell"
    assert found.smallest_minor == pytest.approx(2.8016 * found.revenue.error, rel=1e-3)
    numbers = found.verdict.numbers
    assert numbers["low_minor"] < 0 < numbers["high_minor"]
    assert found.needed is None or found.needed > 3_000


def test_too_few() -> None:
    found = told(shop(250, lift=1.4, rate=0.2))
    assert found.verdict.code == "too_few"
    assert np.isfinite(found.revenue.difference.low), "the figures are there for who wants them"


def test_no_verdict_before_the_end() -> None:
    found = told(shop(30_000, lift=1.4), is_over=False, ends=date(2026, 5, 31))
    assert found.verdict.code == "running"
    assert "2026-05-31" in found.verdict.words.said("zh", **found.verdict.numbers)


def test_no_verdict_on_uneven_arms() -> None:
    found = told(shop(30_000, lift=1.4), share_percent=Decimal(20))
    assert found.verdict.code == "uneven"
    assert found.ratio.alarms


def test_nobody_held_out_and_nobody_at_all() -> None:
    nobody = shop(2_000, share=0.0)
    assert told(nobody, share_percent=Decimal(0)).verdict.code == "no_hold_out"
    assert told(Sums()).verdict.code == "nobody"


def test_held_out_customers_who_used_a_coupon_are_counted_and_stay() -> None:
    sums = shop(30_000)
    found = told(sums, used_coupon=3, reached=1)
    assert found.held_out == sums.held_out.customers
    assert found.contamination.code == "touched"
    assert "3" in found.contamination.words.said("en", **found.contamination.numbers)


@pytest.mark.parametrize("sums", [shop(30_000, lift=1.4), shop(2_000, share=0.0), Sums(), shop(3_000)])
def test_it_can_be_kept(sums: Sums) -> None:
    found = told(sums, costs=Costs(5, 6, 7))
    assert uplift.read(json.loads(json.dumps(uplift.as_json(found)))) == found


@pytest.mark.parametrize(
    "sums",
    [shop(20_000, lift=1.3), shop(3_000, rate=0.1), shop(3_000, sign=-1), shop(400, rate=0.05), shop(200, rate=0.0)],
)
def test_the_arithmetic_comes_to_the_same(sums: Sums) -> None:
    """Values of rows are computed from their formulas; they meet the report at its estimate, both ends and p."""
    found = told(sums, costs=Costs(coupons_minor=12_345, messages_minor=67))
    rows = arithmetic(sums, found)
    values = {row.name: row.value for row in rows}
    for outcome in ("conversion", "orders", "revenue"):
        wanted = getattr(found, outcome).difference
        assert values[f"{outcome}.point"] == pytest.approx(wanted.point, abs=1e-9)
        assert values[f"{outcome}.p"] == pytest.approx(wanted.p, abs=1e-4)
        if sums.held_out.buyers:
            assert values[f"{outcome}.low.z"] == pytest.approx(1.959964, abs=1e-4)
            assert values[f"{outcome}.high.z"] == pytest.approx(-1.959964, abs=1e-4)
    assert values["net.point"] == pytest.approx(found.gain.net_minor, abs=1)
    assert values["net.low"] == pytest.approx(found.gain.low_minor, abs=1)
    assert all(row.label.zh and row.label.en for row in rows)
    assert len(values) == len(rows)


def test_rows_become_cells() -> None:
    sums = shop(3_000)
    rows = arithmetic(sums, told(sums))
    cells = as_cells(rows, column="D", first=2)
    places = {row.name: f"D{2 + number}" for number, row in enumerate(rows)}
    assert cells[-1] == f"={places['incremental.high']}-{places['costs.coupons']}-{places['costs.messages']}"
    assert cells[0] == ""


def test_formulas_hold_nothing_but_arithmetic() -> None:
    assert evaluate("MAX(a.b^2-1,0)/2", {"a.b": 3.0}) == 4.0
    with pytest.raises(ValueError):
        evaluate("'a'", {})
    with pytest.raises(KeyError):
        evaluate("open(1)", {})

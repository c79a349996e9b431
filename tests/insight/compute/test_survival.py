"""How long customers stay: against lifelines, by hand, and where nothing can be said."""

from datetime import date, timedelta

import ibis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from regulars.insight.compute.survival import FEWEST, curves, kaplan_meier, shop_limit_days, table
from tests.insight.compute.sales import shop

TODAY = date(2024, 7, 1)
seen = st.tuples(st.integers(1, 40), st.booleans(), st.integers(1, 5))


@settings(max_examples=25, deadline=None)
@given(st.lists(seen, min_size=1, max_size=30))
def test_the_estimate_is_that_of_lifelines(rows: list[tuple[int, bool, int]]) -> None:
    duration, gone, weight = (np.array(column) for column in zip(*rows, strict=True))
    oracle = KaplanMeierFitter().fit(np.repeat(duration, weight), np.repeat(gone, weight))
    ends = oracle.confidence_interval_
    for step in kaplan_meier(duration, gone, weight):
        assert step.share == pytest.approx(oracle.survival_function_["KM_estimate"][step.day], abs=1e-12)
        if step.share > 1e-12:
            assert [step.low, step.high] == pytest.approx(ends.loc[step.day].tolist(), abs=1e-9)
        else:
            assert (step.share, step.low) == (0, 0)
            assert 0 < step.high <= 1


def test_the_median_and_its_ends_are_those_of_lifelines() -> None:
    rng = np.random.default_rng(5)
    life, watched = rng.exponential(60, 400).astype(int) + 1, rng.integers(30, 200, 400)
    duration, gone = np.minimum(life, watched), life <= watched
    oracle = KaplanMeierFitter().fit(duration, gone)
    [curve] = table(
        [{"part": 0, "duration": int(d), "gone": bool(g), "customers": 1} for d, g in zip(duration, gone, strict=True)]
    )
    ends = median_survival_times(oracle.confidence_interval_).to_numpy()[0]
    assert curve.median_days == oracle.median_survival_time_
    assert [curve.median_low_days, curve.median_high_days] == ends.tolist()
    assert curve.share_at(50) == pytest.approx(oracle.predict(50))
    assert curve.share_at(1000) is None


def test_by_hand() -> None:
    """With a limit of 10 days as of 1 July: 1 bought on 1 June only and left after 11 silent days; 2 left on 21 June,
    11 days after 10 June, the visit on 25 June being a comeback; 3 is silent for just 10 days and stays."""
    told = shop([(1, "2024-06-01"), (2, "2024-06-05"), (2, "2024-06-10"), (2, "2024-06-25"), (3, "2024-06-21")])
    found = curves(told, TODAY, limit_days=10)
    [curve] = found.curves
    assert [(step.day, step.at_risk, step.left) for step in curve.steps] == [(11, 2, 1), (16, 1, 1)]
    assert (curve.customers, curve.left, curve.median_days, curve.last_day) == (3, 2, 11, 16)
    assert found.verdict.code == "ok"
    assert "10" in found.verdict.words.said("zh", **found.verdict.numbers)


def test_the_limit_is_what_nine_of_ten_never_exceeded() -> None:
    assert shop_limit_days([{"silence": days, "customers": 1} for days in range(1, 41)]) == (36, 40)
    assert shop_limit_days([{"silence": 7, "customers": FEWEST - 1}]) == (None, FEWEST - 1)
    assert shop_limit_days([{"silence": 7, "customers": FEWEST}]) == (7, FEWEST)


def test_the_limit_comes_from_each_customers_longest_silence() -> None:
    """Forty who come every week, and once after a month: the month is what they may be silent for."""
    start = date(2024, 1, 1)
    visits = [0, 7, 14, 44, 51]
    told = shop((who, (start + timedelta(days=after)).isoformat()) for who in range(40) for after in visits)
    found = curves(told, TODAY)
    assert found.limit_days == 30
    assert [step.day for step in found.curves[0].steps] == [51 + 30 + 1]


def test_parts_are_those_of_the_first_purchase() -> None:
    told = shop(
        [
            (1, "2024-01-05", 1, "online", None, 9), (1, "2024-01-05", 1, "store", 1, 18),
            (2, "2024-02-01", 1, "store", 1), (2, "2024-02-03", 1, "online", None),
            (3, "2024-02-02", 1, "store", 2),
        ]
    )  # fmt: skip
    by_channel = curves(told, TODAY, "channel", limit_days=30).curves
    assert [(one.part, one.customers) for one in by_channel] == [("online", 1), ("store", 2)]
    by_store = curves(told, TODAY, "store", limit_days=30).curves
    assert [(one.part, one.customers) for one in by_store] == [(1, 1), (2, 1), (None, 1)]
    by_cohort = curves(told, TODAY, "cohort", limit_days=30).curves
    assert [one.part for one in by_cohort] == [date(2024, 1, 1), date(2024, 2, 1)]


@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 170)), min_size=1, max_size=30), st.integers(3, 40))
def test_leaving_is_known_for_good(told: list[tuple[int, int]], limit: int) -> None:
    """Who had left a month ago left on the same day as seen now: later facts change nothing about it."""
    sales = [(who, (date(2024, 1, 1) + timedelta(days=after)).isoformat()) for who, after in told]
    alone = ibis.memtable({"customer_id": list(range(6)), "part": list(range(6))})
    then, now = (
        {one.part: one for one in curves(shop(sales), day, alone, limit_days=limit).curves}
        for day in (date(2024, 4, 1), TODAY)
    )
    for who, curve in then.items():
        if curve.left:
            assert now[who].steps == curve.steps


@pytest.mark.parametrize(
    ("sales", "limit", "code"),
    [
        ([], None, "no_rhythm"),
        ([(1, "2024-01-01")], None, "no_rhythm"),
        ([], 30, "no_purchases"),
        ([(1, "2024-06-30")], 30, "nobody_left"),
        ([(n, "2024-01-01") for n in range(3)], 30, "ok"),
    ],
)
def test_little_to_see_is_said_in_words(sales: list[tuple[object, ...]], limit: int | None, code: str) -> None:
    found = curves(shop(sales), TODAY, limit_days=limit)
    assert found.verdict.code == code
    assert found.verdict.words.said("en", **found.verdict.numbers)

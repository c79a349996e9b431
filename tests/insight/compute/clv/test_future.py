"""Purchases to come: the distribution, its mean, and the ranges of orders and money."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from regulars.insight.compute.clv.bg_nbd import BG_NBD
from regulars.insight.compute.clv.dropout import DropoutModel, Parameters
from regulars.insight.compute.clv.future import expected_since_start
from regulars.insight.compute.clv.histories import Histories
from regulars.insight.compute.clv.mbg_nbd import MBG_NBD
from regulars.insight.compute.clv.outlook import chance_of, outlook
from regulars.insight.compute.clv.own_rate import OWN_RATE, own_rate
from regulars.insight.compute.clv.summary import summaries
from tests.insight.compute.clv.process import CDNOW, CDNOW_MONEY, on, simulate

BUSY = Parameters(1.0, 8.0, 0.8, 5.0)
parameters = st.builds(Parameters, st.floats(0.1, 5), st.floats(1, 20), st.floats(0.1, 5), st.floats(0.5, 10))
models = st.sampled_from([BG_NBD, MBG_NBD])


@st.composite
def histories(draw: st.DrawFn) -> Histories:
    x, last, silence = draw(st.integers(0, 30)), draw(st.integers(1, 400)), draw(st.integers(0, 400))
    last = last if x else 0
    return Histories.of(np.array([x]), np.array([last]), np.array([last + silence]))[0]


def repeated(one: Histories, times: int) -> Histories:
    """A row for each number of orders that is asked for."""
    x, last, age = (np.full(times, part[0]) for part in (one.repeats, one.last_days, one.age_days))
    return Histories(x, last, age, np.ones(times, dtype=int), 7)


@settings(max_examples=40, deadline=None)
@given(models, parameters, histories(), st.integers(1, 400))
def test_the_chances_add_up_and_the_mean_is_theirs(
    model: DropoutModel, told: Parameters, one: Histories, horizon: int
) -> None:
    ahead = outlook(model, told, one, horizon_days=horizon)
    enough = int(ahead.expected[0] + 1) * 40 + 400
    n = np.arange(enough)
    each = repeated(one, enough)
    chance = chance_of(model, told, each, horizon, n)
    assert chance.sum() == pytest.approx(1, abs=1e-6)
    assert chance @ n == pytest.approx(ahead.expected[0], rel=1e-5, abs=1e-5)
    assert chance[: ahead.low[0]].sum() <= 0.05 + 1e-9
    assert chance[ahead.low[0] : ahead.high[0] + 1].sum() == pytest.approx(ahead.held[0], abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(models, parameters, histories(), st.integers(1, 400))
def test_no_other_upper_end_comes_nearer_to_nine_in_ten(
    model: DropoutModel, told: Parameters, one: Histories, horizon: int
) -> None:
    ahead = outlook(model, told, one, horizon_days=horizon)
    low, high, held = int(ahead.low[0]), int(ahead.high[0]), float(ahead.held[0])
    near = np.array([end for end in (high - 1, high + 1) if end >= low])
    each = repeated(one, 2)
    above, at = chance_of(model, told, each, horizon, np.array([high + 1, high]))
    others = [held + above if end > high else held - at for end in near]
    assert all(abs(other - 0.9) >= abs(held - 0.9) - 1e-7 for other in others)


@settings(max_examples=40, deadline=None)
@given(parameters.filter(lambda told: min(abs(told.a - 1), abs(told.a + told.b - 1)) > 0.05), st.floats(0.1, 60))
def test_the_mean_of_newcomers_is_the_hypergeometric_one(told: Parameters, weeks: float) -> None:
    """Fader, Hardie & Lee 2005, equation 9, where that formula keeps its digits."""
    r, alpha, a, b = told
    printed = (
        (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + weeks)) ** r * hyp2f1(r, b, a + b - 1, weeks / (alpha + weeks)))
    )
    assert expected_since_start(BG_NBD, told, np.array([weeks]))[0] == pytest.approx(printed, rel=1e-4)


def test_a_rate_of_money_lost_with_time() -> None:
    """Discounted month by month, by hand, and by the four nodes."""
    one, _ = Histories.of(np.array([5]), np.array([200]), np.array([210]))
    ends = np.arange(0, 366)
    until = [0.0, *(outlook(BG_NBD, CDNOW, one, horizon_days=int(end)).expected[0] for end in ends[1:])]
    by_hand = float(np.diff(until) @ 1.1 ** -((ends[1:] - 0.5) / 365))
    ahead = outlook(BG_NBD, CDNOW, one, horizon_days=365, yearly_discount=0.1)
    assert ahead.discounted[0] == pytest.approx(by_hand, rel=1e-6)
    assert outlook(BG_NBD, CDNOW, one, horizon_days=365).discounted[0] == ahead.expected[0] > ahead.discounted[0]


@pytest.mark.parametrize(
    ("model", "told", "horizon"),
    [
        (BG_NBD, CDNOW, 365),
        (BG_NBD, CDNOW, 91),
        (BG_NBD, BUSY, 365),
        (MBG_NBD, Parameters(0.525, 6.18, 0.89, 1.61), 365),
    ],
)
def test_nine_in_ten_end_within_their_ranges(model: DropoutModel, told: Parameters, horizon: int) -> None:
    """On customers of the process itself: orders, money, and orders with the steps between whole numbers taken out."""
    count = 8_000
    bought = simulate(
        told, customers=count, days=364 + horizon, newcomers_until=273, first_chance=model.first_chance, seed=7
    )
    whole, _ = summaries(bought.table(), on(364), 0)
    seen, row = Histories.of(whole.repeats, whole.last_days, whole.age_days)
    ahead = outlook(model, told, seen, horizon_days=horizon, spending=CDNOW_MONEY)
    later = bought.days_with_purchase(count, 364, 364 + horizon)[whole.customer_id]
    inside = (later >= ahead.low[row]) & (later <= ahead.high[row])
    assert inside.mean() == pytest.approx(ahead.held[row].mean(), abs=0.01)
    assert 0.87 <= inside.mean() <= 0.93
    assert 0.87 <= _between(model, told, seen, row, horizon, later) <= 0.93

    after = bought.day >= 364
    spent = np.bincount(bought.customer[after], weights=bought.minor[after], minlength=count)[whole.customer_id]
    assert ahead.spent_low is not None
    assert ahead.spent_high is not None
    base = CDNOW_MONEY.v + whole.total_minor
    within = (spent >= ahead.spent_low[row] * base - 1) & (spent <= ahead.spent_high[row] * base + 1)
    assert 0.87 <= within.mean() <= 0.93


def _between(
    model: DropoutModel, told: Parameters, seen: Histories, row: np.ndarray, horizon: int, later: np.ndarray
) -> float:
    """How many lie between 5 and 95 % of their distribution, a step's height being drawn at random (Brockwell 2007)."""
    each = Histories(seen.repeats[row], seen.last_days[row], seen.age_days[row], np.ones(len(row), dtype=int), 7)
    upto = sum(
        np.where(later >= n, chance_of(model, told, each, horizon, np.full(len(row), n)), 0)
        for n in range(int(later.max()) + 1)
    )
    own = chance_of(model, told, each, horizon, later)
    place = upto - own * np.random.default_rng(1).random(len(row))
    return float(((place >= 0.05) & (place <= 0.95)).mean())


def test_the_rule_goes_on_at_the_customers_own_pace() -> None:
    seen, _ = Histories.of(np.array([0, 0, 12]), np.array([0, 0, 330]), np.array([0, 350, 350]))
    told = own_rate(seen)
    ahead = outlook(OWN_RATE, told, seen, horizon_days=365)
    assert ahead.alive.tolist() == [1, 1, 1]
    pace = (1 + seen.repeats) / (told.alpha + seen.age)
    assert ahead.expected == pytest.approx(pace * 365 / 7, rel=1e-6)
    yesterday, _ = Histories.of(np.zeros(200, dtype=int), np.zeros(200, dtype=int), np.zeros(200, dtype=int))
    assert outlook(OWN_RATE, own_rate(yesterday), yesterday, horizon_days=365).expected[0] == pytest.approx(
        0.5, rel=1e-3
    )

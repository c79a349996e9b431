"""The likelihood: its gradient, its limits, and what it does not depend on."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import beta, gamma

from regulars.insight.compute.clv import orders
from regulars.insight.compute.clv.bg_nbd import BG_NBD
from regulars.insight.compute.clv.dropout import DropoutModel, Parameters
from regulars.insight.compute.clv.histories import Histories, Ints
from regulars.insight.compute.clv.mbg_nbd import MBG_NBD
from regulars.insight.compute.clv.summary import summaries
from tests.insight.compute.clv.process import CDNOW, on, simulate

positive = st.floats(0.05, 20)
parameters = st.builds(Parameters, positive, positive, positive, positive)
models = st.sampled_from([BG_NBD, MBG_NBD])


@st.composite
def customers(draw: st.DrawFn) -> tuple[Ints, Ints, Ints]:
    rows = draw(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=20)
    )
    x = np.array([row[0] for row in rows])
    last = np.array([row[1] if row[0] else 0 for row in rows])
    return x, last, last + np.array([row[2] for row in rows])


@settings(max_examples=40, deadline=None)
@given(models, parameters, customers())
def test_the_gradient_is_the_slope(model: DropoutModel, told: Parameters, who: tuple[Ints, Ints, Ints]) -> None:
    histories, _ = Histories.of(*who)
    _, gradient = model.log_likelihood(told, histories)
    for at, size in enumerate(told):
        step = 1e-5 * size
        up, down = (
            model.log_likelihood(told._replace(**{told._fields[at]: size + sign * step}), histories)[0]
            for sign in (1, -1)
        )
        assert gradient[at] == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(models, parameters, customers())
def test_the_likelihood_as_it_is_printed(model: DropoutModel, told: Parameters, who: tuple[Ints, Ints, Ints]) -> None:
    r, alpha, a, b = told
    who = (np.minimum(who[0], 15), *who[1:])
    total = 0.0
    for x, last, age in zip(who[0], who[1] / 7, who[2] / 7, strict=True):
        c = x + model.first_chance
        alive = beta(a, b + c) / beta(a, b) * (alpha + age) ** -(r + x)
        gone = beta(a + 1, b + c - 1) / beta(a, b) * (alpha + last) ** -(r + x) if c > 0 else 0.0
        total += np.log(gamma(r + x) / gamma(r) * alpha**r * (alive + gone))
    histories, _ = Histories.of(*who)
    assert model.log_likelihood(told, histories)[0] == pytest.approx(total, rel=1e-8, abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(models, parameters, customers(), st.randoms())
def test_neither_order_nor_repetition_counts(
    model: DropoutModel, told: Parameters, who: tuple[Ints, Ints, Ints], chance: Random
) -> None:
    once, row = Histories.of(*who)
    assert all(
        (part[row] == of).all() for part, of in zip((once.repeats, once.last_days, once.age_days), who, strict=True)
    )
    places = [*range(len(who[0]))] * 3
    chance.shuffle(places)
    thrice, _ = Histories.of(*(part[places] for part in who))
    assert (thrice.count == 3 * once.count).all()
    assert model.log_likelihood(told, thrice)[0] == pytest.approx(3 * model.log_likelihood(told, once)[0])


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
def test_thousands_of_purchases_do_no_harm(model: DropoutModel) -> None:
    histories, _ = Histories.of(np.array([50_000, 3]), np.array([4_000, 20]), np.array([4_010, 4_000]))
    fit, gradient = model.log_likelihood(CDNOW, histories)
    assert np.isfinite(fit)
    assert np.isfinite(gradient).all()
    alive = model.alive(CDNOW, histories)
    assert ((alive >= 0) & (alive <= 1)).all()


def test_whether_one_time_buyers_may_be_gone() -> None:
    histories, _ = Histories.of(np.array([0, 0]), np.array([0, 0]), np.array([0, 700]))
    assert BG_NBD.alive(CDNOW, histories).tolist() == [1, 1]
    fresh, old = MBG_NBD.alive(CDNOW, histories)
    assert fresh == pytest.approx(CDNOW.b / (CDNOW.a + CDNOW.b))
    assert old < fresh


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
def test_known_parameters_are_found_again(model: DropoutModel) -> None:
    bought = simulate(CDNOW, customers=8_000, days=546, newcomers_until=364, first_chance=model.first_chance, seed=3)
    whole, _ = summaries(bought.table(), on(546), 0)
    histories, _ = Histories.of(whole.repeats, whole.last_days, whole.age_days)
    found = orders.fit(model, histories)
    away = (np.log(found.parameters) - np.log(CDNOW)) / np.sqrt(np.diag(found.covariance))
    assert np.abs(away).max() < 4


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
def test_rounded_times_only_lead_the_way(model: DropoutModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fit that begins on weeks ends where one on days alone does."""
    whole, _ = summaries(simulate(CDNOW, customers=3_000, days=546, newcomers_until=364).table(), on(546), 0)
    histories, _ = Histories.of(whole.repeats, whole.last_days, whole.age_days)
    rough = histories.coarse(7)
    assert (rough.customers, rough.purchases) == (histories.customers, histories.purchases)
    assert len(rough.repeats) < len(histories.repeats)
    alone = orders.fit(model, histories)
    monkeypatch.setattr(orders, "COARSE_ROWS", 10)
    led = orders.fit(model, histories)
    assert led.parameters == pytest.approx(alone.parameters, rel=1e-5)
    assert led.log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-6)

"""The figures that were published for the CDNOW sample, and where another sum tells the same."""

from datetime import date

import numpy as np
import pytest
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter

from regulars.insight.compute.clv import gamma_gamma, orders, value
from regulars.insight.compute.clv.bg_nbd import BG_NBD
from regulars.insight.compute.clv.dropout import DropoutModel, Parameters
from regulars.insight.compute.clv.future import groups
from regulars.insight.compute.clv.gamma_gamma import Spending, Spent
from regulars.insight.compute.clv.histories import Floats, Histories, Ints
from regulars.insight.compute.clv.mbg_nbd import MBG_NBD
from regulars.insight.compute.clv.summary import Summary, repeats_by_day, summaries
from regulars.insight.compute.clv.tracking import tracking
from tests.insight.compute.clv.cdnow import CALIBRATED, ENDS, HELD_BACK, cdnow


@pytest.fixture(scope="module")
def cut() -> Summary:
    return summaries(cdnow(), ENDS, HELD_BACK)[1]


@pytest.fixture(scope="module")
def seen(cut: Summary) -> tuple[Histories, Ints]:
    return Histories.of(cut.repeats, cut.last_days, cut.age_days)


def test_the_sample_as_it_was_counted(cut: Summary) -> None:
    assert len(cut.repeats) == 2357
    assert (cut.repeats > 0).sum() == 946
    assert cut.repeats.sum() == 2457
    assert cut.later.sum() == 1882


def test_bg_nbd_of_fader_hardie_and_lee(cut: Summary, seen: tuple[Histories, Ints]) -> None:
    found = orders.fit(BG_NBD, seen[0])
    assert np.round(found.parameters, 3).tolist() == [0.243, 4.414, 0.793, 2.426]
    assert round(found.log_likelihood, 2) == -9582.43
    assert not found.trouble
    told = orders.try_out(BG_NBD, Parameters(*found.parameters), cut, HELD_BACK, 7).figures
    assert round(told["predicted_orders"]) == 1653
    assert told["actual_orders"] == 1882
    # Over the 2,357 customers: orders expected of each in weeks 40 to 78, given their history, and orders made.
    assert round(told["correlation"], 3) == 0.626
    assert told["coverage"] == pytest.approx(0.9, abs=0.03)


def test_gamma_gamma_of_fader_and_hardie(cut: Summary) -> None:
    spent = Spent.of(cut.repeats, cut.repeat_minor / 100)
    assert spent.customers == 946
    found = gamma_gamma.fit(spent)
    assert np.round(found.parameters, 2).tolist() == [6.25, 3.74, 15.44]
    assert not found.trouble
    x, total = cut.repeats, cut.repeat_minor / 100
    some = (x > 0) & (total > 0)
    theirs = GammaGammaFitter()
    theirs.fit(x[some], total[some] / x[some])
    assert list(theirs.params_) == pytest.approx(found.parameters.tolist(), rel=1e-4)
    average = gamma_gamma.average_order(Spending(*found.parameters), x[some], total[some])
    expected = theirs.conditional_expected_average_profit(x[some], total[some] / x[some])
    assert average == pytest.approx(np.asarray(expected), rel=1e-4)


def test_the_tracking_plot_adds_up(seen: tuple[Histories, Ints]) -> None:
    came_on, came = repeats_by_day(cdnow(), ENDS, CALIBRATED)
    since = (date(1997, 1, 1) - date(1970, 1, 1)).days
    told = Parameters(0.243, 4.414, 0.793, 2.426)
    points = tracking(BG_NBD, told, seen[0], HELD_BACK, came_on - since, came)
    assert [week for week, _, _ in points] == list(range(1, 79))
    actual, predicted = [point[1] for point in points], [point[2] for point in points]
    assert actual == sorted(actual)
    assert predicted == sorted(predicted)
    assert (actual[38], actual[77]) == (2457, 2457 + 1882)
    assert predicted[38] == pytest.approx(2457, rel=0.02)
    assert predicted[77] == pytest.approx(4339, rel=0.05)


@pytest.mark.parametrize(("model", "oracle"), [(BG_NBD, BetaGeoFitter), (MBG_NBD, ModifiedBetaGeoFitter)])
def test_the_same_as_lifetimes(model: DropoutModel, oracle: type, seen: tuple[Histories, Ints]) -> None:
    histories, _ = seen
    x, last, age = histories.repeats, histories.last, histories.age
    theirs = oracle()
    theirs.fit(x, last, age, weights=histories.count)
    found = orders.fit(model, histories)
    told = Parameters(*found.parameters)
    at_theirs = Parameters(**{name: float(theirs.params_[name]) for name in ("r", "alpha", "a", "b")})
    assert list(told) == pytest.approx(list(at_theirs), rel=1e-3)
    assert found.log_likelihood >= model.log_likelihood(at_theirs, histories)[0]
    assert found.log_likelihood == pytest.approx(model.log_likelihood(at_theirs, histories)[0], abs=1e-3)
    alive = model.alive(at_theirs, histories)
    assert alive == pytest.approx(np.asarray(theirs.conditional_probability_alive(x, last, age)), abs=1e-9)
    expected: Floats = np.zeros(len(x))
    for group in groups(model, at_theirs, histories, HELD_BACK):
        expected[group.rows] = group.beyond.sum(axis=1)[group.line]
    oracles = theirs.conditional_expected_number_of_purchases_up_to_time(HELD_BACK / 7, x, last, age)
    assert alive * expected == pytest.approx(np.asarray(oracles), rel=1e-6)


def test_the_whole_of_it_on_the_whole_sample() -> None:
    told, cards = value(cdnow(), ENDS)
    assert told.num_rows == 2357
    assert [card.model for card in cards if card.verdict.serves] == ["mbg_nbd", "gamma_gamma"]
    for card in cards[:2]:
        assert card.backtest["log_score"] > card.backtest["baseline_log_score"]
        assert card.backtest["coverage"] == pytest.approx(0.9, abs=0.03)
        assert sum(one.count for one in card.calibration) == 2357
        assert card.tracking[-1][1] == 4339

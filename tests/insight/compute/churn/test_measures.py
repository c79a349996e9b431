"""How well a risk agrees with what happened."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as peer_log_loss

from regulars.insight.compute.cards import Bin
from regulars.insight.compute.churn import measures
from regulars.insight.compute.churn.threshold import Costs, pays_from, use

CHANCE = np.random.default_rng(3)
RISK = np.round(CHANCE.uniform(0.05, 0.95, 2_000), 2)  # rounded, so that there are ties
LOST = CHANCE.random(2_000) < RISK


def test_they_agree_with_scikit_learn() -> None:
    assert measures.auc(LOST, RISK) == pytest.approx(roc_auc_score(LOST, RISK), abs=1e-12)
    assert measures.brier(LOST, RISK) == pytest.approx(brier_score_loss(LOST, RISK), abs=1e-12)
    assert measures.log_loss(LOST, RISK) == pytest.approx(peer_log_loss(LOST, RISK), abs=1e-12)


def test_an_honest_risk_has_a_small_calibration_error_and_a_boastful_one_a_large() -> None:
    boastful = np.where(RISK > 0.5, 0.99, 0.01)
    assert measures.calibration_error(measures.bins(LOST, RISK)) < 0.05
    assert measures.calibration_error(measures.bins(LOST, boastful)) > 0.2


def test_the_curve_has_ten_bins_that_hold_everybody_and_equal_risks_share_one() -> None:
    curve = measures.bins(LOST, RISK)
    assert len(curve) == 10
    assert sum(bin.count for bin in curve) == len(LOST)
    assert measures.bins(LOST, np.full(len(LOST), 0.5)) == (Bin(2_000, 0.5, float(LOST.mean())),)


def test_lift_of_the_riskiest_tenth_by_hand() -> None:
    lost = np.array([True, True] + [False] * 8 + [True, False] * 5)
    first_two = np.array([0.9, 0.8] + [0.1] * 18)
    # Two of twenty are a tenth; both left, seven of twenty did.
    assert measures.top_decile_lift(lost, first_two) == pytest.approx(1 / (7 / 20))
    assert measures.top_decile_lift(lost, np.full(20, 0.3)) == pytest.approx(1.0)


def test_the_order_of_ties_makes_no_difference() -> None:
    turned = np.argsort(CHANCE.random(len(LOST)))
    for measure in (measures.auc, measures.top_decile_lift):
        assert measure(LOST[turned], RISK[turned]) == pytest.approx(measure(LOST, RISK), abs=1e-12)


@pytest.mark.parametrize("lost", [np.ones(5, dtype=bool), np.zeros(5, dtype=bool), np.zeros(0, dtype=bool)])
def test_no_measure_is_ever_nan(lost: np.ndarray) -> None:
    told = measures.figures(lost, np.full(len(lost), 1.0), np.zeros(len(lost), dtype=np.int64))
    assert all(np.isfinite(value) for value in told.values()), told


def test_a_contact_pays_from_its_cost_over_what_it_wins() -> None:
    assert pays_from(Costs(contact_minor=500, success_rate=0.1), value_minor=20_000) == pytest.approx(0.25)
    assert pays_from(Costs(contact_minor=500, success_rate=0.1), value_minor=0) == 1.0
    gained = use(np.array([True, False]), np.array([0.9, 0.1]), Costs(500, 0.1), 20_000)
    assert gained == {
        "threshold": 0.25,
        "contacted_share": 0.5,
        "gain_minor_each": (2_000 - 500) / 2,
        "gain_all_contacted_minor_each": (2_000 - 1_000) / 2,
    }

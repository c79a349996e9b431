"""Power before launch, the sample-ratio check, campaigns together, and A/A."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from regulars.experiments.aa import split
from regulars.experiments.pooled import Measured, between_campaigns, contradiction, measured_of, pool
from regulars.experiments.power import before_launch, customers_for, smallest_effect
from regulars.experiments.ratio import check, contamination
from regulars.experiments.uplift import Costs, report
from tests.experiments.worlds import shop


def test_the_smallest_effect_is_seen_four_times_in_five() -> None:
    found = before_launch(customers=10_000, share_percent=Decimal(10), mean_minor=2_000, sd_minor=6_000, conversion=0.2)
    error = 6_000 * (1 / 9_000 + 1 / 1_000) ** 0.5
    seen = 1 - stats.norm.cdf(stats.norm.ppf(0.975) - found.smallest_minor / error)
    assert seen == pytest.approx(0.8)
    assert found.smallest_share == pytest.approx(found.smallest_minor / 2_000)
    assert found.smallest_conversion == pytest.approx(2.80159 * (0.16 * (1 / 9_000 + 1 / 1_000)) ** 0.5, rel=1e-4)
    assert found.held_out == 1_000
    assert found.verdict.code == "sees"
    assert "1000" in found.verdict.words.said("zh", **found.verdict.numbers)


@pytest.mark.parametrize(("customers", "conversion", "share"), [(250, 0.5, 10), (5_000, 0.005, 10), (5_000, 0.2, 0)])
def test_too_few_before_launch(customers: int, conversion: float, share: int) -> None:
    found = before_launch(
        customers=customers, share_percent=Decimal(share), mean_minor=0, sd_minor=10, conversion=conversion
    )
    assert found.verdict.code == "too_few"
    assert found.smallest_share is None


def test_a_quarter_of_the_effect_takes_sixteen_times_the_customers() -> None:
    assert customers_for(effect=smallest_effect(3.0), customers=1_000, standard_error=3.0) == 1_000
    assert customers_for(effect=-smallest_effect(3.0) / 4, customers=1_000, standard_error=3.0) in (16_000, 16_001)
    assert customers_for(effect=0.0, customers=1_000, standard_error=3.0) is None


@given(st.integers(0, 400), st.integers(1, 400), st.integers(1, 5_000))
def test_the_ratio_is_an_exact_binomial_test(held_out: int, treated: int, points: int) -> None:
    n, share = held_out + treated, points / 10_000
    tails = stats.binom.cdf(held_out, n, share), stats.binom.sf(held_out - 1, n, share)
    found = check(treated=treated, held_out=held_out, share_percent=Decimal(points) / 100)
    assert found.p == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-6, abs=1e-12)
    assert found.alarms == (found.verdict.code == "uneven")


def test_ratios_of_a_million() -> None:
    assert not check(treated=900_300, held_out=99_700, share_percent=Decimal(10)).alarms
    assert check(treated=901_200, held_out=98_800, share_percent=Decimal(10)).alarms
    assert check(treated=5, held_out=1, share_percent=Decimal(0)).alarms


def test_contamination() -> None:
    assert contamination(held_out=10, used_coupon=0, reached=0).code == "clean"
    assert contamination(held_out=10, used_coupon=0, reached=1).code == "touched"


def test_campaigns_of_one_accuracy_by_hand() -> None:
    """With equal errors Paule and Mandel's τ² is the variance of the estimates less that of one."""
    points, error = [10.0, 30.0, 5.0, 45.0], 6.0
    found = pool([Measured(number, point, error) for number, point in enumerate(points)])
    assert found.method == "random"
    assert found.between**2 == pytest.approx(np.var(points, ddof=1) - error**2)
    t = stats.ttest_1samp(points, 0.0)
    assert found.mean.point == pytest.approx(np.mean(points))
    assert found.mean.p == pytest.approx(t.pvalue)
    assert (found.mean.low, found.mean.high) == pytest.approx(t.confidence_interval(0.95))
    assert found.weights == pytest.approx(dict.fromkeys(range(4), 0.25))


def test_campaigns_that_agree_are_never_surer_than_their_errors() -> None:
    found = pool([Measured(number, 10.0 + number / 100, 4.0) for number in range(5)])
    assert found.between == 0.0
    assert found.mean.high - found.mean.point == pytest.approx(stats.t.ppf(0.975, 4) * 4.0 / 5**0.5)


def test_one_or_two_campaigns_say_so() -> None:
    one = pool([Measured(1, 10.0, 4.0)])
    assert (one.method, one.verdict.code) == ("one", "earned")
    two = pool([Measured(1, 10.0, 4.0), Measured(2, 12.0, 3.0)])
    assert (two.method, two.between) == ("fixed", 0.0)
    assert "few" in two.assumes.en
    assert two.mean.point == pytest.approx((10 / 16 + 12 / 9) / (1 / 16 + 1 / 9))
    assert pool([Measured(1, 10.0, 1.0), Measured(2, 90.0, 1.0)]).verdict.code == "cannot_tell", "they contradict"
    assert pool([]).method == "none"
    assert pool([Measured(1, 0.0, float("inf"))]).verdict.code == "none"


def test_contradiction_is_cochrans() -> None:
    points, errors = np.array([1.0, 4.0, 2.0]), np.array([1.0, 0.5, 2.0])
    q, p = contradiction(points, errors)
    mean = np.average(points, weights=1 / errors**2)
    assert q == pytest.approx((((points - mean) / errors) ** 2).sum())
    assert p == pytest.approx(stats.chi2.sf(q, 2))
    assert between_campaigns(points, errors * 100) == 0.0


def test_small_shops_together_see_what_none_sees_alone() -> None:
    reports = [
        report(shop(900, lift=1.5, seed=seed), share_percent=Decimal(10), costs=Costs(900)) for seed in range(30, 38)
    ]
    assert sum(one.verdict.code == "earned" for one in reports) <= 5
    found = pool([measured_of(number, one) for number, one in enumerate(reports)])
    assert found.verdict.code == "earned"
    one = measured_of(7, reports[0])
    assert one.point == pytest.approx(reports[0].revenue.difference.point - 900 / reports[0].treated)


def test_nobody_treated_nothing_found() -> None:
    lots = np.random.default_rng(3)
    own = lots.gamma(0.8, 1.0, 1_200)
    orders, before = lots.poisson(own), lots.poisson(own)
    amounts = lots.lognormal(8, 0.7, 1_200)
    found = split(
        orders=orders, revenue_minor=(orders * amounts).astype(np.int64), orders_before=before,
        revenue_before_minor=(before * amounts).astype(np.int64), share=0.1, splits=1_500, seed=4,
    )  # fmt: skip
    for rate in found.called.values():
        assert rate.of == 1_500
        assert 0.03 < (rate.share or 0) < 0.07
    assert "1500" in found.verdict.words.said("en", **found.verdict.numbers)

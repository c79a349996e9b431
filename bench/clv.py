"""A million customers of a known process: fits beside `lifetimes` on the same data, value and ranges, what they cover.

The fits are timed from the same arrays (x, t_x, T) of all customers to the parameters; the log-likelihood of either
side's parameters is told by our own sum over all customers. `lifetimes` 0.11.3 runs as it is: only its data sets need
a module that is gone, and they are not used.
"""

import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

CUSTOMERS = int(os.environ.get("BENCH_CLV_CUSTOMERS", "1000000"))
WINDOW, HORIZON = 546, 365


def main() -> None:
    """Measure, and print one line of JSON."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    warnings.simplefilter("ignore")
    print(json.dumps({"bench": "clv", "customers": CUSTOMERS, **published(), **million()}))


def timed(done: Callable[[], Any], label: str) -> tuple[Any, float]:
    """What it gives and the seconds it took."""
    begun = time.perf_counter()
    found = done()
    seconds = time.perf_counter() - begun
    print(f"{label:<28}{seconds:8.2f} s", file=sys.stderr)
    return found, seconds


def published() -> dict[str, Any]:
    """What is published of the CDNOW sample, as we find it."""
    from regulars.insight.compute.clv import gamma_gamma, orders, spending
    from regulars.insight.compute.clv.bg_nbd import BG_NBD
    from regulars.insight.compute.clv.dropout import Parameters
    from regulars.insight.compute.clv.histories import Histories
    from regulars.insight.compute.clv.summary import summaries
    from tests.insight.compute.clv.cdnow import ENDS, HELD_BACK, cdnow

    _, cut = summaries(cdnow(), ENDS, HELD_BACK)
    histories, _ = Histories.of(cut.repeats, cut.last_days, cut.age_days)
    found = orders.fit(BG_NBD, histories)
    told = orders.try_out(BG_NBD, Parameters(*found.parameters), cut, HELD_BACK, 7).figures
    spent = gamma_gamma.Spent.of(cut.repeats, cut.repeat_minor.astype(float))
    money = gamma_gamma.fit(spent)
    assert spending.settled(gamma_gamma.Spending(*money.parameters), spent)
    return {
        "cdnow_r_alpha_a_b": [round(one, 3) for one in found.parameters.tolist()],
        "cdnow_log_likelihood": round(found.log_likelihood, 2),
        "cdnow_forecast": round(told["predicted_orders"]),
        "cdnow_actual": round(told["actual_orders"]),
        "cdnow_correlation": round(told["correlation"], 3),
        "cdnow_coverage": round(told["coverage"], 4),
        "cdnow_p_q_v": [
            round(money.parameters[0], 2),
            round(money.parameters[1], 2),
            round(money.parameters[2] / 100, 2),
        ],
        "cdnow_repeaters": spent.customers,
    }


def million() -> dict[str, Any]:
    """Fit, value, ranges and coverage of many synthetic customers."""
    from regulars.insight.compute.clv import orders, spending, value
    from regulars.insight.compute.clv.bg_nbd import BG_NBD
    from regulars.insight.compute.clv.dropout import Parameters
    from regulars.insight.compute.clv.histories import Histories
    from regulars.insight.compute.clv.summary import summaries
    from regulars.insight.compute.clv.value import told_of
    from tests.insight.compute.clv.process import CDNOW, on, simulate

    bought = simulate(CDNOW, customers=CUSTOMERS, days=WINDOW + HORIZON, newcomers_until=WINDOW)
    table, day = bought.table(), on(WINDOW)
    (whole, cut), summed = timed(lambda: summaries(table, day, 182), "summaries")
    (histories, row), grouped = timed(lambda: Histories.of(whole.repeats, whole.last_days, whole.age_days), "histories")
    found, fitted = timed(lambda: orders.fit(BG_NBD, histories), "fit")
    money, learned = timed(lambda: spending.learn(whole, cut, 182), "money")
    told = Parameters(*found.parameters)
    rows, valued = timed(lambda: told_of(whole, histories, row, BG_NBD, told, money), "value and ranges")
    later = bought.days_with_purchase(CUSTOMERS, WINDOW, WINDOW + HORIZON)[rows.column("customer_id").to_numpy()]
    low, high = (rows.column(f"expected_orders_{end}").to_numpy() for end in ("low", "high"))
    _, whole_seconds = timed(lambda: value(table, day), "everything from purchases")
    theirs = lifetimes_fit(whole)
    return {
        "purchases": len(bought.day),
        "histories": len(histories.repeats),
        "summary_seconds": round(summed, 2),
        "fit_seconds": round(grouped + fitted, 2),
        "fit_log_likelihood": round(found.log_likelihood, 2),
        "lifetimes_seconds": round(theirs["seconds"], 1),
        "lifetimes_log_likelihood": round(BG_NBD.log_likelihood(Parameters(**theirs["told"]), histories)[0], 2),
        "times_faster": round(theirs["seconds"] / (grouped + fitted), 1),
        "money_seconds": round(learned, 2),
        "clv_seconds": round(grouped + valued, 2),
        "clv_with_fits_seconds": round(grouped + fitted + learned + valued, 2),
        "from_purchases_seconds": round(whole_seconds, 1),
        "coverage_of_90_percent_ranges": round(float(((later >= low) & (later <= high)).mean()), 4),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def lifetimes_fit(whole: Any) -> dict[str, Any]:
    """The same fit by `lifetimes`, on all customers."""
    from lifetimes import BetaGeoFitter

    fitter = BetaGeoFitter()
    fit = lambda: fitter.fit(whole.repeats, whole.last_days / 7, whole.age_days / 7)  # noqa: E731
    _, seconds = timed(fit, "lifetimes")
    return {"seconds": seconds, "told": {name: float(fitter.params_[name]) for name in ("r", "alpha", "a", "b")}}


if __name__ == "__main__":
    main()

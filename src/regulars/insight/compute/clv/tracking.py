"""The tracking plot: repeat purchases of the calibrated customers added up by week, as they came and as expected."""

import numpy as np

from regulars.insight.compute.clv.dropout import DropoutModel, Parameters
from regulars.insight.compute.clv.future import expected_since_start
from regulars.insight.compute.clv.histories import Histories, Ints

Point = tuple[int, float, float]


def tracking(
    model: DropoutModel, told: Parameters, histories: Histories, held_back: int, came_on: Ints, came: Ints
) -> tuple[Point, ...]:
    """Points (week, actual, predicted) from the first purchase to the end of the held-back time.

    The prediction uses no customer's history, only when each first came: Σ E[X(t - start)] as in figure 1 of Fader,
    Hardie & Lee 2005.

    Args:
        model: With its parameters, fitted before the held-back time.
        told: The parameters.
        histories: Of the customers known before the held-back time.
        held_back: Its days.
        came_on: Days from the first purchase of all, rising.
        came: Repeat purchases on each.
    """
    if not len(histories.age_days):
        return ()
    longest = int(histories.age_days.max())
    starts = longest - histories.age_days
    newcomers = np.bincount(starts, weights=histories.count, minlength=longest + 1)
    days = longest + held_back
    expected = expected_since_start(model, told, np.arange(days + 1) / histories.unit_days)
    points = []
    for week in range(1, (days + 7) // 7 + 1):
        end = min(7 * week - 1, days)
        begun = newcomers[: end + 1]
        predicted = float(begun @ expected[end - np.arange(len(begun))])
        actual = float(came[came_on <= end].sum())
        points.append((week, actual, round(predicted, 3)))
    return tuple(points)

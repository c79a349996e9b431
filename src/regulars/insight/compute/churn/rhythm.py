"""Silence against the customer's own rhythm: who is active, who left, and how long a shop waits before it says so.

Without a contract nobody says goodbye. A customer who is active at the start of day S counts as lost when silent over
the following horizon, on the days from S to before S + horizon. The usual gap is that of the rhythm features: the
customer's own where there are visits enough, else the shop's.
"""

from datetime import date, timedelta

import numpy as np

from regulars.insight.compute.churn.measures import Flags, Floats, Whole
from regulars.insight.compute.tables import Tables, purchases

GAPS = 2
"""A horizon is so many typical gaps: long enough that most who are merely late have come, short enough to be
told while something can still be done."""
SHORTEST_DAYS, LONGEST_DAYS = 28, 182
STEADY = 0.25
"""A horizon in use stays until the rhythm moved by more than this share, so that yesterday's model still answers
today's question."""
OWN_GAPS = 2
WATCHED, LATE = 1.5, 3.0
"""The rule's levels: from so many usual gaps of silence on, a customer is worth watching, or at high risk."""


def typical_gap_days(usual_gap_days: Floats, purchase_days: Floats) -> float | None:
    """The median usual gap of customers who came on at least two days. None: nobody did."""
    gaps = usual_gap_days[(purchase_days > 1) & ~np.isnan(usual_gap_days)]
    return float(np.median(gaps)) if len(gaps) else None


def horizon_days(gap_days: float | None, before: int | None = None) -> int:
    """How long a silence means that a customer left: two typical gaps in whole weeks, 28 to 182 days.

    Args:
        gap_days: The shop's typical gap; None: the longest horizon.
        before: The horizon in use, which stays while it is near enough.
    """
    weeks = LONGEST_DAYS if gap_days is None else 7 * round(GAPS * gap_days / 7)
    fresh = min(LONGEST_DAYS, max(SHORTEST_DAYS, weeks))
    return before if before and abs(fresh - before) <= STEADY * before else fresh


def active(recency_days: Floats, usual_gap_days: Floats, horizon: int) -> Flags:
    """Who may still be lost: silent for less than a horizon, or than two own gaps where these are longer.

    No more than two horizons, or a customer with two visits years apart would never be given up. Who never bought is
    not active.
    """
    patience = np.clip(OWN_GAPS * np.nan_to_num(usual_gap_days, nan=0.0), horizon, 2 * horizon)
    return np.asarray(np.nan_to_num(recency_days, nan=np.inf) < patience)


def returned(told: Tables, day: date, horizon: int) -> tuple[Whole, Floats]:
    """(customer ids ascending, net spent) of those who bought on the days from `day` to before `day` + horizon."""
    bought = purchases(told.as_of(day + timedelta(days=horizon)))
    later = bought.filter(bought.day >= day)
    net = later.group_by("customer_id").aggregate(net=later.net.sum().cast("float64"))
    rows = net.order_by("customer_id").to_pyarrow()
    return (
        np.asarray(rows["customer_id"].to_numpy(), dtype=np.int64),
        np.asarray(rows["net"].to_numpy(), dtype=np.float64),
    )

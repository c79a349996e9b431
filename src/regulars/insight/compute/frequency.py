"""Who buys clearly less often than in their own past.

A customer's past is the time from the first purchase to the last so many days (the window); the rate of then says
how many purchase days the window should have seen. If both times had one rate, the purchase days in the window out
of all of them would be binomial with the window's part of the time (Przyborowski & Wilenski 1940: two Poisson
rates compared). Clearly less means: at most half of what was expected, and a chance of at most 5 % to see so few.
The first purchase begins the time and is not counted in it. Of customers who changed nothing, up to 5 % are found
too; `by_chance` says how many that may be.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from regulars.insight.compute import visits
from regulars.insight.compute.cards import Text, Verdict
from regulars.insight.compute.rates import Rate
from regulars.insight.compute.tables import Tables

WINDOW_DAYS = 90
FEWEST_DAYS = 3
"""Purchase days after the first one, before the window: fewer make no habit."""
MOST_RATIO = 0.5
CHANCE = 0.05

_TOO_FEW = Text(
    "还没有顾客在 {window_days} 天之前来过 {needed} 次以上，看不出谁来得少了。",
    "No customer had come {needed} times or more by {window_days} days ago, so nobody can be said to come less often.",
)
_SERVES = Text(
    "{tested} 位有购买习惯的顾客里，{fewer} 位最近 {window_days} 天来的次数比以往少了一半或更多；"
    "其中可能有约 {by_chance} 位只是碰巧。",
    "Of {tested} customers with a habit, {fewer} came at most half as often in the last {window_days} days; up to "
    "about {by_chance} of them may be chance.",
)


@dataclass(frozen=True, slots=True)
class Decline:
    """Who buys less often, as of a day.

    Attributes:
        tested: Customers with a habit to compare with.
        fewer: Those of them who buy clearly less often.
        by_chance: How many would be found, at most, if nobody had changed.
        customers: Of the fewer: customer_id, who, expected (purchase days in the window by the own past, two decimals),
            actual, chance (of seeing so few, four decimals). Those who are missed most often come first.
    """

    day: date
    window_days: int
    tested: int
    fewer: Rate
    by_chance: int
    customers: pa.Table
    verdict: Verdict


def declining(told: Tables, day: date, window_days: int = WINDOW_DAYS) -> Decline:
    """Who buys clearly less often than in their own past; one query, one row a customer."""
    # Here, since scipy takes a second to load, and who only looks at what was found does not need it.
    from scipy.stats import binom

    rows = counted(told, day, window_days).to_pyarrow()
    before, lately, past_days = (np.asarray(rows[name].to_numpy(), dtype=np.int64) for name in _COUNTS)
    tested = (before >= FEWEST_DAYS) & (past_days > 0)
    rows, before, lately, past_days = rows.filter(pa.array(tested)), before[tested], lately[tested], past_days[tested]
    expected = before * (window_days / past_days)
    chance = binom.cdf(lately, before + lately, window_days / (window_days + past_days))
    fewer = (lately <= MOST_RATIO * expected) & (chance <= CHANCE)
    found = pa.table(
        {
            "customer_id": rows["customer_id"].filter(pa.array(fewer)),
            "who": rows["who"].filter(pa.array(fewer)),
            "expected": np.round(expected[fewer], 2), "actual": lately[fewer], "chance": np.round(chance[fewer], 4),
        }
    )  # fmt: skip
    missed = found.append_column("missed", pa.array(np.round(expected[fewer], 2) - lately[fewer]))
    order = [("missed", "descending"), ("chance", "ascending"), ("who", "ascending")]
    return _told(day, window_days, int(tested.sum()), missed.sort_by(order).drop_columns(["missed"]))


_COUNTS = ("before", "lately", "past_days")


def counted(told: Tables, day: date, window_days: int = WINDOW_DAYS) -> ir.Table:
    """Who may be tested: customer_id, who, before and lately (purchase days after the first), past_days."""
    start = day - timedelta(days=window_days)
    came = visits.bought(told, day).select("customer_id", "day").distinct()
    summed = came.group_by("customer_id").aggregate(
        first=came.day.min(), seen=came.count(where=came.day < start), lately=came.count(where=came.day >= start)
    )
    # A habit needs FEWEST_DAYS after the first day, so those who began within the window fall out here too.
    regular = summed.filter(summed.seen > FEWEST_DAYS)
    named = regular.inner_join(told.customers.select("customer_id", "who"), "customer_id")
    past_days = ibis.literal(start).epoch_days() - named["first"].epoch_days()
    return named.select(
        "customer_id", "who", before=named.seen - 1, lately=named.lately, past_days=past_days.cast("int64")
    )


def _told(day: date, window_days: int, tested: int, customers: Any) -> Decline:
    numbers = {"window_days": window_days, "needed": FEWEST_DAYS + 1}
    if not tested:
        verdict = Verdict(False, "no_habits", _TOO_FEW, numbers)
        return Decline(day, window_days, 0, Rate(0, 0), 0, customers, verdict)
    by_chance = round(CHANCE * tested)
    numbers |= {"tested": tested, "fewer": len(customers), "by_chance": by_chance}
    verdict = Verdict(True, "ok", _SERVES, numbers)
    return Decline(day, window_days, tested, Rate(len(customers), tested), by_chance, customers, verdict)

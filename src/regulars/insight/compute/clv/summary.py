"""From purchases to what the models need of each customer. Purchases of one day count as one."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from regulars.insight.compute.clv.histories import Ints

FEWEST_HOLDOUT_DAYS = 28
SHORT_GAP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Summary:
    """What was known of each customer on a day, and what they did in the time held back after it, if any was.

    Attributes:
        customer_id: Who had bought before that day, in order.
        repeats, last_days, age_days: x, t_x and T, the day itself exclusive.
        repeat_minor, total_minor: Money of the repeat purchases, and with the first.
        later, later_minor: Days with a purchase in the held-back time, and their money.
    """

    customer_id: Ints
    repeats: Ints
    last_days: Ints
    age_days: Ints
    repeat_minor: Ints
    total_minor: Ints
    later: Ints
    later_minor: Ints


def window(bought: ir.Table, day: date) -> tuple[date | None, int]:
    """The first day of purchases before a day, and the days from it to then; (None, 0) without purchases."""
    bought = bought.filter(bought.day < day)
    first = bought.aggregate(first=bought.day.min()).to_pyarrow().column("first")[0].as_py()
    return (first, (day - first).days) if first else (None, 0)


def holdout_days(window_days: int, horizon_days: int) -> int:
    """How much of the newest time to hold back: a third, at most the horizon, whole weeks; 0 if too short."""
    days = min(window_days // 3, horizon_days) // 7 * 7
    return days if days >= FEWEST_HOLDOUT_DAYS else 0


def unit_of(summary: Summary) -> int:
    """Days in the unit of time: 1 where the middle repeat customer comes more than once a week, otherwise 7."""
    came = summary.repeats > 0
    if not came.any():
        return 7
    return 1 if float(np.median(summary.last_days[came] / summary.repeats[came])) < SHORT_GAP_DAYS else 7


def _purchase_days(bought: ir.Table, day: date) -> ir.Table:
    """A row for each customer and day with a purchase before the day: customer_id, day, net."""
    some = bought.filter((bought.day < ibis.date(day)) & bought.customer_id.notnull())
    return some.group_by("customer_id", "day").aggregate(net=some.net.sum())


def summaries(bought: ir.Table, day: date, held_back: int) -> tuple[Summary, Summary]:
    """What is known on the day, and what was known `held_back` days before with what came after, in one query.

    Money is net of what was given back until the day, also that of the time before.
    """
    days = _purchase_days(bought, day)
    cut = day - timedelta(days=held_back)
    before = days.day < ibis.date(cut)
    told = days.group_by("customer_id").aggregate(
        first=days.day.min(),
        last=days.day.max(),
        days=days.count(),
        first_minor=days.net.argmin(days.day),
        minor=days.net.sum(),
        cut_last=days.day.max(where=before),
        cut_days=before.cast("int64").sum(),
        cut_minor=days.net.sum(where=before),
    )
    found = told.order_by("customer_id").to_pyarrow()
    columns = {name: _integers(found, name) for name in found.column_names}
    none = np.zeros(len(found), dtype=np.int64)
    whole = _summary(columns, "", day, none, none)
    known = columns["cut_days"] > 0
    columns = {name: values[known] for name, values in columns.items()}
    later = columns["days"] - columns["cut_days"], columns["minor"] - columns["cut_minor"]
    return whole, _summary(columns, "cut_", cut, *later)


def repeats_by_day(bought: ir.Table, day: date, cut: date) -> tuple[Ints, Ints]:
    """Repeat purchases of the customers who came before the cut: days since 1970, and how many on each."""
    days = _purchase_days(bought, day)
    firsts = days.group_by("customer_id").aggregate(first=days.day.min())
    both = days.inner_join(firsts, "customer_id")
    again = both.filter((both.day > both["first"]) & (both["first"] < ibis.date(cut)))
    found = again.group_by("day").aggregate(count=again.count()).order_by("day").to_pyarrow()
    return _integers(found, "day"), _integers(found, "count")


def _integers(found: Any, name: str) -> Ints:
    column = found.column(name)
    if str(column.type).startswith("date"):
        column = column.cast("date32").cast("int32")
    return np.asarray(column.cast("int64").fill_null(0).to_numpy(), dtype=np.int64)


def _summary(columns: dict[str, Ints], known: str, day: date, later: Ints, later_minor: Ints) -> Summary:
    end = (day - date(1970, 1, 1)).days - 1
    first, total = columns["first"], columns[f"{known}minor"]
    return Summary(
        columns["customer_id"], columns[f"{known}days"] - 1, columns[f"{known}last"] - first, end - first,
        total - columns["first_minor"], total, later, later_minor,
    )  # fmt: skip

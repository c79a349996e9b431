"""Retention and churn of segments: of the members who bought in one period, who bought in the next.

A period is told of those who were in the segment on its first day, whoever they are today: a segment of those who came
lately would keep everybody, if today's members were asked. Segments overlap, so they may add up to more than the whole.
Memberships are on record from the refresh that first counted a segment; earlier periods are not told. Names of figures
are those of `retention`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from regulars.insight.compute import periods, retention, visits
from regulars.insight.compute.cards import Text, Verdict
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.retention import Figure, Group, Period, Retention
from regulars.insight.compute.tables import Tables

NO_RECORDS = Verdict(False, "no_records", Text(
    "谁在哪个人群，从第一次刷新起才有记录；之后再过完一个整月，就能在这里比较。",
    "Who is in which segment is on record from the first refresh on. After the next full month, segments are compared "
    "here."))  # fmt: skip
_FIGURES = ("active", "new", "returned", "before", "retained")


def counted(told: Tables, day: date, unit: Unit) -> ir.Table:
    """What `table` is made of: part (the segment's id), period, active, new, returned, before, retained."""
    seen = _seen(told, day, unit)
    return seen.group_by("part", "period").aggregate(
        **{name: seen[name].sum().cast("int64") for name in _FIGURES}
    )  # fmt: skip


def table(rows: Sequence[Mapping[str, Any]], day: date, unit: Unit) -> Retention:
    """The rates from the rows of `counted`, in any order."""
    by_part: dict[int, dict[int, Period]] = {}
    for row in rows:
        first, finished = periods.first_day(row["period"], unit), periods.finished(row["period"], unit, day)
        # Members may have come again anywhere: a segment is no place.
        figures = [row[name] for name in (*_FIGURES, "retained")]
        by_part.setdefault(row["part"], {})[row["period"]] = Period(first, finished, *figures)
    groups = tuple(Group(part, tuple(told for _, told in sorted(by_part[part].items()))) for part in sorted(by_part))
    serves = any(group.latest for group in groups)
    return Retention(unit, day, groups, retention.SERVES if serves else NO_RECORDS)


def behind(told: Tables, day: date, unit: Unit, first_day: date, figure: Figure, *, segment_id: int) -> ir.Table:
    """The customers (customer_id) behind a figure of a segment in the period that begins on `first_day`."""
    seen = _seen(told, day, unit)
    chosen = seen.filter((seen.period == periods.number_of(first_day, unit)) & (seen.part == segment_id))
    wanted = {"lost": chosen.before - chosen.retained, "retained_here": chosen.retained}
    number = wanted[figure] if figure in wanted else chosen[figure]
    return chosen.filter(number > 0).select("customer_id").distinct()


def _seen(told: Tables, day: date, unit: Unit) -> ir.Table:
    """One or two rows for each segment, period and member who bought in it or before, the figures as 0 and 1.

    A period has the rows of those who bought in it, and of those who bought in the one before.
    """
    came = retention.beside(visits.bought(told, day).mutate(period=lambda t: periods.number(t.day, unit)))
    none, one = ibis.literal(0, "int64"), ibis.literal(1, "int64")
    # ifelse and not a cast: Sail does not see that a cast is never null here, and refuses the union.
    now = came.select(
        "customer_id", "period", active=one, new=ibis.ifelse(came["last"].isnull(), one, none),
        returned=ibis.ifelse(came["last"] < came.period - 1, one, none), before=none, retained=none,
    )  # fmt: skip
    then = came.select(
        "customer_id", period=came.period + 1, active=none, new=none, returned=none, before=one,
        retained=ibis.ifelse(came["next"] == came.period + 1, one, none),
    )  # fmt: skip
    rows = ibis.union(now, then).filter(lambda t: t.period <= periods.latest(day, unit))
    members = _members(told, day, unit)
    joined = rows.inner_join(members, "customer_id")
    inside = joined.filter((joined.period >= joined.since) & (joined.period < joined.until).fill_null(True))
    # Two of one group may have been in it before they were merged: the group counts once.
    return inside.drop("since", "until").distinct()


def _members(told: Tables, day: date, unit: Unit) -> ir.Table:
    """customer_id, part, and the periods [since, until) on whose first day they were members."""
    known = told.as_of(day).memberships
    return known.select(
        "customer_id", part=known.segment_id, since=periods.number_from(known.entered_on, unit),
        until=periods.number_from(known.left_on, unit),
    )  # fmt: skip

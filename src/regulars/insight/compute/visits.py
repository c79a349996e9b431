"""Who bought when: the purchases behind cohorts, retention, survival and frequency, and ways to part customers."""

from datetime import date
from typing import Literal, TypeAlias

import ibis
import ibis.expr.types as ir

from regulars.insight.compute import periods
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.tables import Tables, purchases

Part: TypeAlias = str | int | bool | date | None
"""The name of a group: a channel, a store's id, the first day of a cohort, a value of the picture; None: not known."""
Trait: TypeAlias = Literal["cohort", "channel", "store"]
By: TypeAlias = Trait | ir.Table | None
"""What customers are parted by: something of their purchases, a table (customer_id, part), or nothing."""


def bought(told: Tables, day: date) -> ir.Table:
    """Purchases before this day of those who stand for themselves by then: the customers that the picture shows."""
    known = told.as_of(day)
    return purchases(known).semi_join(known.customers, "customer_id")


def picture_parts(picture: ir.Table, column: str) -> ir.Table:
    """Customers parted by a column of the picture, for `By`.

    The column says what customers are today. "Of today's loyal customers, most stayed" is true of any shop, so such
    a parting describes and does not foretell.
    """
    return picture.select("customer_id", part=picture[column])


def spaced(told: Tables, day: date) -> ir.Table:
    """The days on which each customer bought, with the days since the one before: customer_id, day, gap.

    `gap` is null on the first.
    """
    came = bought(told, day).select("customer_id", "day").distinct()
    before = came.day.lag().over(ibis.window(group_by=came.customer_id, order_by=came.day))
    return came.mutate(gap=came.day.epoch_days() - before.epoch_days())


def with_part(purchases: ir.Table, by: Literal["channel", "store"]) -> ir.Table:
    """The purchases with a column `part`. A customer who buys in two stores is in the part of either."""
    return purchases.mutate(part=purchases["channel" if by == "channel" else "store_id"])


def first_parts(purchases: ir.Table, by: Literal["channel", "store"]) -> ir.Table:
    """customer_id and `part`, the one of the first purchase.

    What a customer is on the first day cannot depend on how long they stay, so curves may be compared by it.
    """
    parted = with_part(purchases, by)
    start = parted.group_by("customer_id").aggregate(start=lambda t: t.occurred_at.min())
    firsts = parted.inner_join(start, "customer_id").filter(lambda t: t.occurred_at == t.start)
    # Two first orders in one second: the smaller name, since the order of ids means nothing.
    return firsts.group_by("customer_id").aggregate(part=lambda t: t.part.min())


def part_of(told: object, by: By, unit: Unit) -> Part:
    """A value of the column `part` as the name of a group."""
    if by is None:
        return None
    if by == "cohort" and isinstance(told, int):
        return periods.first_day(told, unit)
    assert isinstance(told, str | int | bool | date | None)
    return told


def of_part(table: ir.Table, part: Part, by: By, unit: Unit) -> ir.Table:
    """The rows of one group."""
    if by is None:
        return table
    if by == "cohort" and isinstance(part, date):
        return table.filter(table.part == periods.number_of(part, unit))
    return table.filter(table.part.isnull() if part is None else table.part == part)

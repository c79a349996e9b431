"""Features: one row for each customer, every column with a unit and a meaning; one file a family."""

from collections.abc import Iterable
from datetime import date

import ibis.expr.types as ir

from regulars.insight.compute.features import (
    breadth,
    channel,
    discount,
    frequency,
    money,
    order_value,
    points,
    recency,
    returns,
    rhythm,
    tenure,
    trend,
)  # fmt: skip
from regulars.insight.compute.features.bases import summed
from regulars.insight.compute.features.feature import Base, Family, Feature, Sums
from regulars.insight.compute.tables import Tables

FAMILIES: dict[str, Family] = {
    "recency": recency.FAMILY,
    "frequency": frequency.FAMILY,
    "money": money.FAMILY,
    "order_value": order_value.FAMILY,
    "tenure": tenure.FAMILY,
    "rhythm": rhythm.FAMILY,
    "trend": trend.FAMILY,
    "breadth": breadth.FAMILY,
    "returns": returns.FAMILY,
    "discount": discount.FAMILY,
    "channel": channel.FAMILY,
    "points": points.FAMILY,
}
FEATURES: dict[str, Feature] = {one.name: one for family in FAMILIES.values() for one in family.features}

__all__ = ["FAMILIES", "FEATURES", "Family", "Feature", "build"]


def build(told: Tables, day: date, families: Iterable[str] = tuple(FAMILIES)) -> ir.Table:
    """Every customer known by this day, also those who never bought: customer_id and the features of these families.

    Only facts before the day count; `told` may hold later ones. Days are counted to the start of the day. Counts and
    sums are 0 where nothing happened; what cannot be known is null.

    Raises:
        KeyError: There is no such family.
    """
    wanted = [FAMILIES[name] for name in families]
    sums: dict[Base, list[Sums]] = {}
    for family in wanted:
        for base, of in family.sums.items():
            sums.setdefault(base, []).append(of)
    raw = summed(told.as_of(day), day, sums)
    for family in wanted:
        raw = family.prepare(raw, day) if family.prepare else raw
    values = {name: value for family in wanted for name, value in family.values(raw, day).items()}
    return raw.select(customer_id=raw.customer_id, **values)

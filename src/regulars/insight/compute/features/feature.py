"""What a feature is: a column of the picture with a unit and a meaning, and the family that computes it.

A family names the raw sums it needs from each base table, and how finished columns come of them. Sums of all families
over the same base table are taken in one pass, so families that need the same sum give it the same name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import ibis.expr.types as ir

from regulars.insight.compute.cards import Text

Unit = Literal["days", "date", "orders", "minor", "share", "points", "count", "score", "ratio", "code", "id"]
Base = Literal["purchases", "days", "either", "stores", "baskets", "points"]
Columns = Mapping[str, ir.Value]
Sums = Callable[[ir.Table, date], Columns]

YEAR_DAYS = 365
QUARTER_DAYS = 90


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the picture.

    Attributes:
        unit: 'minor' is whole minor units of money; a 'share' lies in 0..1, a 'score' in 0..100; a 'ratio' is any
            number without a unit; a 'code' is a word out of a few; an 'id' names a row elsewhere and differs
            between imports.
        meaning: What it says, and when it is missing.
    """

    name: str
    family: str
    unit: Unit
    label: Text
    meaning: Text


@dataclass(frozen=True, slots=True)
class Family:
    """Features that belong together.

    Attributes:
        values: From a table of raw sums, one row a customer, the finished columns. A raw sum is null where there was
            nothing to sum; the table also holds customer_id and joined_on.
        sums: The raw sums of each base table (see bases.py); 'either' are those of orders, whatever else is read.
        prepare: Adds columns to the raw sums before the values are made, where steps build on one another: within
            one step an expression used twice is computed twice.
    """

    features: tuple[Feature, ...]
    values: Sums
    sums: Mapping[Base, Sums] = field(default_factory=dict)
    prepare: Callable[[ir.Table, date], ir.Table] | None = None


def ratio(part: ir.Value, whole: ir.Value, digits: int) -> ir.Value:
    """part / whole rounded half up to so many digits, null where whole is 0 or missing; both are whole numbers.

    Engines round doubles differently, so the rounding is done on whole numbers, exactly while
    2 × part × 10^digits stays below 2^53.
    """
    scale = 10**digits
    top = part.cast("int64") * (2 * scale) + whole.cast("int64")
    rounded = (top.cast("float64") / (2 * whole.cast("int64").nullif(0))).floor()
    return rounded.cast("int64") if digits == 0 else rounded / scale

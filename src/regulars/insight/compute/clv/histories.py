"""Purchase histories as the models see them: one row for all customers whose history is the same."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Histories:
    """Weighted histories (x, t_x, T), sorted and unique, so that a fit does not cost more when customers are more.

    Attributes:
        repeats: x, days with a purchase after the first such day.
        last_days: t_x, days from the first purchase to the last.
        age_days: T, days from the first purchase to the end of the window.
        count: How many customers have this history.
        unit_days: Days in the unit of time that parameters are told in, 1 or 7.
    """

    repeats: Ints
    last_days: Ints
    age_days: Ints
    count: Ints
    unit_days: int = 7

    @classmethod
    def of(cls, repeats: Ints, last_days: Ints, age_days: Ints, *, unit_days: int = 7) -> "tuple[Histories, Ints]":
        """The histories of customers, and for each customer the row of theirs."""
        columns, row, count = unique_rows(repeats, last_days, age_days)
        x, last, age = columns
        return cls(x, last, age, count, unit_days), row

    @property
    def customers(self) -> int:
        """How many customers there are in all."""
        return int(self.count.sum())

    @property
    def repeaters(self) -> int:
        """How many of them came again."""
        return int(self.count[self.repeats > 0].sum())

    @property
    def purchases(self) -> int:
        """Repeat purchases of all customers."""
        return int((self.repeats * self.count).sum())

    @property
    def last(self) -> Floats:
        """t_x in units of time."""
        return self.last_days / self.unit_days

    @property
    def age(self) -> Floats:
        """T in units of time."""
        return self.age_days / self.unit_days

    def coarse(self, step_days: int) -> "Histories":
        """The same customers with times rounded to steps: fewer rows, to begin a fit on."""
        age = (self.age_days + step_days // 2) // step_days * step_days
        last = np.minimum((self.last_days + step_days // 2) // step_days * step_days, age)
        last = np.where(self.repeats > 0, np.maximum(last, 1), 0)
        columns, row, _ = unique_rows(self.repeats, last, np.maximum(age, last))
        count = np.bincount(row, weights=self.count, minlength=len(columns[0])).astype(np.int64)
        x, *times = columns
        return Histories(x, times[0], times[1], count, self.unit_days)


def unique_rows(*columns: Ints) -> tuple[tuple[Ints, ...], Ints, Ints]:
    """Distinct rows in order, for each given row its place among them, and how often each occurs.

    All values are >= 0. Rows are packed into one integer each where that fits, which sorts far faster than rows.
    """
    if not len(columns[0]):
        empty = np.zeros(0, dtype=np.int64)
        return tuple(empty for _ in columns), empty, empty
    spans = [int(column.max()) + 1 for column in columns]
    if reduce(lambda one, two: one * two, spans) >= 2**62:
        found, row, count = np.unique(np.column_stack(columns), axis=0, return_inverse=True, return_counts=True)
        return tuple(found.T), row.reshape(-1), count
    packed: Any = np.zeros(len(columns[0]), dtype=np.int64)
    for column, span in zip(columns, spans, strict=True):
        packed = packed * span + column
    keys, row, count = np.unique(packed, return_inverse=True, return_counts=True)
    parts: list[Ints] = []
    for span in reversed(spans):
        keys, part = np.divmod(keys, span)
        parts.append(part)
    return tuple(reversed(parts)), row, count

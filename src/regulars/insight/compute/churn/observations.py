"""What was known on a past day and what came of it: the rows that models learn from and are tested on."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, TypeAlias

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow

from regulars.insight.compute.churn import rhythm
from regulars.insight.compute.churn.columns import BASIS, CHOICES, MODELLED, RHYTHM
from regulars.insight.compute.churn.design import Attributes, Choice, stacked
from regulars.insight.compute.churn.measures import Flags, Floats, Whole
from regulars.insight.compute.tables import Tables

Build: TypeAlias = Callable[[Tables, date], ir.Table]

SAMPLED = 20_000
"""Models learn from at most so many customers, so that their cost does not follow the shop's size."""
FOLDS = 3
CUTS = 4
"""Older days would teach how the shop used to be, and every day costs a pass over the features."""
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Observations:
    """Active customers on one or more past days, with what was known then and whether they came back.

    Attributes:
        lost: Silent over the horizon that followed.
        value_minor: Net spent over the horizon.
        fold: A customer's rows share a fold, whatever the day and the import.
        cut: The day, as days since 1970-01-01; for a contract the fold it is tested in.
    """

    attributes: Attributes
    lost: Flags
    value_minor: Floats
    fold: Whole
    cut: Whole

    def __len__(self) -> int:
        """How many rows."""
        return len(self.lost)

    def __getitem__(self, rows: Any) -> "Observations":
        """Some of the rows."""
        return Observations(
            self.attributes[rows], self.lost[rows], self.value_minor[rows], self.fold[rows], self.cut[rows]
        )

    def ordered(self) -> "Observations":
        """In an order that follows from the contents alone, since sums in floating point hang on the order."""
        numbers = [np.nan_to_num(column, nan=-1e300) for column in self.attributes.numbers.values()]
        codes = [choice.codes for choice in self.attributes.choices.values()]
        return self[np.lexsort((*numbers, *codes, self.value_minor, self.lost, self.fold, self.cut))]


def joined(parts: Sequence[Observations]) -> Observations:
    """Rows of several days."""
    return Observations(
        stacked(part.attributes for part in parts),
        np.concatenate([part.lost for part in parts]),
        np.concatenate([part.value_minor for part in parts]),
        np.concatenate([part.fold for part in parts]),
        np.concatenate([part.cut for part in parts]),
    )


def folds(who: Iterable[str]) -> Whole:
    """A fold for each customer out of their name, which is the same on every import."""
    return np.array([zlib.crc32(one.encode()) % FOLDS for one in who], dtype=np.int64)


def gathered(told: Tables, day: date) -> tuple[Tables, bool]:
    """What happened before this day to a sample of customers, brought here once; and whether that is everybody.

    The sample follows from the hashed name, so every import of the same facts gives the same one.
    """
    known = told.as_of(day)
    count = int(known.customers.count().to_pyarrow().as_py())
    if count > SAMPLED:
        below = f"{int(SAMPLED / count * 16**8):08x}"
        customers = known.customers.filter(known.customers.who < below)
        identities = known.identities.semi_join(customers, "customer_id")
        of_them = {
            name: getattr(known, name).semi_join(identities, "identity_id")
            for name in ("orders", "lines", "returns", "contracts")
        }
        theirs = {
            name: getattr(known, name).semi_join(customers, "customer_id")
            for name in ("tiers", "points", "memberships")
        }
        known = replace(known, customers=customers, identities=identities, **of_them, **theirs)
    here = ibis.duckdb.connect()
    tables = {one.name: here.create_table(one.name, getattr(known, one.name).to_pyarrow()) for one in fields(Tables)}
    return Tables(**tables), count <= SAMPLED


def cuts(first: date, day: date, horizon: int) -> list[date]:
    """Past days whose horizon is over, oldest first: a horizon apart, the first with a horizon of history."""
    found: list[date] = []
    cut = day - timedelta(days=horizon)
    while cut >= first + timedelta(days=horizon) and len(found) < CUTS:
        found.append(cut)
        cut -= timedelta(days=horizon)
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Buyers:
    """Everybody who bought before a day, by customer_id, with all columns that models and sentences need."""

    customer_id: Whole
    attributes: Attributes

    def active(self, horizon: int) -> Flags:
        """Who may still be lost."""
        numbers = self.attributes.numbers
        return rhythm.active(numbers["recency_days"], numbers["usual_gap_days"], horizon)


def buyers(features: ir.Table) -> Buyers:
    """Those with an order, from a table of features as of some day."""
    wanted = [name for name in dict.fromkeys((*RHYTHM, *MODELLED, *BASIS.values())) if name in features.columns]
    words = {*CHOICES, *BASIS.values()}
    bought = features.filter(features.recency_days.notnull()).select("customer_id", *wanted)
    rows = bought.order_by("customer_id").to_pyarrow()
    numbers = {name: number(rows[name]) for name in wanted if name not in words}
    choices = {name: Choice.of(rows[name].to_pylist()) for name in wanted if name in words}
    return Buyers(np.asarray(rows["customer_id"].to_numpy(), dtype=np.int64), Attributes(numbers, choices))


def observe(told: Tables, cut: date, horizon: int, build: Build) -> Observations:
    """The customers who were active at the start of this day, as they were known then, and what came of them."""
    known = buyers(build(told, cut))
    active = known.active(horizon)
    mine = known.customer_id[active]
    ids, net = rhythm.returned(told, cut, horizon)
    came = np.isin(mine, ids)
    value = np.zeros(len(mine))
    value[came] = net[np.searchsorted(ids, mine[came])]
    return Observations(
        known.attributes[active], ~came, value, _folds(told, mine), np.full(len(mine), (cut - EPOCH).days, np.int64)
    )


def _folds(told: Tables, customer_id: Whole) -> Whole:
    rows = told.customers.select("customer_id", "who").order_by("customer_id").to_pyarrow()
    ids = np.asarray(rows["customer_id"].to_numpy(), dtype=np.int64)
    return folds(who or "" for who in rows["who"].to_pylist())[np.searchsorted(ids, customer_id)]


def number(column: pyarrow.ChunkedArray) -> Floats:
    """A column as floats, NaN where it is null."""
    return np.asarray(column.cast(pyarrow.float64()).to_numpy(), dtype=np.float64)

"""Customers from a known process: BG/NBD or MBG/NBD in continuous time, told by days, with Gamma-Gamma money."""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow

from regulars.insight.compute.clv.dropout import Parameters
from regulars.insight.compute.clv.gamma_gamma import Spending
from regulars.insight.compute.clv.histories import Floats, Ints

CDNOW = Parameters(0.243, 4.414, 0.793, 2.426)  # in weeks
CDNOW_MONEY = Spending(6.25, 3.74, 1544.0)  # in cents
FIRST_DAY = date(2023, 1, 1)


@dataclass(frozen=True)
class Purchases:
    """One entry a purchase, the first of each customer too; days from FIRST_DAY."""

    customer: Ints
    day: Ints
    minor: Ints

    def table(self) -> ir.Table:
        """As the models read them."""
        days = pyarrow.array((self.day + (FIRST_DAY - date(1970, 1, 1)).days).astype(np.int32)).cast("date32")
        return ibis.memtable(pyarrow.table({"customer_id": self.customer, "day": days, "net": self.minor}))

    def days_with_purchase(self, customers: int, first: int, end: int) -> Ints:
        """For each customer the days in [first, end) with a purchase."""
        some = (self.day >= first) & (self.day < end)
        apart = np.unique(self.customer[some] * 100_000 + self.day[some]) // 100_000
        return np.bincount(apart, minlength=customers)


def simulate(
    told: Parameters,
    *,
    customers: int,
    days: int,
    newcomers_until: int,
    first_chance: int = 0,
    money: Spending = CDNOW_MONEY,
    seed: int = 1,
) -> Purchases:
    """Customers who first come on some day before `newcomers_until`, watched until `days`; parameters in weeks."""
    chance = np.random.default_rng(seed)
    rate = chance.gamma(told.r, 1 / told.alpha, customers) / 7
    leaves = chance.beta(told.a, told.b, customers)
    scale = chance.gamma(money.q, 1 / money.v, customers)
    now: Floats = chance.random(customers) * newcomers_until
    came, when = [np.arange(customers)], [now.copy()]
    here = np.arange(customers)
    if first_chance:
        here = here[chance.random(customers) >= leaves]
    while len(here):
        now[here] += chance.exponential(1, len(here)) / np.maximum(rate[here], 1e-12)
        here = here[now[here] < days]
        came.append(here)
        when.append(now[here].copy())
        here = here[chance.random(len(here)) >= leaves[here]]
    customer, day = np.concatenate(came), np.floor(np.concatenate(when)).astype(np.int64)
    minor = np.rint(chance.gamma(money.p, 1, len(customer)) / scale[customer]).astype(np.int64)
    return Purchases(customer, day, minor)


def on(days: int) -> date:
    """The date so many days after the first."""
    return FIRST_DAY + timedelta(days=days)

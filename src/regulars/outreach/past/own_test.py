"""A test of our own statistics on the shop's own customers: nobody is treated, so no difference may be found."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
from django.db import connection

from regulars.core import bulk
from regulars.experiments import aa
from regulars.experiments.aa import Found
from regulars.facts.spending import Period, spending

MOST_CUSTOMERS: Final = 20_000
SEED: Final = 4


def own_test(*, at: datetime, days: int = 30, share: float = 0.1, splits: int = 1_000) -> Found | None:
    """Split customers by lot many times, and count how often a difference is seen; None without customers.

    Args:
        at: The end of the days that are compared; as many before them are what was known.
    """
    rows = bulk.run(
        connection, "SELECT id FROM customers_customer WHERE listed ORDER BY id LIMIT %s", [MOST_CUSTOMERS]
    )  # fmt: skip
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    if len(ids) < 2:
        return None
    length = timedelta(days=days)
    window, before = Period(at - length, at), Period(at - 2 * length, at - length)
    columns = np.zeros((4, len(ids)), dtype=np.int64)
    for one in spending(ids.tolist(), window=window, before=before):
        columns[:, np.searchsorted(ids, one[0])] = (one.orders, one.net, one.orders_before, one.net_before)
    return aa.split(
        orders=columns[0], revenue_minor=columns[1], orders_before=columns[2], revenue_before_minor=columns[3],
        share=share, splits=splits, seed=SEED,
    )  # fmt: skip

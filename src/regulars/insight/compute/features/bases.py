"""The base tables that features are summed from, each read in one pass."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.features.feature import YEAR_DAYS, Base, Sums
from regulars.insight.compute.tables import Tables, purchases

NONE = -1  # no store: an aggregate would skip a null


def summed(known: Tables, day: date, sums: Mapping[Base, Sequence[Sums]]) -> ir.Table:
    """One row a customer: customer_id, joined_on and the raw sums, null where there was nothing to sum."""
    whole = known.customers.select("customer_id", "joined_on")
    kept = list(whole.columns)
    for base, wanted in _merged(sums).items():
        table = BASES[base](known, day)
        columns = {name: column for one in wanted for name, column in one(table, day).items()}
        part = table.group_by("customer_id").aggregate(**columns)
        whole = whole.left_join(part, "customer_id", rname=f"{{name}}_{base}")
        kept += columns
    return whole.select(*kept)


def _merged(sums: Mapping[Base, Sequence[Sums]]) -> dict[str, list[Sums]]:
    """The passes to make: orders are read once, with what is needed of them only."""
    passes: dict[str, list[Sums]] = {base: list(wanted) for base, wanted in sums.items()}
    of_orders = {base: passes.pop(base) for base in ("purchases", "days", "either") if base in passes}
    if of_orders:
        both = "purchases" in of_orders and "days" in of_orders
        one = "spaced_purchases" if both else "days" if "days" in of_orders else "purchases"
        passes[one] = [each for wanted in of_orders.values() for each in wanted]
    return passes


def spaced(orders: ir.Table) -> ir.Table:
    """The same orders with `new_day`, true for one order of each purchase day, and with `gap`.

    `gap` is the days since the purchase day before, null on the first day and on all but one order of a day.
    """
    previous = orders.day.lag().over(ibis.window(group_by=orders.customer_id, order_by=orders.day))
    gap = orders.mutate(gap=orders.day.delta(previous, unit="day"))
    return gap.mutate(new_day=gap.gap.fill_null(1) > 0, gap=gap.gap.nullif(0))


def _days(known: Tables, day: date) -> ir.Table:
    return spaced(_standing(known, known.orders.select("order_id", "identity_id", "day")).select("customer_id", "day"))


def _spaced_purchases(known: Tables, day: date) -> ir.Table:
    bought = purchases(known)
    # What the window carries is kept in memory or spilt: no strings and nothing that nobody sums.
    narrow = bought.select(
        "customer_id", "day", "paid", "discount", "returned", "net", online=bought.channel == "online"
    )
    return spaced(narrow)


def _purchases(known: Tables, day: date) -> ir.Table:
    bought = purchases(known)
    return bought.mutate(online=bought.channel == "online")


def stores(known: Tables, day: date) -> ir.Table:
    """Where each customer bought in the last 365 days: customer_id, weight, store_id.

    The store with more orders weighs more, among equals the one visited last. Stores of equal weight are one row with
    the store NONE: ids must not tell them apart, since they differ between imports.
    """
    recent = known.orders.filter(
        (known.orders.day >= day - timedelta(days=YEAR_DAYS)) & known.orders.store_id.notnull()
    )
    there = _standing(known, recent)
    visits = there.group_by("customer_id", "store_id").aggregate(
        orders=there.count(), last=there.occurred_at.truncate("s").epoch_seconds().max()
    )
    # 34 bits hold the seconds until the year 2514.
    weighed = visits.select("customer_id", "store_id", weight=visits.orders * 2**34 + visits.last.fill_null(0))
    return weighed.group_by("customer_id", "weight").aggregate(
        store_id=ibis.cases((weighed.count() == 1, weighed.store_id.min()), else_=NONE)
    )


def baskets(known: Tables, day: date) -> ir.Table:
    """The categories that each customer bought of, in orders that were not cancelled: customer_id, category.

    Each once. Categories are numbers here, in no order that means anything: distinct pairs of whole numbers are found
    faster than as many texts counted for each customer.
    """
    told = known.products.filter(known.products.category.notnull())
    names = told.select("category").distinct()
    numbered = names.mutate(number=ibis.row_number().over(ibis.window(order_by=names.category)))
    products = told.inner_join(numbered, "category").select("product", category=numbered.number)
    named = known.lines.inner_join(products, "product")
    return _standing(known, named).select("customer_id", "category").distinct()


def _standing(known: Tables, told: ir.Table) -> ir.Table:
    """Orders or lines of somebody, without cancelled orders: with customer_id.

    The same that `purchases` keeps, without the sums over returns. Written apart on purpose: bases that shared one wide
    join would make the engine keep all orders in memory.
    """
    cancelled = known.returns.filter(known.returns.cancelled).select("order_id")
    return told.anti_join(cancelled, "order_id").inner_join(known.identities, "identity_id")


BASES: dict[str, Callable[[Tables, date], ir.Table]] = {
    "purchases": _purchases,
    "days": _days,
    "spaced_purchases": _spaced_purchases,
    "stores": stores,
    "baskets": baskets,
    "points": lambda known, day: known.points,
}

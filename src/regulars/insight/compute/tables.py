"""What the lake holds, table by table, and the purchases that everything else is computed from.

Money is whole minor units. Days are dates in the business's zone; instants are UTC without a zone, since engines
disagree on zones. Everything "as of D" sees only what happened on days before D.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

ORDERS = ibis.schema(
    {
        "order_id": "int64",
        "identity_id": "int64",  # null: nobody is named
        "occurred_at": "timestamp",
        "day": "date",
        "paid": "int64",
        "base": "int64",  # paid less freight, vouchers and stored value
        "discount": "int64",  # given by the shop on this order, 0 where the source does not tell
        "channel": "string",  # 'store' or 'online'
        "store_id": "int64",
    }
)
LINES = ibis.schema(
    {"order_id": "int64", "identity_id": "int64", "day": "date", "product": "string", "amount": "int64"}
)
RETURNS = ibis.schema(
    {
        "return_id": "int64",
        "order_id": "int64",  # null: its order is not known (yet)
        "identity_id": "int64",
        "occurred_at": "timestamp",
        "day": "date",
        "amount": "int64",  # null: all that was left of the order
        "cancelled": "boolean",  # a cancelled order counts as never made from that day on
    }
)
PRODUCTS = ibis.schema({"product": "string", "name": "string", "category": "string", "brand": "string"})
IDENTITIES = ibis.schema({"identity_id": "int64", "customer_id": "int64"})
CUSTOMERS = ibis.schema(
    {
        "customer_id": "int64",
        "who": "string",  # sha256 of the first external name: equal over imports, where ids are not
        "joined_on": "date",
    }
)
TIERS = ibis.schema({"customer_id": "int64", "tier": "int16", "from_date": "date", "to_date": "date"})
POINTS = ibis.schema(
    {"customer_id": "int64", "day": "date", "earned": "int64", "redeemed": "int64", "expired": "int64"}
)
MEMBERSHIPS = ibis.schema(
    {"segment_id": "int64", "customer_id": "int64", "entered_on": "date", "left_on": "date"}  # as refreshes saw it
)
CONTRACTS = ibis.schema(
    {
        "contract": "string",  # the source's name and its own number of the contract
        "number": "string",  # that number alone
        "identity_id": "int64",  # null: whoever the contract's other facts name
        "occurred_at": "timestamp",
        "day": "date",
        "event": "string",  # 'started', 'updated' or 'ended'
        "ends_on": "date",  # the last day agreed, as told on this day; null: not told
        "seen": "boolean",  # an end that was only found on this day
        "attributes": "string",  # JSON, name → text; they hold from this day on
    }
)
SCHEMAS = {
    "orders": ORDERS, "lines": LINES, "returns": RETURNS, "products": PRODUCTS, "identities": IDENTITIES,
    "customers": CUSTOMERS, "tiers": TIERS, "points": POINTS, "memberships": MEMBERSHIPS,
    "contracts": CONTRACTS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tables:
    """The lake as Ibis tables. `customers` are those that stand for themselves; `identities` map onto them.

    `points` are sums a customer and day; `tiers` are intervals, half open, null for no end, and so are `memberships`:
    who was in which segment on record. A membership of a day follows from what happened before it. `contracts` are what
    was told of them, fact by fact.
    """

    orders: ir.Table
    lines: ir.Table
    returns: ir.Table
    products: ir.Table
    identities: ir.Table
    customers: ir.Table
    tiers: ir.Table
    points: ir.Table
    memberships: ir.Table
    contracts: ir.Table

    def as_of(self, day: date) -> "Tables":
        """Only what happened before this day, and who had come by then."""
        return Tables(
            orders=self.orders.filter(self.orders.day < day),
            lines=self.lines.filter(self.lines.day < day),
            returns=self.returns.filter(self.returns.day < day),
            products=self.products,
            identities=self.identities,
            customers=self.customers.filter(self.customers.joined_on < day),
            tiers=self.tiers.filter(self.tiers.from_date < day),
            points=self.points.filter(self.points.day < day),
            contracts=self.contracts.filter(self.contracts.day < day),
            memberships=self.memberships.filter(self.memberships.entered_on <= day),
        )


def in_memory(rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> Tables:
    """Tables of plain rows, for tests and samples; tables and columns that are left out are empty."""
    made = {}
    for table in fields(Tables):
        schema = SCHEMAS[table.name]
        told = list(rows.get(table.name, ()))
        columns = {name: [row.get(name) for row in told] for name in schema.names}
        made[table.name] = ibis.memtable(schema.to_pyarrow().empty_table() if not told else _arrow(columns, schema))
    return Tables(**made)


def _arrow(columns: Mapping[str, list[Any]], schema: ibis.Schema) -> Any:
    import pyarrow

    return pyarrow.table(dict(columns), schema=schema.to_pyarrow())


def purchases(told: Tables) -> ir.Table:
    """Orders that stand, each with its customer and what was given back of it so far.

    Columns: customer_id, order_id, day, occurred_at, paid, base, discount, channel, store_id, returned, net.
    `returned` never exceeds `paid`; `net` is paid less returned. Orders of nobody and cancelled orders are left out.
    Orders that were given back in full stay, with net 0: the customer came.
    """
    back = told.returns.filter(told.returns.order_id.notnull()).group_by("order_id").aggregate(
        some=lambda t: t.amount.sum(), whole=lambda t: t.amount.isnull().any(), cancelled=lambda t: t.cancelled.any()
    )  # fmt: skip
    who = told.orders.inner_join(told.identities, "identity_id")
    joined = who.left_join(back, who.order_id == back.order_id)
    stands = joined.filter(~joined.cancelled.fill_null(False))
    given = ibis.cases((stands.whole.fill_null(False), stands.paid), else_=stands.some.fill_null(0))
    counted = stands.mutate(returned=ibis.least(given, stands.paid))
    return counted.mutate(net=counted.paid - counted.returned).select(
        "customer_id", "order_id", "day", "occurred_at", "paid", "base", "discount", "channel", "store_id",
        "returned", "net",
    )  # fmt: skip

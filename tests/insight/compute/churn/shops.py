"""Shops with a known truth: customers who come at a rhythm of their own and leave for known causes."""

import hashlib
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from regulars.insight.compute import features
from regulars.insight.compute.tables import SCHEMAS, Tables

OPENED = date(2023, 1, 1)
DAYS = 300
DAY = OPENED + timedelta(days=DAYS)
# The families that the planted causes show in: fewer make a quicker test, not another one.
build: Callable[[Tables, date], ir.Table] = partial(features.build, families=("recency", "rhythm", "tenure", "channel"))


def tables(rows: dict[str, list[dict[str, Any]]]) -> Tables:
    """Tables of plain rows in a DuckDB of their own, quick to ask often."""
    here = ibis.duckdb.connect()
    made = {}
    for table in fields(Tables):
        schema = SCHEMAS[table.name].to_pyarrow()
        told = rows.get(table.name, [])
        columns = {name: [row.get(name) for row in told] for name in schema.names}
        made[table.name] = here.create_table(table.name, pa.table(columns, schema=schema))
    return Tables(**made)


def of_orders(
    orders: list[dict[str, Any]], *, number: Callable[[int], int] = lambda one: one, **more: list[dict[str, Any]]
) -> Tables:
    """Tables of orders given as customer, day (from 0), and what differs from a plain order.

    Args:
        number: The id that a customer gets, which differs between imports.
    """
    made = [_order(place, order, number) for place, order in enumerate(orders)]
    first: dict[int, int] = {}
    for order in orders:
        first[order["customer"]] = min(order["day"], first.get(order["customer"], DAYS))
    identities = [{"identity_id": number(one), "customer_id": number(one)} for one in first]
    customers = [
        {"customer_id": number(one), "who": named(one), "joined_on": OPENED + timedelta(days=day)}
        for one, day in first.items()
    ]
    return tables({"orders": made, "identities": identities, "customers": customers, **more})


def _order(place: int, order: dict[str, Any], number: Callable[[int], int]) -> dict[str, Any]:
    paid = order.get("paid", 5_000)
    return {
        "order_id": place + 1, "identity_id": number(order["customer"]), "day": OPENED + timedelta(days=order["day"]),
        "paid": paid, "base": paid, "discount": order.get("discount", 0), "channel": order.get("channel", "store"),
    }  # fmt: skip


def named(customer: int) -> str:
    return hashlib.sha256(str(customer).encode()).hexdigest()


def planted(customers: int = 900, seed: int = 7) -> list[dict[str, Any]]:
    """Orders of customers who come every one to three weeks and may leave after any visit.

    Online customers leave after one visit in five, others after one in fifty.
    """
    chance = np.random.default_rng(seed)
    orders = []
    for customer in range(customers):
        gap, online = chance.uniform(7, 21), chance.random() < 0.5
        day = chance.uniform(0, DAYS - 30)
        while day < DAYS:
            orders.append({"customer": customer, "day": int(day), "channel": "online" if online else "store"})
            if chance.random() < (0.20 if online else 0.02):
                break
            day += max(1.0, chance.gamma(4, gap / 4))
    return orders


def with_orders(told: Tables, other: Tables) -> Tables:
    """The first tables with the facts of others."""
    return replace(told, orders=other.orders, lines=other.lines, returns=other.returns)

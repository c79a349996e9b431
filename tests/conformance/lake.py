"""A small lake with everything in it that engines could see differently, and reading it on an engine."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from regulars.insight.compute.lake import Lake, Manifest
from regulars.insight.compute.tables import SCHEMAS

TODAY = date(2024, 7, 10)
FIRST = date(2023, 2, 27)
PEOPLE = 90
MERGED = 6
CATEGORIES = ("coffee", "tea", "茶点", None)


def write(folder: Path) -> Lake:
    """The lake in a folder, the same every time."""
    rows = _rows(random.Random(20240710))
    lake = Lake(folder)
    parts = {}
    for name, schema in SCHEMAS.items():
        arrow = schema.to_pyarrow()
        columns = {column: [row.get(column) for row in rows.get(name, ())] for column in arrow.names}
        parts[name] = lake.write(name, iter(pa.table(columns, schema=arrow).to_batches()), "000001")
    lake.commit(Manifest("conformance", 1, 1, 0, 1, parts))
    return lake


def _rows(chance: random.Random) -> dict[str, list[dict[str, Any]]]:
    orders = [_order(chance, number, who, day) for number, (who, day) in enumerate(_visits(chance))]
    return {
        "orders": orders,
        "lines": [line for order in orders for line in _lines(chance, order)],
        "returns": [_return(chance, n, order) for n, order in enumerate(chance.sample(orders, len(orders) // 6))],
        "products": [
            {"product": f"p{n}", "name": f"商品 {n}", "category": CATEGORIES[n % 4], "brand": None} for n in range(12)
        ],
        # The last few were merged into the first few; two more joined and never bought, one of them in the future.
        "identities": [
            {"identity_id": n, "customer_id": n % PEOPLE + 1} for n in range(PEOPLE + MERGED)
        ],
        "customers": [
            {"customer_id": n, "who": f"{n * 7919 % 10007:05}", "joined_on": _joined(n)} for n in range(1, PEOPLE + 3)
        ],
        "tiers": [tier for n in range(1, PEOPLE + 1, 2) for tier in _tiers(chance, n)],
        "points": [
            {"customer_id": n, "day": FIRST + timedelta(days=chance.randrange(520)), "earned": chance.randrange(500),
             "redeemed": chance.randrange(200), "expired": chance.choice([0, 0, 30])}
            for n in range(1, PEOPLE, 3) for _ in range(3)
        ],
        "memberships": [stay for n in range(1, PEOPLE, 2) for stay in _memberships(chance, n)],
    }  # fmt: skip


def _visits(chance: random.Random) -> Iterator[tuple[int | None, date]]:
    """Regulars, one-timers, the silent, many orders on one day, orders of nobody and orders after TODAY."""
    for who in range(PEOPLE + MERGED):
        day = FIRST + timedelta(days=chance.randrange(420))
        gap = chance.choice([6, 14, 14, 35, 90, 1000])
        until = TODAY + timedelta(days=25) if who % 3 else day + timedelta(days=200)
        while day < until:
            yield from [(who if chance.random() > 0.04 else None, day)] * chance.choice([1, 1, 1, 2])
            day += timedelta(days=max(1, round(chance.gauss(gap, gap / 3))))


def _order(chance: random.Random, number: int, who: int | None, day: date) -> dict[str, Any]:
    # Few different amounts, hours and stores, so that there are ties everywhere.
    paid = chance.choice([0, 990, 1500, 1500, 2990, 12345, 88800])
    online = chance.random() < 0.4
    at = datetime.combine(day, time(chance.choice([9, 12, 18]), 30, 0, chance.choice([0, 0, 123456])))
    return {
        "order_id": number, "identity_id": who, "occurred_at": at, "day": day, "paid": paid, "base": paid * 9 // 10,
        "discount": chance.choice([0, 0, 100, 500]), "channel": "online" if online else "store",
        "store_id": None if online else chance.choice([1, 1, 2, 7]),
    }  # fmt: skip


def _lines(chance: random.Random, order: dict[str, Any]) -> list[dict[str, Any]]:
    names = chance.sample(range(14), chance.choice([1, 2, 3]))
    same = {"order_id": order["order_id"], "identity_id": order["identity_id"], "day": order["day"]}
    return [{**same, "product": f"p{name}", "amount": order["paid"] // len(names)} for name in names]


def _return(chance: random.Random, number: int, order: dict[str, Any]) -> dict[str, Any]:
    """In part, in whole, above what was paid, cancelled, and of an order that nobody knows."""
    at = order["occurred_at"] + timedelta(days=chance.randrange(1, 40))
    return {
        "return_id": number, "order_id": order["order_id"] if number % 9 else None, "identity_id": order["identity_id"],
        "occurred_at": at, "day": at.date(), "amount": chance.choice([100, 990, None, 10**6]),
        "cancelled": number % 5 == 0,
    }  # fmt: skip


def _joined(number: int) -> date:
    return TODAY + timedelta(days=3) if number == PEOPLE + 2 else date(2023, 1, 1) + timedelta(days=number * 7 % 50)


def _tiers(chance: random.Random, customer: int) -> list[dict[str, Any]]:
    turn = FIRST + timedelta(days=chance.randrange(100, 600))
    return [
        {"customer_id": customer, "tier": 0, "from_date": date(2023, 1, 1), "to_date": turn},
        {"customer_id": customer, "tier": chance.choice([1, 2]), "from_date": turn, "to_date": None},
    ]


def _memberships(chance: random.Random, customer: int) -> list[dict[str, Any]]:
    """In, out, in again; from the first of a month; a segment that some never leave."""
    turn = date(2023, chance.randrange(3, 13), chance.choice([1, 1, 2, 15]))
    back = turn + timedelta(days=chance.choice([1, 31, 90]))
    return [
        {"segment_id": 1, "customer_id": customer, "entered_on": FIRST, "left_on": turn},
        {"segment_id": 1, "customer_id": customer, "entered_on": back, "left_on": None},
        {"segment_id": 2 + customer % 3, "customer_id": customer, "entered_on": turn, "left_on": None},
    ]

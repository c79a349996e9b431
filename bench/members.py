"""Members with orders behind them, for benches that look at what is there and not at how it came in."""

import os
import sys
from datetime import UTC, datetime
from typing import Any

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "1000000"))
ORDERS = int(os.environ.setdefault("BENCH_ORDERS", str(MEMBERS * 12 // 10)))
os.environ.setdefault("BENCH_CUSTOMERS", str(MEMBERS))
STEP = 200_000


def load() -> None:
    """The orders, in as many lanes as an import of this size has; a kept instance has them already."""
    from django.db import connection

    from bench.instance import zone
    from bench.orders import some_orders
    from regulars.facts import imports_view
    from regulars.flows.lanes import Lanes, lane_of, lanes_for
    from regulars.flows.record_facts import LARGEST_BATCH, record_portion
    from regulars.flows.settings import programme

    if imports_view.has_facts():
        return
    policies, _ = programme()
    now, count = datetime.now(UTC), lanes_for(ORDERS)
    with Lanes(count) as lanes:
        for start in range(0, ORDERS, STEP):
            portions: list[list[Any]] = [[] for _ in range(count)]
            for fact in some_orders(start, min(ORDERS, start + STEP), now):
                portions[lane_of(fact, count)].append(fact)
            for place in range(0, max(map(len, portions)), LARGEST_BATCH):
                for lane, portion in enumerate(portions):
                    facts = portion[place : place + LARGEST_BATCH]
                    lanes.put(lane, record_portion, facts=facts, policies=policies, zone=zone(), at=now)
            lanes.finish()
            print(f"{start + STEP:,} orders loaded", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def rows(statement: str) -> list[tuple[Any, ...]]:
    """Rows of a plain query."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())

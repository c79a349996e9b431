"""Two-line orders in bulk through the whole flow, beside what the machine can copy into bare tables in the same run.

BENCH_RULES=20 puts so many live rules over them.
"""

import json
import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.instance import instance, zone

ORDERS = int(os.environ.get("BENCH_ORDERS", "750000"))
RULES = int(os.environ.get("BENCH_RULES", "0"))
CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "0")) or max(1000, ORDERS // 10)
STEP = 50_000
WINDOW = 250_000


def main() -> None:
    """Measure, and print one line of JSON."""
    from bench.many_rules import launch_rules

    with instance():
        if RULES:
            launch_rules(RULES)
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """Orders a second over all, and the time an order takes in the last window against that in the third.

    As many lanes as an import of this size has. The orders are made while nothing is measured. A machine that others
    share does not keep one speed for minutes, so late and early are also compared in what it copied just before each
    step, and in processor time.
    """
    from regulars.flows.lanes import Lanes, lanes_for
    from regulars.flows.record_facts import record_portion
    from regulars.flows.settings import programme

    policies, in_zone = programme()
    now = datetime.now(UTC)
    count = lanes_for(ORDERS)
    spent: list[float] = []
    busy: list[float] = []
    copied: list[float] = []
    with Lanes(count) as lanes:
        for lane in range(count):
            lanes.put(lane, record_portion, facts=[], policies=policies, zone=in_zone, at=now)  # the processes start
        lanes.finish()
        for start in range(0, ORDERS, STEP):
            portions = _portions(start, count, now)
            copied.append(copy_rate())
            begun, worked = time.perf_counter(), busy_seconds()
            _tell(lanes, portions, policies, now)
            spent.append(time.perf_counter() - begun)
            busy.append(busy_seconds() - worked)
            print(f"{start + STEP:>9,} orders, {STEP / spent[-1]:,.0f}/s", file=sys.stderr)
    seconds, rows = sum(spent), sum(copied) / len(copied)
    beside = [moment * rate for moment, rate in zip(spent, copied, strict=True)]
    return {
        "bench": "orders",
        "orders": ORDERS,
        "customers": CUSTOMERS,
        "rules": RULES,
        "lanes": count,
        "orders_per_second": round(ORDERS / seconds),
        "copied_rows_per_second": round(rows),
        "orders_per_copied_row": round(ORDERS / seconds / rows, 3),
        "processor_us_an_order": round(sum(busy) / ORDERS * 1e6),
        "late_against_early": late_against_early(spent),
        "late_against_early_in_copied_rows": late_against_early(beside),
        "late_against_early_in_processor_time": late_against_early(busy),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def late_against_early(steps: list[float]) -> float:
    """What an order takes in the last window against one in the third: in seconds, or in what else was measured."""
    each = WINDOW // STEP
    early, late = steps[2 * each : 3 * each] or steps, steps[-each:]
    return round((sum(late) / len(late)) / (sum(early) / len(early)), 2)


def busy_seconds() -> float:
    """Processor seconds that everything on this machine has used so far; what a host took for others is not in it."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system = (int(field) for field in fields[:3])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def some_orders(start: int, end: int, now: datetime) -> Iterator[Any]:
    """Orders of two lines, a year and more in the order of time, by customers with a phone."""
    from regulars.facts.kinds.order_completed import make_body
    from regulars.facts.rules import Identity, IdentityKind, NewFact

    chance = random.Random(start)
    begin = now - timedelta(days=400)
    for place in range(start, end):
        first, second = chance.randint(500, 20_000), chance.randint(500, 9_000)
        lines = [("1", f"SKU-{chance.randint(1, 500)}", 1, first), ("2", f"SKU-{chance.randint(1, 500)}", 2, second)]
        who = Identity(int(IdentityKind.PHONE), "", f"+86138{chance.randrange(CUSTOMERS):08d}")
        yield NewFact(
            source="till", kind=1, key=f"O{place:09d}",
            occurred_at=begin + timedelta(seconds=place * 400 * 86_400 / ORDERS),
            body=make_body(currency="CNY", paid=first + second, lines=lines), identities=(who,), amount=first + second,
            store=f"S{place % 20}",
        )  # fmt: skip


def load() -> None:
    """Tell the orders, in as many lanes as an import of this size has; a kept instance has them already."""
    from django.db import connection

    from regulars.facts import imports_view
    from regulars.flows.lanes import Lanes, lanes_for
    from regulars.flows.settings import programme

    if imports_view.has_facts():
        return
    policies, _ = programme()
    now, count = datetime.now(UTC), lanes_for(ORDERS)
    with Lanes(count) as lanes:
        for start in range(0, ORDERS, STEP):
            _tell(lanes, _portions(start, count, now), policies, now)
            print(f"{start + STEP:,} orders loaded", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _portions(start: int, count: int, now: datetime) -> list[list[Any]]:
    """The orders of a step, by lane."""
    from regulars.flows.lanes import lane_of

    portions: list[list[Any]] = [[] for _ in range(count)]
    for fact in some_orders(start, min(ORDERS, start + STEP), now):
        portions[lane_of(fact, count)].append(fact)
    return portions


def _tell(lanes: Any, portions: list[list[Any]], policies: Any, now: datetime) -> None:
    """Record them, each lane its own, and wait until all are."""
    from regulars.facts.rules import Bundle
    from regulars.flows.record_facts import LARGEST_BATCH, record_portion

    for place in range(0, max(map(len, portions)), LARGEST_BATCH):
        for lane, portion in enumerate(portions):
            facts = Bundle(portion[place : place + LARGEST_BATCH])
            lanes.put(lane, record_portion, facts=facts, policies=policies, zone=zone(), at=now)
    lanes.finish()


def copy_rate() -> float:
    """Rows a second that PostgreSQL's COPY takes from this process into a bare table: the machine's limit."""
    from django.db import connection

    connection.ensure_connection()
    raw = connection.connection
    rows = 100_000
    at = datetime.now(zone())
    with raw.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (id bigint, who bigint, at timestamptz, amount bigint, body text)")
        begun = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for place in range(rows):
                copy.write_row((place, place, at, 12_345, "two lines"))
        seconds = time.perf_counter() - begun
        cursor.execute("DROP TABLE bare")
    return rows / seconds


if __name__ == "__main__":
    main()

"""Twenty `kill -9` of the worker and of the database while 100,000 orders are posted: nothing lost, nothing doubled."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.instance import instance, zone

ORDERS = int(os.environ.get("BENCH_KILL_ORDERS", "100000"))
KILLS = 20
BATCH = 500
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Play the parent, or, told so, the worker that is killed."""
    if "--work" in sys.argv:
        work()
        return
    with instance() as data:
        print(json.dumps(measure(data)))


def work() -> None:
    """Post all orders from the first one on; what is posted already is answered as repeated."""
    from regulars.config import boot

    boot.everything()
    from regulars.flows.record_facts import record_facts
    from regulars.flows.settings import programme

    policies, in_zone = programme()
    for batch in batches():
        record_facts(facts=batch, policies=policies, zone=in_zone, at=NOW)


def batches() -> Iterator[list[Any]]:
    """The orders in the portions in which they are posted; the same ones each time."""
    from bench.orders import some_orders

    for start in range(0, ORDERS, BATCH):
        yield list(some_orders(start, start + BATCH, NOW))


def measure(data: Path) -> dict[str, object]:
    """Kill at random moments, start again, and compare with what must have come out."""
    chance, log, kills = random.Random(20), [], 0
    while True:
        worker = subprocess.Popen([sys.executable, "-m", "bench.kills", "--work"], stderr=subprocess.DEVNULL)
        while kills < KILLS and worker.poll() is None:
            time.sleep(chance.uniform(1.0, 4.0))
            victim = chance.choice(("worker", "database"))
            pids = [worker.pid] if victim == "worker" else _server(data)
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            kills += 1
            log.append(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} kill -9 {victim} {pids[0]}")
            print(log[-1], file=sys.stderr)
        if worker.wait() == 0:
            break
    return {"bench": "kills", "orders": ORDERS, "kills": kills, **_outcome(), "log": log}


def _server(data: Path) -> list[int]:
    """The database's first process and its children, as a power cut would end them."""
    first = int(next(data.rglob("postmaster.pid")).read_text().split()[0])
    children = subprocess.run(["pgrep", "-P", str(first)], capture_output=True, text=True, check=False).stdout
    return [first, *map(int, children.split())]


def _outcome() -> dict[str, object]:
    """Facts and points as they are, beside what the orders say they must be; and whether the books agree."""
    from django.db import connections

    from regulars.config import boot
    from regulars.core import bulk
    from regulars.flows.settings import programme
    from regulars.loyalty.verification import verify

    connections.close_all()
    boot.database()
    database = connections["default"]
    facts = bulk.run(database, "SELECT count(*), count(DISTINCT key) FROM facts_fact")[0]
    points = bulk.run(database, "SELECT sum(amount)::bigint FROM ledger_transfer WHERE currency = 1 AND source = 11")[
        0
    ][0]
    expected = sum((fact.amount or 0) // 100 for batch in batches() for fact in batch)
    report = list(verify(policies=programme()[0], at=datetime.now(zone())))[-1]
    return {
        "facts_lost": ORDERS - facts[0],
        "facts_doubled": facts[0] - facts[1],
        "points_off": points - expected,
        "verify_clean": report.clean,
    }


if __name__ == "__main__":
    main()

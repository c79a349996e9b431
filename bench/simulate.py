"""The simulator over a long history: two drafts, one that only doubles the points and one with many rules and a cap.

BENCH_ORDERS=3000000 by default, which takes some minutes to load; BENCH_RULES says how many rules, BENCH_KEEP a folder
in which the instance stays for the next run.
"""

import json
import os
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ORDERS = int(os.environ.setdefault("BENCH_ORDERS", "3000000"))
RULES = int(os.environ.get("BENCH_RULES", "20"))


def main() -> None:
    """Measure, and print one line of JSON."""
    from bench.instance import instance

    kept = os.environ.get("BENCH_KEEP")
    with instance(Path(kept) if kept else None):
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """Seconds for each draft, whether the live terms give the same as the ledger, and processor time for an order."""
    from bench.many_rules import many_rules
    from bench.orders import load
    from regulars.ledger import statements
    from regulars.loyalty import programme_view

    live = programme_view.current()
    assert live is not None
    load()
    terms = dict(live.terms)
    found: dict[str, object] = {"bench": "simulate", "orders": ORDERS, "rules": RULES}
    same, _ = _simulated(terms, "live", found)
    issued = -statements.trial_balance().accounts[11]
    found["live_is_the_ledger"] = same.today.earned == same.draft.earned == issued
    doubled, seconds = _simulated({**terms, "minor_per_point": terms["minor_per_point"] // 2}, "doubled", found)
    found["doubled_issue"] = round(doubled.draft.earned / doubled.today.earned, 3)
    found["microseconds_an_order"] = round(seconds / ORDERS * 1_000_000, 1)
    caps = [{"period": "month", "most": 5_000}]
    _simulated({**terms, "rules": many_rules(RULES), "caps": caps}, "rules", found)
    found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    found["peak_memory_of_a_lane_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return found


def _simulated(terms: dict[str, Any], name: str, found: dict[str, object]) -> tuple[Any, float]:
    """The result of a draft ever since, with its seconds in `found`; and the processor time of Python in seconds."""
    from regulars.flows import simulate_programme as flow
    from regulars.loyalty.simulation import queries
    from regulars.loyalty.simulation.rules import Question
    from regulars.staff.rules import SYSTEM

    question = Question(terms, None, queries.usual_thousand_cost())
    asked = flow.ask_simulation(question=question, by=SYSTEM, key="bench", at=datetime.now(UTC))
    begun, before = time.perf_counter(), _processor()
    for done, whole in flow.simulate_programme(simulation_id=asked, clock=lambda: datetime.now(UTC)):
        if done == whole:
            print(f"{name}: {whole:,} members", file=sys.stderr)
    found[f"{name}_s"] = round(time.perf_counter() - begun, 1)
    return queries.run(asked).result, _processor() - before


def _processor() -> float:
    """Seconds of processor that this process and its finished children took; the database's not counted."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    main()

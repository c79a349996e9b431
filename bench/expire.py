"""A million lots expire in one night; a second run finds nothing to do.

BENCH_MEMBERS=1000000 by default, which takes some minutes to load; BENCH_KEEP is a folder in which the instance stays
for the next run, once it has expired.
"""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

YEARS = timedelta(days=3 * 366)
LOTS = "SELECT count(*) FROM ledger_lot WHERE remaining > 0"


def main() -> None:
    """Measure, and print one line of JSON."""
    from bench.instance import instance

    kept = os.environ.get("BENCH_KEEP")
    with instance(Path(kept) if kept else None):
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """Seconds until everything that was earned is mature, until all of it has expired, and for a second run."""
    from bench.members import rows
    from bench.orders import load
    from regulars.flows.settle_due import settle_due
    from regulars.ledger import queries as ledger

    load()
    now = datetime.now(UTC)
    found: dict[str, object] = {"bench": "expire", "load_average": round(os.getloadavg()[0], 1)}
    for name, at in (("mature", now + timedelta(days=8)), ("expire", now + YEARS), ("again", now + YEARS)):
        lots = rows(LOTS)[0][0]
        begun = time.perf_counter()
        *_, done = 0, *settle_due(at=at)
        found[f"{name}_s"] = round(time.perf_counter() - begun, 1)
        found[f"{name}_customers"] = done
        found[f"{name}_lots"] = lots - rows(LOTS)[0][0]
    differences, _ = ledger.disagreements()
    found["differences"] = len(differences)
    return found


if __name__ == "__main__":
    main()

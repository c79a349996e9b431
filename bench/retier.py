"""A version with other thresholds goes live: the tiers of a million members follow it.

BENCH_MEMBERS=1000000 by default, which takes some minutes to load; BENCH_KEEP is a folder in which the instance stays
for the next run.
"""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SAMPLE = 5_000


def main() -> None:
    """Measure, and print one line of JSON."""
    from bench.instance import instance

    kept = os.environ.get("BENCH_KEEP")
    with instance(Path(kept) if kept else None):
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """Seconds for lower and for higher thresholds, how many rows changed, and what folding a member whole takes."""
    from bench.members import rows
    from bench.orders import load
    from regulars.flows.rate_again import fold_portion
    from regulars.flows.settings import programme
    from regulars.loyalty import programme_view
    from regulars.loyalty.actions import retiering

    load()
    live = programme_view.current()
    assert live is not None
    found: dict[str, object] = {"bench": "retier", "load_average": round(os.getloadavg()[0], 1)}
    found["members"] = rows("SELECT count(*) FROM loyalty_standing")[0][0]
    for name, thresholds in (("lower", (0, 100, 300, 900)), ("higher", (0, 2_000, 10_000, 40_000))):
        tiers = [{**tier, "threshold": one} for tier, one in zip(live.terms["tiers"], thresholds, strict=True)]
        _retier({**live.terms, "tiers": tiers}, name, found)
    policies, _ = programme()
    some = next(retiering.portions())[:SAMPLE]
    begun = time.perf_counter()
    fold_portion(customer_ids=some, policies=policies, at=datetime.now(UTC))
    found["folded_whole_microseconds_a_member"] = round((time.perf_counter() - begun) / len(some) * 1e6)
    return found


def _retier(terms: dict[str, Any], name: str, found: dict[str, object]) -> None:
    from bench.instance import ZONE
    from bench.members import rows
    from regulars.flows.rate_again import rate_everybody_again
    from regulars.flows.settings import programme
    from regulars.loyalty.actions import launch

    now = datetime.now(UTC)
    before = dict(
        rows("SELECT tier, count(*) FROM loyalty_tierinterval WHERE to_date IS NULL OR to_date > now() GROUP BY 1")
    )
    number = launch(terms=terms, live_from=now, time_zone=ZONE, actor="bench", at=now)
    policies, _ = programme()
    begun = time.perf_counter()
    for _ in rate_everybody_again(policies=policies, at=datetime.now(UTC), number=number):
        pass
    found[f"{name}_s"] = round(time.perf_counter() - begun, 1)
    after = dict(
        rows("SELECT tier, count(*) FROM loyalty_tierinterval WHERE to_date IS NULL OR to_date > now() GROUP BY 1")
    )
    found[f"{name}_intervals"] = f"{before} -> {after}"


if __name__ == "__main__":
    main()

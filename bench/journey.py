"""The whole Complete Journey import: facts, lines, customers, ledger, tiers; seconds and peak memory."""

import json
import resource
import time
from datetime import UTC, datetime

from bench.instance import instance


def main() -> None:
    """Measure, and print one line of JSON."""
    with instance():
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """Seconds from the package's files to a settled ledger."""
    from regulars.facts.connectors.complete_journey import CompleteJourney
    from regulars.flows.lanes import lanes_for
    from regulars.flows.load_demo import load_demo
    from regulars.flows.settings import programme
    from regulars.loyalty.verification import verify

    begun = time.perf_counter()
    journey = CompleteJourney(on=datetime.now(UTC).date(), time_zone="Asia/Shanghai", currency="CNY")
    orders = load_demo(
        facts=journey.facts(),
        products=journey.products(),
        at=datetime.now(UTC),
        progress=lambda what, done: None,
        lanes=lanes_for(),
    )
    seconds = time.perf_counter() - begun
    memory = peak_memory_mb()
    begun = time.perf_counter()
    report = list(verify(policies=programme()[0], at=datetime.now(UTC)))[-1]
    return {
        "bench": "journey",
        "orders": orders,
        "seconds": round(seconds, 1),
        "peak_memory_mb": memory,
        "lanes": lanes_for(),
        "verify_seconds": round(time.perf_counter() - begun, 1),
        "verify_clean": report.clean,
    }


def peak_memory_mb() -> int:
    """The most that this process had, and for each lane the most that any of them had."""
    from regulars.flows.lanes import lanes_for

    own, lanes = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + lanes * lanes_for()) // 1024


if __name__ == "__main__":
    main()

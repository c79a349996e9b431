"""The whole Complete Journey import: facts, lines, customers, ledger, tiers; seconds and peak memory."""

import json
import multiprocessing
import os
import resource
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

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
    with Memory() as memory:
        orders = load_demo(
            facts=journey.facts(),
            products=journey.products(),
            at=datetime.now(UTC),
            progress=lambda what, done: None,
            lanes=lanes_for(),
        )
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    report = list(verify(policies=programme()[0], at=datetime.now(UTC)))[-1]
    return {
        "bench": "journey",
        "orders": orders,
        "seconds": round(seconds, 1),
        "peak_memory_mb": memory.peak_mb,
        "lanes": lanes_for(),
        "verify_seconds": round(time.perf_counter() - begun, 1),
        "verify_clean": report.clean,
    }


class Memory:
    """The most that this process and its lanes had together, looked at five times a second.

    What the system keeps of children would not do: a lane starts as a copy of this process and inherits its peak.
    """

    def __init__(self) -> None:
        self.peak_mb = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            lanes = multiprocessing.active_children()
            pages = sum(_resident_pages(pid) for pid in (os.getpid(), *(lane.pid or 0 for lane in lanes)))
            self.peak_mb = max(self.peak_mb, pages * resource.getpagesize() // 2**20)


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0  # it has just ended


if __name__ == "__main__":
    main()

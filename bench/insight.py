"""The picture at scale: RFM, all features, lifecycle and labels, against the same by hand in SQL, in one run.

BENCH_CUSTOMERS (1,000,000) and BENCH_LAKE_ORDERS (20,000,000) set the size of the made-up lake; it has two lines an
order and is kept in the temporary folder (1.2 GB at full size). Both sides run on the same DuckDB with the same memory
limit, read the same Parquet and must give the same rows; each side's best of BENCH_ROUNDS (2) counts.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bench.lake import LAST_DAY, TABLES, lake

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "1000000"))
ORDERS = int(os.environ.get("BENCH_LAKE_ORDERS", "20000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "2"))
MEMORY = "3GB"
SQL = Path(__file__).parent / "sql"
WANTED_RFM_RATIO, WANTED_PICTURE_RATIO, WANTED_SECONDS = 2, 3, 25
WANTED_MEMORY_MB, WANTED_COUNT_MS = 4096, 300
SEGMENTS: tuple[dict[str, Any], ...] = (
    {"all": [
        {"field": "recency_days", "op": "gt", "value": 60}, {"field": "spent_365_minor", "op": "ge", "value": 50000},
    ]},
    {"all": [{"field": "purchase_days", "op": "ge", "value": 4}, {"field": "silence_ratio", "op": "le", "value": 2}]},
    {"any": [
        {"field": "main_channel", "op": "in", "value": ["online"]}, {"field": "online_share", "op": "ge", "value": 0.3},
    ]},
    {"not": {"all": [{"field": "orders", "op": "ge", "value": 10}, {"field": "categories", "op": "lt", "value": 8}]}},
)  # fmt: skip


def measure(folder: Path, out: Path) -> dict[str, Any]:
    """Every figure, ours first, so that the memory's peak is ours."""
    from regulars.insight.compute import engine
    from regulars.insight.compute.tables import Tables

    connection = engine.connect(memory=MEMORY, scratch=out / "spill")
    connection.raw_sql("SET enable_progress_bar = false").fetchall()
    told = Tables(**{name: engine.read(connection, [folder / f"{name}.parquet"], name) for name in TABLES})
    found: dict[str, Any] = {"customers": CUSTOMERS, "orders": ORDERS, "load_before": round(os.getloadavg()[0], 2)}
    for number in range(ROUNDS):
        for side in ("ours", "sql"):
            for name, spent in (_ours(connection, told, out) if side == "ours" else _by_hand(connection)).items():
                for unit, seconds in zip(("s", "cpu_s"), spent, strict=True):
                    key = f"{name}_{side}_{unit}"
                    found[key] = min(found.get(key, seconds), seconds)
            if not number and side == "ours":
                found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    found = {name: round(value, 2) if isinstance(value, float) else value for name, value in found.items()}
    found["differing_rows"] = _differences(connection)
    found |= _segment_counts(out)
    return found | _verdicts(found)


class Spent(NamedTuple):
    """Seconds on the clock, and seconds of all cores; on a busy machine only the second says what a thing costs."""

    clock: float
    cores: float

    def and_(self, *others: "Spent") -> "Spent":
        return Spent(self.clock + sum(one.clock for one in others), self.cores + sum(one.cores for one in others))


def _timed(run: Callable[[], Any]) -> Spent:
    clock, cores = time.perf_counter(), time.process_time()
    run()
    return Spent(time.perf_counter() - clock, time.process_time() - cores)


def _ours(connection: Any, told: Any, out: Path) -> dict[str, Spent]:
    """RFM alone from the lake; then the whole picture: features, labels, stages, index, joined and written."""
    from regulars.insight.compute import contribution, lifecycle, loyalty_index, rfm
    from regulars.insight.compute.features import build

    def keep(name: str, table: Callable[[], Any]) -> Spent:
        return _timed(lambda: connection.create_table(f"our_{name}", table(), temp=True, overwrite=True))

    def write() -> None:
        whole = connection.table("our_features")
        for part in ("rfm", "stages", "contribution", "loyalty"):
            more = connection.table(f"our_{part}")
            whole = whole.left_join(more, "customer_id").drop("customer_id_right")
        whole.order_by("customer_id").to_parquet(out / "picture.parquet", row_group_size=100_000)

    alone = keep("rfm_alone", lambda: rfm.scores(build(told, LAST_DAY, ("recency", "frequency", "money"))))
    features = keep("features", lambda: build(told, LAST_DAY))
    made = connection.table("our_features")
    labels = [keep("rfm", lambda: rfm.scores(made)), keep("stages", lambda: lifecycle.stage_of(made))]
    more = [
        keep("contribution", lambda: contribution.classes(made)),
        keep("loyalty", lambda: loyalty_index.index(made)),
        _timed(write),
    ]
    return {
        "rfm": alone, "features": features, "picture": features.and_(*labels),
        "whole_picture": features.and_(*labels, *more),
    }  # fmt: skip


def _by_hand(connection: Any) -> dict[str, Spent]:
    """The same by hand; the scores of the picture are the RFM query over features instead of orders."""

    def keep(name: str, query: str) -> Spent:
        return _timed(lambda: connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}").fetchall())

    queries = {name: (SQL / f"{name}.sql").read_text().format(today=LAST_DAY) for name in ("rfm", "features", "stages")}
    alone = keep("sql_rfm", queries["rfm"])
    features = keep("features", queries["features"])
    stages = keep("sql_stages", queries["stages"])
    bought = "WITH bought AS (SELECT * FROM features WHERE orders > 0), "
    scores = keep("sql_scores", bought + queries["rfm"][queries["rfm"].index("scored AS") :])
    return {"rfm": alone, "features": features, "picture": features.and_(stages, scores)}


def _differences(connection: Any) -> int:
    """Rows that one side has and the other has not, over RFM, features and stages."""
    total = 0
    for ours, theirs in [("our_rfm_alone", "sql_rfm"), ("our_features", "features"), ("our_stages", "sql_stages")]:
        columns = ", ".join(connection.table(ours).columns)
        one, other = f"SELECT {columns} FROM {ours}", f"SELECT {columns} FROM {theirs}"
        query = f"SELECT count(*) FROM (({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one}))"
        total += connection.raw_sql(query).fetchall()[0][0]
    return total


def _segment_counts(out: Path) -> dict[str, float]:
    """A live count of each segment over the finished picture, the first one ever and the middle of the others."""
    from regulars.core.conditions import read
    from regulars.insight.compute import pictures
    from regulars.insight.compute.fields import catalogue

    fields = catalogue()
    picture = pictures.Picture(out / "picture.parquet", LAST_DAY, datetime.now(UTC))
    counts = [partial(pictures.count, picture, read(tree, fields), fields) for tree in SEGMENTS]
    times = [1000 * _timed(count).clock for _ in range(5) for count in counts]
    return {
        "first_count_ms": round(times[0]),
        "count_ms": round(statistics.median(times[1:])),
        "slowest_count_ms": round(max(times[1:])),
    }


def _verdicts(found: dict[str, Any]) -> dict[str, Any]:
    rfm_ratio = found["rfm_ours_s"] / found["rfm_sql_s"]
    picture_ratio = found["picture_ours_s"] / found["picture_sql_s"]
    met = (
        rfm_ratio <= WANTED_RFM_RATIO
        and picture_ratio <= WANTED_PICTURE_RATIO
        and found["whole_picture_ours_s"] <= WANTED_SECONDS
        and found["peak_memory_mb"] <= WANTED_MEMORY_MB
        and found["slowest_count_ms"] <= WANTED_COUNT_MS
        and found["differing_rows"] == 0
    )
    return {"rfm_ratio": round(rfm_ratio, 2), "picture_ratio": round(picture_ratio, 2), "met": met}


def main() -> None:
    """Make the lake in a process of its own, so that its memory does not count, then measure."""
    if "--make" in sys.argv:
        lake(CUSTOMERS, ORDERS)
        return
    subprocess.run([sys.executable, "-m", "bench.insight", "--make"], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as out:
        print(json.dumps({"bench": "insight", **measure(lake(CUSTOMERS, ORDERS), Path(out))}))


if __name__ == "__main__":
    main()

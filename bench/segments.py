"""Segments over a million customers: the count while somebody edits, and what a refresh records."""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench.instance import instance

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "1000000"))
EDITED = {
    "all": [
        {"field": "orders", "op": "ge", "value": 3},
        {"field": "recency_days", "op": "gt", "value": 90},
        {
            "any": [
                {"field": "main_channel", "op": "in", "value": ["store"]},
                {"field": "spent_minor", "op": "between", "value": [10_000, 300_000]},
                {"not": {"field": "last_purchase_day", "op": "in_last_days", "value": 365}},
            ]
        },
    ]
}


def main() -> None:
    """Measure, and print one line of JSON."""
    with instance(), tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder))))


def measure(folder: Path) -> dict[str, object]:
    """Seconds of a live count (the slowest of ten) and of recording who is in the presets: first, and a day later."""
    from regulars.core.conditions import read
    from regulars.insight.segments import actions, queries

    fields = queries.fields()
    now = datetime.now(UTC)
    pictures = [_picture(folder / f"{number}.parquet", number, fields, now) for number in range(2)]
    tree = read(EDITED, fields)
    counted = [_timed(lambda: queries.count(tree, picture=pictures[0], fields=fields)) for _ in range(11)][1:]
    made = actions.install_presets(fields=fields, at=now)
    first = _timed(lambda: _follow(pictures[0], None, fields, now))
    later = _timed(lambda: _follow(pictures[1], pictures[0], fields, now))
    return {
        "bench": "segments",
        "customers": CUSTOMERS,
        "presets": len(made),
        "members": sum(one.members or 0 for one in queries.segments()),
        "live_count_ms": round(max(counted) * 1000),
        "first_refresh_s": round(first, 2),
        "next_refresh_s": round(later, 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _follow(after: Any, before: Any, fields: Any, at: datetime) -> None:
    from regulars.insight.models import Refresh
    from regulars.insight.segments.following import follow

    refresh_id = Refresh.objects.create(day=after.day, started_at=at).pk
    for one in follow(refresh_id=refresh_id, after=after, before=before, fields=fields, at=at):
        print(f"segment {one.segment_id}: {one.members:,} members, +{one.entered:,} -{one.left:,}", file=sys.stderr)


def _picture(file: Path, number: int, fields: Any, now: datetime) -> Any:
    """A picture with every column; in the second one, one customer in fifty is another than before."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from regulars.core.conditions import FieldType
    from regulars.insight.compute.pictures import Picture

    first, second = np.random.default_rng(1), np.random.default_rng(2)
    changed = second.random(CUSTOMERS) < number * 0.02

    def mixed(kind: str, *limits: float) -> Any:
        old, new = (getattr(rng, kind)(*limits, CUSTOMERS) for rng in (first, second))
        return np.where(changed, new, old)

    columns: dict[str, Any] = {"customer_id": pa.array(np.arange(1, CUSTOMERS + 1))}
    for name, field in fields.items():
        if field.type is FieldType.NUMBER:
            scale = {"minor": 50_000, "days": 200, "share": 0.5, "ratio": 2}.get(field.unit, 4)
            values = mixed("exponential", scale)
            columns[name] = pa.array(values if field.unit in ("share", "ratio") else values.astype("int64"))
        elif field.type is FieldType.DATE:
            days = mixed("integers", 19_000, 19_800)
            columns[name] = pa.array(days.astype("int32"), pa.int32()).cast(pa.date32())
        elif field.type is FieldType.CHOICE:
            codes = mixed("integers", 0, len(field.choices))
            columns[name] = pa.DictionaryArray.from_arrays(codes, [c.value for c in field.choices]).cast(pa.string())
    pq.write_table(pa.table(columns), file, compression="zstd", row_group_size=100_000)
    return Picture(file, date(2024, 6, 1 + number), now)


def _timed(what: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()

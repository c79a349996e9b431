"""One table of rows, shown to both engines from one file."""

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.insight.compute import engine


class Shown(NamedTuple):
    """Rows with their `place`, and the same rows on both engines."""

    rows: list[dict[str, Any]]
    engines: tuple[Any, Any]


def shown(table: pa.Table, file: Path, connections: tuple[Any, Any]) -> Shown:
    told = table.append_column("place", pa.array(range(len(table)), pa.int64()))
    pq.write_table(told, file)
    ours, theirs = (engine.read(connection, [file], file.stem) for connection in connections)
    return Shown(told.to_pylist(), (ours, theirs))

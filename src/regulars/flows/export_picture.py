"""Export features, scores or segments of the last good picture to a file, and record that it was done."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
from django.db import transaction

from regulars.core import tabular
from regulars.insight import queries
from regulars.insight.segments import queries as segments
from regulars.staff import actions as staff
from regulars.staff.rules import Actor

SEGMENTS = pa.schema(
    [("segment_id", pa.int64()), ("name_zh", pa.string()), ("name_en", pa.string()), ("customer_id", pa.int64()),
     ("since", pa.date32())]
)  # fmt: skip
WHAT = ("segments", "scores", "features")


@transaction.atomic
def export_picture(*, what: str, file: Path, actor: Actor, at: datetime) -> int:
    """Write one of WHAT to a .csv or .parquet file; returns the number of rows.

    Raises:
        NoPicture: Nothing was refreshed yet.
    """
    if what == "segments":
        schema, rows = SEGMENTS, segments.export_rows()
    else:
        schema, rows = queries.export_rows(what)
    count = tabular.write(file, schema, rows)
    staff.record(by=actor, action="books.export", at=at, subject_kind=what, detail={"rows": count})
    return count

"""Export the points liability month by month to a file, and record that it was done."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
from django.db import transaction

from regulars.core import tabular
from regulars.core.calendar import zone
from regulars.loyalty.liability import queries
from regulars.staff import actions as staff
from regulars.staff import queries as business
from regulars.staff.rules import Actor

POINTS = ("opening", "earned", "taken_over", "used", "expired", "revoked", "closing")
MONEY = ("sales", "deferred", "recognised", "liability")
SCHEMA = pa.schema(
    [
        ("month", pa.date32()),
        *((name, pa.int64()) for name in POINTS),
        *((f"{name}_minor", pa.int64()) for name in MONEY),
    ]
)


@transaction.atomic
def export_liability(*, what: str, file: Path, actor: Actor, at: datetime) -> int:
    """Write each month's points and deferred revenue, by when it happened; returns the number of rows."""
    found = queries.statement(zone=zone(business.business().time_zone), at=at)
    rows = (
        (one.month, *(getattr(one, name) for name in POINTS), *(getattr(money, name) for name in MONEY))
        for one, money in zip(found.movements, found.deferral.months, strict=True)
    )
    count = tabular.write(file, SCHEMA, rows)
    staff.record(by=actor, action="books.export", at=at, subject_kind=what, detail={"rows": count})
    return count

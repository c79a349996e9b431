"""Export customers, balances or the ledger to a file, as one consistent picture, and record that it was done."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.db import transaction

from regulars.core import tabular
from regulars.customers import queries as customers
from regulars.ledger import statements as ledger
from regulars.loyalty import programme_view
from regulars.staff import actions as staff
from regulars.staff.rules import Actor

AT = pa.timestamp("us", tz="UTC")


def _coded(rows: Iterator[tuple[Any, ...]], place: int) -> Iterator[tuple[Any, ...]]:
    """Rows with the code of the currency whose number stands at this place: numbers are the ledger's own."""
    codes = programme_view.currency_codes()
    return ((*row, codes.get(row[place], "")) for row in rows)


EXPORTS: dict[str, tuple[list[tuple[str, pa.DataType]], Callable[[], Iterator[tuple[Any, ...]]]]] = {
    "customers": (
        [("customer_id", pa.int64()), ("canonical_id", pa.int64()), ("name", pa.string()), ("birthday", pa.date32()),
         ("joined_on", pa.date32()), ("identities", pa.string())],
        customers.export_rows,
    ),
    "balances": (
        [("customer_id", pa.int64()), ("currency", pa.int16()), ("pending", pa.int64()), ("available", pa.int64()),
         ("held", pa.int64()), ("debt", pa.int64()), ("earned", pa.int64()), ("currency_code", pa.string())],
        lambda: _coded(ledger.export_balances(), 1),
    ),
    "ledger": (
        [("transfer_id", pa.int64()), ("customer_id", pa.int64()), ("currency", pa.int16()), ("source", pa.int16()),
         ("target", pa.int16()), ("amount", pa.int64()), ("lot_id", pa.int64()), ("at", AT),
         ("origin_kind", pa.int16()),
         ("origin_id", pa.int64()), ("purpose", pa.int16()), ("corrects_id", pa.int64()), ("recorded_at", AT),
         ("currency_code", pa.string())],
        lambda: _coded(ledger.export_transfers(), 2),
    ),
}  # fmt: skip


@transaction.atomic
def export_books(*, what: str, file: Path, actor: Actor, at: datetime) -> int:
    """Write one of EXPORTS to a .csv or .parquet file; returns the number of rows."""
    fields, rows = EXPORTS[what]
    count = tabular.write(file, pa.schema(fields), rows())
    staff.record(by=actor, action="books.export", at=at, subject_kind=what, detail={"rows": count})
    return count

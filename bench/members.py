"""Members with orders behind them, for benches that look at what is there and not at how it came in."""

import os
from typing import Any

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "1000000"))
ORDERS = int(os.environ.setdefault("BENCH_ORDERS", str(MEMBERS * 12 // 10)))
os.environ.setdefault("BENCH_CUSTOMERS", str(MEMBERS))


def rows(statement: str) -> list[tuple[Any, ...]]:
    """Rows of a plain query."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())

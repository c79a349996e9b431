"""Facts by id, as other systems are told of them: which source, which number; nothing personal."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.facts.kinds import FACT_KINDS, custom, order_completed
from regulars.facts.queries import LIVE_EPOCH

END = f"SELECT live, pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 FROM ({LIVE_EPOCH}) e"
NAMED = """
SELECT f.id, f.kind, s.name, f.key, f.subject, f.occurred_at, f.body ->> 'event', f.recorded_at
FROM facts_fact f JOIN facts_source s ON s.id = f.source_id WHERE f.id = ANY(%b::bigint[])
"""


@dataclass(frozen=True, slots=True)
class NamedFact:
    """A fact by its names. `order` is the order that it is or is about, '' if none; `event` what it is called."""

    id: int
    kind: int
    source: str
    key: str
    order: str
    occurred_at: datetime
    event: str
    recorded_at: datetime


def named(fact_ids: Collection[int]) -> dict[int, NamedFact]:
    """These facts by id."""
    rows = bulk.run(connection, NAMED, [bulk.Column("bigint", sorted(fact_ids))])
    return {
        row[0]: NamedFact(
            row[0], row[1], row[2], row[3], row[4] or (row[3] if row[1] == order_completed.CODE else ""), row[5],
            (row[6] or "") if row[1] == custom.CODE else FACT_KINDS[row[1]][0], row[7],
        )
        for row in rows
    }  # fmt: skip


def source_names() -> dict[int, str]:
    """What each system that numbers orders is called, by id."""
    return {row[0]: row[1] for row in bulk.run(connection, "SELECT id, name FROM facts_source")}


def end_of_feed() -> tuple[int, int]:
    """The bound of somebody who has read every fact that is committed now."""
    row = bulk.run(connection, END)[0]
    return row[0], row[1]

"""A few customers, pictures of them as a refresh would leave them, and segments over these."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection

from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, Choice, Comparison, Field, FieldType, Op, Tree
from regulars.customers.actions import merge
from regulars.insight.compute.pictures import SEGMENTS, TAGS, Picture
from regulars.insight.models import Refresh, Segment
from regulars.insight.segments import actions, following
from regulars.insight.tags import queries as tags

START = datetime(2024, 6, 1, 3, tzinfo=UTC)
SCHEMA = pa.schema({"customer_id": pa.int64(), "orders": pa.int64(), "recency_days": pa.int64(), "city": pa.string()})
PLAIN = (
    Field("orders", FieldType.NUMBER, "orders", Text("订单数", "Orders")),
    Field("recency_days", FieldType.NUMBER, "days", Text("距上次购买", "Days since last purchase")),
    Field("city", FieldType.TEXT, "", Text("城市", "City")),
    Field("newer", FieldType.NUMBER, "", Text("新指标", "Newer")),  # not in any picture yet
)
OFTEN = Comparison("orders", Op.GE, 3)
LATELY = Comparison("recency_days", Op.LE, 30)
REGULARS = AllOf((OFTEN, LATELY))


def fields(*leave_out: str) -> dict[str, Field]:
    """What conditions can ask about in this shop."""
    marks: tuple[Choice, ...] = tags.choices()
    inside = tuple(Choice(str(one.pk), Text("", "")) for one in Segment.objects.order_by("id"))
    found = (
        *PLAIN,
        Field(TAGS, FieldType.SET, "", Text("标签", "Tags"), marks, live=True),
        Field(SEGMENTS, FieldType.SET, "", Text("所在人群", "Segments"), inside),
    )
    return {field.name: field for field in found if field.name not in leave_out}


def at(days: int = 0) -> datetime:
    return START + timedelta(days=days)


def people(count: int) -> list[int]:
    """New customers' ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
               SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')), NULL, '', '', '2024-01-01', %s, false
               FROM generate_series(1, %s) RETURNING id""",
            [START, count],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute("UPDATE customers_customer SET canonical_id = id WHERE canonical_id IS NULL")
    return ids


def join(child: int, parent: int) -> None:
    merge(child_id=child, parent_id=parent, actor="test", at=START)


class Shop:
    """Pictures follow one another; segments follow the pictures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pictures: list[Picture] = []

    def picture(self, days: int, rows: dict[int, dict[str, Any]]) -> Picture:
        """A picture so many days after the start: by customer, the columns that differ from nothing known."""
        file = self.folder / f"{len(self.pictures)}.parquet"
        told = [{"customer_id": who, **columns} for who, columns in rows.items()]
        pq.write_table(pa.Table.from_pylist(told, schema=SCHEMA), file)
        return Picture(file, at(days).date(), at(days))

    def refresh(self, days: int, rows: dict[int, dict[str, Any]], *, leave_out: str = "") -> list[following.Followed]:
        """Make a picture and let the segments follow it."""
        after = self.picture(days, rows)
        refresh_id = Refresh.objects.create(day=after.day, started_at=at(days)).pk
        before = self.pictures[-1] if self.pictures else None
        self.pictures.append(after)
        return following.follow(
            refresh_id=refresh_id, after=after, before=before, fields=fields(leave_out), at=at(days)
        )


def segment(tree: Tree = REGULARS, name: str = "熟客") -> int:
    return actions.create(name=Text(name, ""), tree=tree, actor="test", at=START)


def day(days: int) -> date:
    return at(days).date()

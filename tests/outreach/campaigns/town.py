"""A small town of customers: addresses, consents, orders and a picture, as a refresh would leave them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.core.bilingual import Text
from regulars.core.conditions import Comparison, Op
from regulars.customers.stable_names import stable_names
from regulars.flows.set_up import set_up
from regulars.insight.models import Refresh
from regulars.insight.segments import actions as segments
from tests.flows.world import query
from tests.outreach.campaigns.plans import START

DAY = date(2026, 6, 1)
ABSENT = Comparison("recency_days", Op.GT, 60)


class Town:
    """Its people by place: every one has an e-mail and agreed to hear of promotions, until somebody says otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.segment = segments.create(name=Text("久未到店", "Absent"), tree=ABSENT, actor="test", at=START)
        self.people: list[int] = []

    def settle(self, count: int, *, agreed: bool = True, email: bool = True, language: str = "") -> list[int]:
        """New customers' ids."""
        rows = query(
            """WITH made AS (
                 INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
                 SELECT n, n, 'Guest ' || n, %s, '2025-01-01', %s, false FROM (
                   SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) AS n FROM generate_series(1, %s)
                 ) s RETURNING id
               ), named AS (
                 INSERT INTO customers_identity (kind, space, value, customer_id, created_at)
                 SELECT 1, '', 'N' || id, id, %s FROM made RETURNING 1
               ), mails AS (
                 INSERT INTO customers_identity (kind, space, value, customer_id, created_at)
                 SELECT 7, '', 'guest' || id || '@example.com', id, %s FROM made WHERE %s RETURNING 1
               ) SELECT id FROM made, (SELECT count(*) FROM named, mails) done ORDER BY id""",
            [language, START, count, START, START, email],
        )
        ids = [row[0] for row in rows]
        if agreed:
            self.say(ids, granted=True)
        self.people += ids
        return ids

    def say(self, ids: list[int], *, granted: bool) -> None:
        """They allow or forbid promotions by e-mail."""
        query(
            """INSERT INTO customers_consent
                 (customer_id, purpose, channel, granted, at, source, actor, note, wording)
               SELECT id, 'promotion', 'email', %s, %s, 'staff', '', '', '' FROM unnest(%s::bigint[]) AS n (id)
               RETURNING 1""",
            [granted, START, ids],
        )

    def picture(self, absent: dict[int, int] | None = None, *, name: str = "20260601-001") -> None:
        """The last refresh: days since everybody's last purchase, 90 unless told otherwise."""
        days = dict.fromkeys(self.people, 90) | (absent or {})
        names = stable_names(list(days))
        rows: list[dict[str, Any]] = [
            {"customer_id": who, "who": names.get(who), "recency_days": away} for who, away in sorted(days.items())
        ]
        folder = self.folder / "sets" / name
        folder.mkdir(parents=True, exist_ok=True)
        schema = pa.schema({"customer_id": pa.int64(), "who": pa.string(), "recency_days": pa.int64()})
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "picture.parquet")
        Refresh.objects.create(day=DAY, started_at=START, finished_at=START, status="done", set_name=name)


def found(folder: Path) -> Town:
    """A business in Shanghai that speaks Chinese, with nobody in town yet."""
    set_up(
        business="山茶咖啡", time_zone="Asia/Shanghai", currency="CNY", language="zh-hans", email="owner@example.com",
        name="", password="not-used-by-anybody", at=datetime(2020, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return Town(folder)

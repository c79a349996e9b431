"""A campaign to a million customers: dry run, then the start with audience, hold-out, suppression and queue; and what
measuring it takes.
"""

import json
import os
import resource
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.instance import instance

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "1000000"))
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
DAY = date(2026, 6, 1)
# One in ten has no e-mail, one in ten never agreed, one in twenty took it back, one in ten had two messages lately.
PEOPLE = """
INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
SELECT n, n, 'Guest ' || n, CASE n % 3 WHEN 0 THEN 'en' ELSE '' END, '2025-01-01', now(), false
FROM generate_series(1, {customers}) n;
INSERT INTO customers_identity (id, kind, space, value, customer_id, created_at)
SELECT n, 1, '', 'N' || n, n, now() FROM generate_series(1, {customers}) n;
INSERT INTO customers_identity (id, kind, space, value, customer_id, created_at)
SELECT {customers} + n, 7, '', 'guest' || n || '@example.com', n, now() FROM generate_series(1, {customers}) n
WHERE n % 10 <> 0;
INSERT INTO customers_consent (customer_id, purpose, channel, granted, at, source, actor, note, wording)
SELECT n, 'promotion', 'email', n % 20 <> 1, '2025-06-01', 'import', '', '', ''
FROM generate_series(1, {customers}) n WHERE n % 10 <> 2;
INSERT INTO limits_use (kind, subject, bucket, used) SELECT 1, n, '2026-05-30', 2
FROM generate_series(1, {customers}) n WHERE n % 10 = 3;
INSERT INTO limits_use (kind, subject, bucket, used) SELECT 1, n, '1970-01-01 00:00+00', 0
FROM generate_series(1, {customers}) n WHERE n % 10 = 3;
INSERT INTO facts_source (name, created_at) VALUES ('till', now());
INSERT INTO facts_fact (source_id, kind, key, identity_id, occurred_at, business_date, amount, body, digest,
  recorded_at)
SELECT 1, 1, 'o' || n, 1 + (n * 7919) % {customers}, timestamptz '2026-05-01 04:00+00' + n % 60 * interval '1 day',
  '2026-05-01'::date + (n % 60)::int, 1000 + n % 9000, '{{}}', '', now()
FROM generate_series(1, {customers}::bigint) n;
ANALYZE customers_customer, customers_identity, customers_consent, limits_use, facts_fact;
"""


def main() -> None:
    """Measure, and print one line of JSON."""
    with instance():
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """Seconds of each step of one campaign, and the most memory this process held."""
    from regulars.flows.measure_campaign import measure_campaign
    from regulars.flows.preview_campaign import who_would_get
    from regulars.flows.start_campaign import queue_campaign

    campaign_id = _prepare()
    seconds: dict[str, float] = {}
    begun = time.perf_counter()
    found = who_would_get(campaign_id=campaign_id, at=NOW)
    seconds["dry_run_s"] = time.perf_counter() - begun
    _start(campaign_id)
    begun = time.perf_counter()
    for done in queue_campaign(campaign_id=campaign_id, clock=lambda: NOW):
        if done % 200_000 == 0:
            print(f"{done:,} decided after {time.perf_counter() - begun:.1f} s", file=sys.stderr)
    seconds["start_s"] = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    begun = time.perf_counter()
    measure_campaign(campaign_id=campaign_id, at=NOW + timedelta(days=31))
    seconds["measure_s"] = time.perf_counter() - begun
    counts = {str(one.reason): one.customers for one in found.counts}
    return {
        "bench": "campaign", "customers": found.considered, **counts,
        **{name: round(value, 1) for name, value in seconds.items()}, "peak_memory_mb": peak,
    }  # fmt: skip


def _prepare() -> int:
    """A million customers with a picture, and a draft for those who have been away; returns its id."""
    from django.conf import settings
    from django.db import connection

    from regulars.core.bilingual import Text
    from regulars.core.conditions import Comparison, Op
    from regulars.insight.segments import actions as segments
    from regulars.outreach.campaigns import actions as campaigns
    from regulars.outreach.campaigns.rules import Message, Plan

    with connection.cursor() as cursor:
        for statement in PEOPLE.format(customers=CUSTOMERS).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
    _picture(Path(settings.LAKE_DIR))
    away = segments.create(name=Text("", "Away"), tree=Comparison("recency_days", Op.GT, 60), actor="", at=NOW)
    content = {"zh": Message("想你", "{{ name }}好"), "en": Message("Hello", "Dear {{ name }}")}
    plan = Plan(name=Text("", "Bench"), goal="win_back", channel="email", content=content, segment_id=away)
    return campaigns.create(plan=plan, actor="bench", at=NOW)


def _picture(lake: Path) -> None:
    """A picture of everybody in a set of its own, as a refresh leaves it."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from django.db import connection

    from regulars.core import bulk
    from regulars.customers.queries import LAKE_CUSTOMERS
    from regulars.insight.models import Refresh

    rows = bulk.run(connection, f"SELECT customer_id, who FROM ({LAKE_CUSTOMERS}) c ORDER BY 1")
    ids, whos = zip(*rows, strict=True)
    columns: dict[str, Any] = {"customer_id": ids, "who": whos, "recency_days": [90] * len(ids)}
    folder = lake / "sets" / "20260601-001"
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "picture.parquet", compression="zstd", row_group_size=100_000)
    Refresh.objects.create(day=DAY, started_at=NOW, finished_at=NOW, status="done", set_name=folder.name)


def _start(campaign_id: int) -> None:
    from regulars.flows.move_campaign import approve_campaign
    from regulars.flows.start_campaign import start_campaign
    from regulars.staff.rules import SYSTEM

    approve_campaign(campaign_id=campaign_id, revision=1, by=SYSTEM, key="bench", at=NOW)
    start_campaign(campaign_id=campaign_id, by=SYSTEM, key="bench", at=NOW)


if __name__ == "__main__":
    main()

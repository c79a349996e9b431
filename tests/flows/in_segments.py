"""Who is in which segment, written down as a refresh does: for tests that need no picture."""

from datetime import date, datetime

from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY
from regulars.insight.segments.actions import create
from tests.flows.world import START, query

ENTERED = """
INSERT INTO insight_membership (segment_id, customer_id, entered_on, entered_by_id) VALUES (%s, %s, %s, %s)
RETURNING id
"""
LEFT = """
UPDATE insight_membership SET left_on = %s, left_by_id = entered_by_id
WHERE segment_id = %s AND customer_id = %s AND left_on IS NULL RETURNING id
"""


def segment(name: str, *, at: datetime = START) -> int:
    """A segment that nobody is in yet."""
    return create(name=Text(name, name), tree=EVERYBODY, actor="test", at=at)


def enter(segment_id: int, customer_id: int, on: date = START.date()) -> None:
    """A refresh of this day finds the customer in the segment."""
    refresh = query("INSERT INTO insight_refresh (day, started_at, status, failure_code, failure, set_name, counts) "
                    "VALUES (%s, %s, 'done', '', '', 'x', '{}') RETURNING id", [on, START])[0][0]  # fmt: skip
    version = query("SELECT max(id) FROM insight_segmentversion WHERE segment_id = %s", [segment_id])[0][0]
    cause = query("INSERT INTO insight_membershipcause (refresh_id, version_id, why, became_true, became_false) "
                  "VALUES (%s, %s, 'changed', '[]', '[]') RETURNING id", [refresh, version])[0][0]  # fmt: skip
    query(ENTERED, [segment_id, customer_id, on, cause])


def leave(segment_id: int, customer_id: int, on: date) -> None:
    """A refresh of this day finds them there no longer."""
    assert query(LEFT, [on, segment_id, customer_id])

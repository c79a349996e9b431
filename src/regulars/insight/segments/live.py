"""What conditions ask about and no picture holds: who has which tags, is in which segments, and was born when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from regulars.core import bulk
from regulars.core.conditions import Comparison, Op, Tree, comparisons
from regulars.core.conditions.anniversaries import coming
from regulars.customers import queries as customers
from regulars.insight.compute.pictures import BIRTHDAY, LIVE, SEGMENTS, TAGS, Ids, Tagged
from regulars.insight.tags.queries import tagged
from regulars.staff import queries as staff

ASKED = f"""
SELECT v.segment_id, (code #>> '{{}}')::bigint FROM (
  SELECT DISTINCT ON (segment_id) segment_id, tree FROM insight_segmentversion ORDER BY segment_id, number DESC
) v, jsonb_path_query(v.tree, '$.** ? (@.field == "{SEGMENTS}").value[*]') AS code
"""


def tagged_for(trees: Iterable[Tree], *, at: datetime, counted: Mapping[int, Ids] | None = None) -> Tagged | None:
    """What is live of customers, as far as these trees ask about it; None where they ask for nothing of it.

    Args:
        counted: Members of segments that are newer than those on record.
    """
    leaves = [leaf for tree in trees for leaf in comparisons(tree) if leaf.field in LIVE]
    if not leaves:
        return None
    codes = _codes(leaves, TAGS)
    found = tagged(map(str, codes), at=at) if codes else Tagged()
    if inside := _codes(leaves, SEGMENTS):
        found = replace(found, **_members(inside, counted or {}))
    born = [leaf for leaf in leaves if leaf.field == BIRTHDAY]
    if not born:
        return found
    today = at.astimezone(ZoneInfo(staff.business().time_zone)).date()
    who, birthdays = customers.birthdays(_birthdays_of(born, today))
    return replace(found, born=who, birthdays=birthdays, today=today)


def asked_about(tree: Tree) -> frozenset[int]:
    """The segments that a tree asks about, by id."""
    return _codes([leaf for leaf in comparisons(tree) if leaf.field == SEGMENTS], SEGMENTS)


def asked_by_all() -> dict[int, set[int]]:
    """By segment the ones that its latest version asks about; those that ask about none are left out."""
    found: dict[int, set[int]] = {}
    for segment_id, other in bulk.run(connection, ASKED):
        found.setdefault(segment_id, set()).add(other)
    return found


def _codes(leaves: Iterable[Comparison], name: str) -> frozenset[int]:
    told = (leaf.value for leaf in leaves if leaf.field == name)
    return frozenset(int(str(code)) for value in told if isinstance(value, tuple) for code in value)


def _members(segment_ids: frozenset[int], counted: Mapping[int, Ids]) -> dict[str, Any]:
    """Who is in these segments, each customer by who stands for the group now."""
    rows = bulk.run(
        connection,
        """SELECT m.segment_id, array_agg(DISTINCT c.canonical_id) FROM insight_membership m
           JOIN customers_customer c ON c.id = m.customer_id
           WHERE m.segment_id = ANY(%b::bigint[]) AND m.left_on IS NULL GROUP BY 1""",
        [bulk.Column("bigint", sorted(segment_ids - counted.keys()))],
    )
    inside = {key: np.array(who, dtype=np.int64) for key, who in rows}
    inside |= {key: who for key, who in counted.items() if key in segment_ids}
    codes = [str(key) for key, who in inside.items() for _ in range(len(who))]
    return {"members": np.concatenate([np.empty(0, np.int64), *inside.values()]), "segments": codes}


def _birthdays_of(leaves: Sequence[Comparison], today: date) -> frozenset[int] | None:
    """The birthdays that any of these conditions could mean; None for all."""
    found: set[int] = set()
    for leaf in leaves:
        if leaf.op is Op.COMES_WITHIN_DAYS and isinstance(leaf.value, int):
            found |= coming(today, leaf.value)
        elif leaf.op is Op.IN_MONTHS and isinstance(leaf.value, tuple):
            found |= {int(str(month)) * 100 + day for month in leaf.value for day in range(1, 32)}
        else:
            return None
    return frozenset(found)

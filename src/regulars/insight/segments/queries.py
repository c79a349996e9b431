"""Reading segments, who is in them, and how whom they mean would count now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.core.conditions import Choice, Tree, read
from regulars.core.conditions.fields import Field
from regulars.core.errors import DomainError
from regulars.insight.compute import pictures
from regulars.insight.compute.fields import catalogue
from regulars.insight.compute.memberships import Why
from regulars.insight.compute.pictures import SEGMENTS, TAGS, Picture
from regulars.insight.models import Segment, SegmentVersion
from regulars.insight.naming import name_of
from regulars.insight.segments.live import tagged_for
from regulars.insight.tags.queries import choices

MOST_OVERLAPPING = 6


EVERYBODY_AT_ONCE = 20_000


class NoSegment(DomainError):
    """There is no such segment."""

    code = "no_segment"


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A segment with its latest version; `tree` is JSON, to be read with the fields of the day.

    `members` is what the last refresh counted (None before the first), as of `counted_on`, by version
    `counted_version`; `problem` is why it could not count, a code of core.conditions. `gives` is a tag's id.
    """

    id: int
    name: Text
    preset: str | None
    gives: int | None
    version: int
    tree: dict[str, Any]
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    archived_at: datetime | None
    members: int | None
    counted_on: date | None
    counted_version: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """Whom a segment meant from an instant on."""

    number: int
    tree: dict[str, Any]
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Member:
    """A customer in a segment. `cursor` goes into `after` for those who come next."""

    customer_id: int
    entered_on: date
    cursor: int


@dataclass(frozen=True, slots=True)
class CauseView:
    """Why somebody came or left: see `Why`; places of conditions in the version's tree, in reading order."""

    why: Why
    version: int
    became_true: tuple[int, ...]
    became_false: tuple[int, ...]
    refresh_id: int


@dataclass(frozen=True, slots=True)
class MembershipView:
    """When a customer was in a segment, [entered_on, left_on), and why."""

    segment_id: int
    name: Text
    customer_id: int
    entered_on: date
    entered_by: CauseView
    left_on: date | None
    left_by: CauseView | None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """So many customers came into a segment, or left it, on a day for one cause."""

    on: date
    entered: bool
    cause: CauseView
    customers: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many customers are in all of these segments (by id) and in none of the others that were asked about."""

    segments: frozenset[int]
    customers: int


SEGMENT = """
SELECT s.id, s.names ->> 'zh', s.names ->> 'en', s.preset, s.gives_id, v.number, v.tree, s.created_at, s.created_by,
       v.created_at, v.created_by, s.archived_at, s.members, s.counted_on, c.number, s.problem
FROM insight_segment s
JOIN LATERAL (SELECT * FROM insight_segmentversion o WHERE o.segment_id = s.id ORDER BY number DESC LIMIT 1) v ON true
LEFT JOIN insight_segmentversion c ON c.id = s.counted_id
"""


def fields(own: Mapping[str, Sequence[Choice]] | None = None) -> dict[str, Field]:
    """What conditions can ask about now, tags and segments among it, even those put away: conditions may use them.

    Args:
        own: Choices that other rooms know: 'tier' and 'main_store_id'.
    """
    named = Segment.objects.order_by("id").values_list("pk", "names")
    inside = [Choice(str(key), name_of(names)) for key, names in named]
    return catalogue({**(own or {}), TAGS: choices(), SEGMENTS: inside})


def segments(*, archived: bool = False) -> list[SegmentView]:
    """All segments in the order in which they were made; those put away only on request."""
    return _views(f"{SEGMENT} {'' if archived else 'WHERE s.archived_at IS NULL'} ORDER BY s.id", [])


def segment(segment_id: int) -> SegmentView:
    """One segment, also one put away.

    Raises:
        NoSegment: There is none.
    """
    found = _views(f"{SEGMENT} WHERE s.id = %s", [segment_id])
    if not found:
        raise NoSegment("There is no such segment.")
    return found[0]


def versions(segment_id: int) -> list[VersionView]:
    """All versions of a segment, the latest first."""
    rows = SegmentVersion.objects.filter(segment_id=segment_id).order_by("-number")
    return [VersionView(one.number, one.tree, one.created_at, one.created_by) for one in rows]


def count(tree: Tree, *, picture: Picture, fields: Mapping[str, Field], at: datetime | None = None) -> int:
    """How many customers of the picture the tree means; tags count as they hang at this moment."""
    return pictures.count(picture, tree, fields, tagged_for([tree], at=at or timezone.now()))


def matching(
    tree: Tree, *, picture: Picture, fields: Mapping[str, Field], most: int, after: int = 0, at: datetime | None = None
) -> list[int]:
    """The next customers of the picture whom the tree means, by id."""
    told = tagged_for([tree], at=at or timezone.now())
    return pictures.matching(picture, tree, fields, told, after=after, most=most)


def overlap(
    segment_ids: Sequence[int], *, picture: Picture, fields: Mapping[str, Field], at: datetime | None = None
) -> list[Overlap]:
    """How segments share customers, the largest part first; who is in none of them is the part of no segments.

    Raises:
        NoSegment: There is no such segment.
        InvalidCondition: One cannot be understood any more.
        ValueError: More than MOST_OVERLAPPING, which nobody could read.
    """
    if len(segment_ids) > MOST_OVERLAPPING:
        raise ValueError(f"At most {MOST_OVERLAPPING} segments are laid over each other.")
    trees = {one: read(segment(one).tree, fields) for one in segment_ids}
    counted = pictures.combinations(picture, trees, fields, tagged_for(trees.values(), at=at or timezone.now()))
    parts = [Overlap(key, customers) for key, customers in counted.items()]
    return sorted(parts, key=lambda part: (-part.customers, sorted(part.segments)))


# After a merge the group is shown once: as who stands for it, or else as the first of those who came in.
MEMBERS = """
SELECT c.canonical_id, m.entered_on, m.customer_id
FROM insight_membership m JOIN customers_customer c ON c.id = m.customer_id
JOIN customers_customer k ON k.id = c.canonical_id AND NOT k.hidden
WHERE m.segment_id = %s AND m.left_on IS NULL AND m.customer_id > %s AND (c.canonical_id = c.id OR NOT EXISTS (
  SELECT 1 FROM insight_membership o JOIN customers_customer s ON s.id = o.customer_id
  WHERE s.canonical_id = c.canonical_id AND o.segment_id = m.segment_id AND o.left_on IS NULL
    AND o.customer_id <> m.customer_id AND (o.customer_id = c.canonical_id OR o.customer_id < m.customer_id)))
ORDER BY m.customer_id LIMIT %s
"""


def members(segment_id: int, *, most: int, after: int = 0) -> list[Member]:
    """The next customers who are in a segment since the last refresh, each under who stands for the group."""
    return [Member(*row) for row in bulk.run(connection, MEMBERS, [segment_id, after, most])]


def everybody_in(segment_id: int) -> list[int]:
    """The same, all of them.

    Raises:
        NoSegment: There is none.
    """
    segment(segment_id)
    found: list[int] = []
    after = 0
    while page := members(segment_id, most=EVERYBODY_AT_ONCE, after=after):
        found += [one.customer_id for one in page]
        after = page[-1].cursor
    return found


CAUSE = "{0}.why, {1}.number, {0}.became_true, {0}.became_false, {0}.refresh_id"
MEMBERSHIPS = f"""
SELECT m.segment_id, s.names ->> 'zh', s.names ->> 'en', m.customer_id, m.entered_on, m.left_on,
       {CAUSE.format("e", "ev")}, {CAUSE.format("l", "lv")}
FROM customers_customer w JOIN customers_customer c ON c.canonical_id = w.canonical_id
JOIN insight_membership m ON m.customer_id = c.id JOIN insight_segment s ON s.id = m.segment_id
JOIN insight_membershipcause e ON e.id = m.entered_by_id JOIN insight_segmentversion ev ON ev.id = e.version_id
LEFT JOIN insight_membershipcause l ON l.id = m.left_by_id LEFT JOIN insight_segmentversion lv ON lv.id = l.version_id
WHERE w.id = %s AND s.archived_at IS NULL AND (%s OR m.left_on IS NULL)
  AND (m.left_on IS NULL OR m.left_on > m.entered_on)
ORDER BY m.entered_on DESC, m.id DESC
"""


def memberships(customer_id: int, *, past: bool = False) -> list[MembershipView]:
    """The segments that a customer's group is in, and on request those it left; the latest first."""
    rows = bulk.run(connection, MEMBERSHIPS, [customer_id, past])
    return [
        MembershipView(
            row[0], name_of({"zh": row[1], "en": row[2]}), row[3], row[4], _cause(row[6:11]), row[5],
            _cause(row[11:16]) if row[5] else None,
        )
        for row in rows
    ]  # fmt: skip


CHANGES = f"""
SELECT m.on_day, m.entered, {CAUSE.format("c", "v")}, count(*) FROM (
  SELECT entered_on AS on_day, true AS entered, entered_by_id AS cause_id, segment_id FROM insight_membership
  WHERE segment_id = %s AND entered_on >= %s
  UNION ALL
  SELECT left_on, false, left_by_id, segment_id FROM insight_membership WHERE segment_id = %s AND left_on >= %s
) m JOIN insight_membershipcause c ON c.id = m.cause_id JOIN insight_segmentversion v ON v.id = c.version_id
GROUP BY 1, 2, c.id, v.id ORDER BY m.on_day DESC, c.id DESC, m.entered DESC
"""


def changes(segment_id: int, *, since: date) -> list[ChangeView]:
    """Who came and who left from a day on, counted by day and cause, the latest first."""
    rows = bulk.run(connection, CHANGES, [segment_id, since] * 2)
    return [ChangeView(row[0], row[1], _cause(row[2:7]), row[7]) for row in rows]


LAKE_MEMBERSHIPS = """
SELECT m.segment_id, c.canonical_id AS customer_id, m.entered_on, m.left_on
FROM insight_membership m JOIN customers_customer c ON c.id = m.customer_id
JOIN insight_segment s ON s.id = m.segment_id AND s.archived_at IS NULL
WHERE m.left_on IS NULL OR m.left_on > m.entered_on
"""
"""For the lake: who was in which segment from when to when, by who stands for the group."""


def export_rows() -> Iterator[tuple[Any, ...]]:
    """Who is in which segment: segment id, its names, customer, since when, for an export; inside a transaction."""
    return bulk.stream(
        connection,
        """SELECT s.id, coalesce(s.names ->> 'zh', ''), coalesce(s.names ->> 'en', ''), m.customer_id, m.entered_on
           FROM insight_membership m JOIN insight_segment s ON s.id = m.segment_id
           WHERE m.left_on IS NULL AND s.archived_at IS NULL ORDER BY s.id, m.customer_id""",
    )


def _views(statement: str, parameters: Sequence[Any]) -> list[SegmentView]:
    rows = bulk.run(connection, statement, parameters)
    return [SegmentView(row[0], name_of({"zh": row[1], "en": row[2]}), *row[3:]) for row in rows]


def _cause(row: Sequence[Any]) -> CauseView:
    why, version, became_true, became_false, refresh_id = row
    return CauseView(Why(why), version, tuple(became_true), tuple(became_false), refresh_id)

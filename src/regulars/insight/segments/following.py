"""At a refresh: who came into each segment, who left it, and why; whole sets at a time.

Members are decided on the picture by DuckDB, compared with those on record as sorted arrays, and only the differences
are written: a day on which little happens costs little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.conditions import InvalidCondition, Tree, read
from regulars.core.conditions.fields import Field
from regulars.insight.compute import memberships, pictures
from regulars.insight.compute.memberships import Cause, View, Why
from regulars.insight.compute.pictures import Ids, Picture
from regulars.insight.models import MembershipCause, Segment, SegmentVersion
from regulars.insight.segments.live import asked_about, tagged_for
from regulars.insight.tags.actions import follow_rules

ENTER = f"""
INSERT INTO insight_membership (segment_id, customer_id, entered_on, entered_by_id)
SELECT %s, who, %s, %s FROM {bulk.unnest("bigint")} AS n (who)
"""
LEAVE = """
UPDATE insight_membership SET left_on = greatest(%s, entered_on), left_by_id = %s
WHERE segment_id = %s AND left_on IS NULL AND customer_id = ANY(%b::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a refresh did to a segment: members now, how many came and left; or the problem that hindered it."""

    segment_id: int
    members: int | None
    entered: int
    left: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A segment to be counted, and the tree of its latest version."""

    segment: Segment
    version_id: int
    tree: Tree


@transaction.atomic
def follow(
    *, refresh_id: int, after: Picture, before: Picture | None, fields: Mapping[str, Field], at: datetime
) -> list[Followed]:
    """Record who is in each segment by a new picture, then give and take tags accordingly.

    Tags count as they hang at `at`, those by rule as the refresh before left them: a segment that asks for a tag which
    another one gives follows it a refresh later, so that segments cannot chase each other. One that asks who is in
    another is counted after it, on its new members.

    Args:
        before: The picture that was looked at until now, for the causes; None if there is none any more.
        fields: What conditions can ask about now.
    """
    wanted, broken = _wanted(fields)
    now = {one.segment.pk: one for one in wanted}
    trees = {key: one.tree for key, one in now.items()}
    found = _counted(trees, after, fields, at)
    # Who asks about others goes first: their old members are on record until their own turn comes.
    followed = [_follow_one(now[key], found, refresh_id, after, before, fields, at) for key in reversed(found)]
    follow_rules(at=at)
    return sorted([*followed, *broken], key=lambda one: one.segment_id)


def _counted(trees: Mapping[int, Tree], after: Picture, fields: Mapping[str, Field], at: datetime) -> dict[int, Ids]:
    """Who fulfils each tree; those that ask about other segments stand after these."""
    found: dict[int, Ids] = {}
    left = dict(trees)
    while left:
        # There is no cycle; if there were one, its segments would go by who is on record.
        ready = {key: tree for key, tree in left.items() if not asked_about(tree) & left.keys()} or left
        found |= pictures.members(after, ready, fields, tagged_for(ready.values(), at=at, counted=found))
        left = {key: tree for key, tree in left.items() if key not in found}
    return found


def _wanted(fields: Mapping[str, Field]) -> tuple[list[_Wanted], list[Followed]]:
    wanted, broken = [], []
    for segment in Segment.objects.select_for_update(no_key=True).filter(archived_at=None).order_by("id"):
        version = SegmentVersion.objects.filter(segment=segment).latest("number")
        try:
            wanted.append(_Wanted(segment, version.pk, read(version.tree, fields)))
        except InvalidCondition as error:
            # Whoever is in it stays: a field that is gone today says nothing about customers.
            Segment.objects.filter(pk=segment.pk).update(problem=error.code)
            broken.append(Followed(segment.pk, segment.members, 0, 0, error.code))
    return wanted, broken


def _follow_one(
    one: _Wanted, found: Mapping[int, Ids], refresh_id: int, after: Picture, before: Picture | None,
    fields: Mapping[str, Field], at: datetime,
) -> Followed:  # fmt: skip
    segment = one.segment
    was, now = _on_record(segment.pk), found[segment.pk]
    came, left = memberships.moved(was, now)
    # A picture of an earlier day may follow one of a later; moves are on record in the order in which they were seen.
    on = max(after.day, segment.counted_on or after.day)
    if segment.counted_id is None:
        _write(Cause(Why.FIRST), one, refresh_id, on, came, left)
    elif len(came) or len(left):
        view = View(before, tagged_for([one.tree], at=before.made_at)) if before else None
        moved = np.sort(np.concatenate([came, left]))
        causes = memberships.causes(
            one.tree, fields, moved, before=view, after=View(after, tagged_for([one.tree], at=at, counted=found)),
            edited=segment.counted_id != one.version_id,
        )  # fmt: skip
        for cause, who in causes:
            _write(cause, one, refresh_id, on, _both(who, came), _both(who, left))
    Segment.objects.filter(pk=segment.pk).update(members=len(now), counted_id=one.version_id, counted_on=on, problem="")
    return Followed(segment.pk, len(now), len(came), len(left))


def _both(some: Ids, others: Ids) -> Ids:
    return np.intersect1d(some, others, assume_unique=True)


def _on_record(segment_id: int) -> Ids:
    rows = bulk.run(
        connection,
        "SELECT array_agg(customer_id) FROM insight_membership WHERE segment_id = %s AND left_on IS NULL",
        [segment_id],
    )
    return np.sort(np.array(rows[0][0] or (), dtype=np.int64))


def _write(cause: Cause, one: _Wanted, refresh_id: int, on: date, came: Ids, left: Ids) -> None:
    if not len(came) and not len(left):
        return
    kept = MembershipCause.objects.create(
        refresh_id=refresh_id, version_id=one.version_id, why=cause.why.value, became_true=list(cause.became_true),
        became_false=list(cause.became_false),
    )  # fmt: skip
    if len(came):
        bulk.run(connection, ENTER, [one.segment.pk, on, kept.pk, bulk.Column("bigint", came.tolist())])
    if len(left):
        bulk.run(connection, LEAVE, [on, kept.pk, one.segment.pk, bulk.Column("bigint", left.tolist())])

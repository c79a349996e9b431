"""Verbs of segments: say whom they mean, name them, put them away."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.core.conditions import InvalidCondition, Tree, as_json, read
from regulars.core.conditions.fields import Field
from regulars.core.errors import DomainError
from regulars.insight.models import Segment, SegmentVersion, Tag
from regulars.insight.naming import names_of
from regulars.insight.segments.live import asked_about, asked_by_all
from regulars.insight.segments.presets import QUIET_DAYS, presets
from regulars.insight.segments.queries import NoSegment
from regulars.insight.tags.actions import NoTag


class SegmentChanged(DomainError):
    """Somebody saved another version since the one that this change was written upon."""

    code = "segment_changed"


class SegmentCycle(DomainError):
    """The segment would ask about itself, in the end, and nobody could say who is in it."""

    code = "segment_cycle"


class SegmentInUse(DomainError):
    """Earning rules of the programme ask who is in this segment."""

    code = "segment_in_use"


@transaction.atomic
def create(*, name: Text, tree: Tree, actor: str, at: datetime, preset: str | None = None) -> int:
    """A new segment with its first version; returns its id. Who is in it is recorded by the next refresh.

    Raises:
        NoName: It has none.
    """
    made = Segment.objects.create(names=names_of(name), preset=preset, created_at=at, created_by=actor)
    SegmentVersion.objects.create(segment=made, number=1, tree=as_json(tree), created_at=at, created_by=actor)
    return made.pk


@transaction.atomic
def change(*, segment_id: int, tree: Tree, after: int, actor: str, at: datetime) -> int:
    """Say anew whom a segment means; returns the version's number, the old one if nothing is different.

    Args:
        after: Number of the version that the change was written upon.
    Raises:
        NoSegment: There is none.
        SegmentChanged: There is a later version by now.
        SegmentCycle: It would ask about itself by way of the segments that it asks about.
    """
    if asked_about(tree):
        # All of them, in the order of ids: two changes at once must not close a circle together.
        list(Segment.objects.select_for_update(no_key=True).order_by("id").values_list("pk"))
        _check_no_cycle(segment_id, tree)
    _lock(segment_id)
    last = SegmentVersion.objects.filter(segment_id=segment_id).latest("number")
    if last.number != after:
        raise SegmentChanged("Somebody changed this segment meanwhile.")
    told = as_json(tree)
    if told == last.tree:
        return last.number
    SegmentVersion.objects.create(
        segment_id=segment_id, number=last.number + 1, tree=told, created_at=at, created_by=actor
    )
    return last.number + 1


def rename(*, segment_id: int, name: Text) -> None:
    """Call a segment something else.

    Raises:
        NoName: It has none.
        NoSegment: There is no such segment.
    """
    if not Segment.objects.filter(pk=segment_id).update(names=names_of(name)):
        raise NoSegment("There is no such segment.")


def archive(*, segment_id: int, at: datetime, asked: Collection[int] = ()) -> None:
    """Put a segment away: nobody comes or leaves any more, and the next refresh takes the tag that it gave.

    Args:
        asked: Segments that rules of the programme ask about.
    Raises:
        NoSegment: There is none.
        SegmentInUse: It is one of those.
    """
    if segment_id in asked:
        raise SegmentInUse("Earning rules of the programme ask who is in this segment.")
    if not Segment.objects.filter(pk=segment_id).update(archived_at=at):
        raise NoSegment("There is no such segment.")


def bring_back(*, segment_id: int) -> None:
    """Use a segment again that was put away; the next refresh says who is in it.

    Raises:
        NoSegment: There is none.
    """
    if not Segment.objects.filter(pk=segment_id).update(archived_at=None):
        raise NoSegment("There is no such segment.")


@transaction.atomic
def give_tag(*, segment_id: int, tag_id: int | None) -> None:
    """From the next refresh on members have this tag, while they are members; None ends it.

    Raises:
        NoSegment: There is no such segment.
        NoTag: There is no such tag, or it was put away.
    """
    _lock(segment_id)
    if tag_id is not None and not Tag.objects.select_for_update().filter(pk=tag_id, archived_at=None).exists():
        raise NoTag("There is no such tag.")
    Segment.objects.filter(pk=segment_id).update(gives_id=tag_id)


@transaction.atomic
def install_presets(*, fields: Mapping[str, Field], at: datetime, quiet_days: int = QUIET_DAYS) -> list[str]:
    """Make the segments for a new shop; returns the codes of those made. One that was made before is never made again.

    A preset that asks for a field which is not there is left out, and made when the field has come.

    Args:
        quiet_days: See `presets`.
    """
    bulk.run(connection, "LOCK TABLE insight_segment IN SHARE ROW EXCLUSIVE MODE")
    known = set(Segment.objects.exclude(preset=None).values_list("preset", flat=True))
    made = []
    for preset in presets(quiet_days):
        if preset.code in known:
            continue
        try:
            tree = read(preset.tree, fields)
        except InvalidCondition:
            continue
        create(name=preset.name, tree=tree, actor="", at=at, preset=preset.code)
        made.append(preset.code)
    return made


def _lock(segment_id: int) -> None:
    if not Segment.objects.select_for_update(no_key=True).filter(pk=segment_id).exists():
        raise NoSegment("There is no such segment.")


def _check_no_cycle(segment_id: int, tree: Tree) -> None:
    asked, seen = asked_by_all(), set[int]()
    ahead = set(asked_about(tree))
    while ahead:
        seen |= ahead
        if segment_id in seen:
            raise SegmentCycle("A segment cannot ask about itself.")
        ahead = {one for key in ahead for one in asked.get(key, ())} - seen

"""The tags that hang on one customer, who hung them there, and the segments that the customer is in."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.console import actors
from regulars.console.access import StaffRequest
from regulars.console.behind import people_url
from regulars.console.condition_words import Speaker
from regulars.console.customers.picture import plain_speaker
from regulars.core.conditions import Comparison, Op
from regulars.insight.compute.pictures import TAGS
from regulars.insight.segments import queries as segments
from regulars.insight.tags import queries as tags
from regulars.insight.tags.queries import GivenView


@dataclass(frozen=True, slots=True)
class TagLine:
    """A tag on a customer; `by` says whose doing it is. Only one given by hand can be taken off here."""

    id: int
    name: str
    url: str
    by: str
    at: datetime
    until: datetime | None
    by_hand: bool


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """A segment that the customer is in."""

    name: str
    url: str
    since: date


@dataclass(frozen=True, slots=True)
class Words:
    """What a card says of a customer in words of the shop's own; `free` are the tags that can still be given."""

    tags: list[TagLine]
    segments: list[SegmentLine]
    free: list[tuple[int, str]]


def words_of(request: StaffRequest, customer_id: int) -> Words:
    """A customer's tags and segments."""
    words, links = plain_speaker(request), "insight.view" in request.capabilities
    given = tags.tags_of(customer_id, at=timezone.now())
    inside = [one for one in segments.memberships(customer_id) if one.left_on is None]
    names = {one.segment_id: words.text(one.name) for one in inside}
    who = actors.names_of(one.given_by for one in given if one.source == "hand")
    by_hand = {one.tag_id for one in given if one.source == "hand"}
    offered = tags.offered() if "customers.tag" in request.capabilities else []
    return Words(
        tags=[_line(one, names, who, words, links) for one in given],
        segments=[
            SegmentLine(
                names[one.segment_id], reverse("segment", args=[one.segment_id]) if links else "", one.entered_on
            )
            for one in inside
        ],
        free=[(tag_id, words.text(name)) for tag_id, name in offered if tag_id not in by_hand],
    )


def _line(one: GivenView, names: dict[int, str], who: dict[str, str], words: Speaker, links: bool) -> TagLine:
    return TagLine(
        id=one.tag_id,
        name=words.text(one.name),
        url=people_url(Comparison(TAGS, Op.HAS_ANY, (str(one.tag_id),))) if links else "",
        by=_by(one, names, who),
        at=one.given_at,
        until=one.until,
        by_hand=one.source == "hand",
    )


def _by(one: GivenView, names: dict[int, str], who: dict[str, str]) -> str:
    if one.source == "model":
        return _("given by a model")
    if one.source == "rule":
        segment = names.get(one.segment_id or 0, "")
        return _("given by the segment “%(name)s”") % {"name": segment} if segment else _("given by a segment")
    return _("given by %(name)s") % {"name": who.get(one.given_by, _("The system"))}

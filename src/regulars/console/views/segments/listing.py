"""The list of segments."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache

from regulars.console.access import StaffRequest, requires
from regulars.console.behind import people_url
from regulars.console.condition_words import Speaker, speaker
from regulars.console.kept import kept
from regulars.console.picture.state import picture_state
from regulars.console.sayings import explain
from regulars.insight import queries as insight
from regulars.insight.compute import listing
from regulars.insight.compute.pictures import TAGS
from regulars.insight.segments import figures, queries
from regulars.insight.segments.figures import Moved
from regulars.insight.segments.queries import SegmentView

PAGE = "segments"


@dataclass(frozen=True, slots=True)
class Line:
    """A segment in the list. `share` is a percentage; `moved` is None where it was counted for the first time."""

    url: str
    people_url: str
    name: str
    sentence: str
    members: int | None
    share: float | None
    moved: Moved | None
    gives: str
    problem: str
    changed: bool


@requires("insight.view")
@never_cache
def segments(request: StaffRequest) -> HttpResponse:
    """All segments, or those put away."""
    archived = request.GET.get("archived") == "1"
    found = queries.segments(archived=True)
    shown = [one for one in found if (one.archived_at is not None) == archived]
    picture, good = insight.picture(), insight.last_good()
    moved = kept(PAGE, good.id, make=lambda: figures.moves_of(good.id), version=()) if good else {}
    words = speaker(request)
    names = tag_names(words)
    whole = listing.everybody(picture) if picture else 0
    context = {
        "lines": [_line(one, words, whole, moved, names) for one in shown],
        "archived": archived,
        "put_away": sum(1 for one in found if one.archived_at is not None),
        "has_picture": picture is not None,
        "everybody": whole,
        **picture_state(request),
    }
    return render(request, "segments/list.html", context)


def tag_names(words: Speaker) -> dict[int, str]:
    """What tags are called, by id."""
    field = words.fields.get(TAGS)
    return {int(choice.value): words.text(choice.label) for choice in field.choices} if field else {}


def _line(
    one: SegmentView, words: Speaker, whole: int, moved: dict[int, Moved], names: dict[int, str]
) -> Line:  # fmt: skip
    last = moved.get(one.id, Moved(0, 0, False))
    return Line(
        url=reverse("segment", args=[one.id]),
        people_url=people_url(one.tree),
        name=words.text(one.name),
        sentence=words.say_json(one.tree),
        members=one.members,
        share=None if one.members is None or not whole else 100 * one.members / whole,
        moved=None if one.members is None or last.is_first else last,
        gives=names.get(one.gives, "") if one.gives else "",
        problem=explain(one.problem) if one.problem else "",
        changed=one.counted_version is not None and one.counted_version != one.version,
    )


urlpatterns = [path("segments/", segments, name=PAGE)]

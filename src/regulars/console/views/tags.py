"""Tags: words on customers, with who gave them; made, named, given by a segment, and put away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.behind import people_url
from regulars.console.changes import carry_out, carry_out_recorded
from regulars.console.condition_words import Speaker, speaker
from regulars.console.typed import whole_number
from regulars.core.bilingual import Text
from regulars.core.conditions import Comparison, Op
from regulars.insight.compute.pictures import TAGS
from regulars.insight.naming import LONGEST_NAME
from regulars.insight.segments import actions as segment_actions
from regulars.insight.segments import queries as segments
from regulars.insight.segments.queries import SegmentView
from regulars.insight.tags import actions, figures, queries
from regulars.insight.tags.figures import Sources
from regulars.insight.tags.queries import TagView
from regulars.staff import actions as staff


@dataclass(frozen=True, slots=True)
class Line:
    """A tag in the list; `rules` are the segments that give it, by id."""

    id: int
    name: str
    zh: str
    en: str
    customers: int
    sources: Sources
    people_url: str
    rules: tuple[tuple[int, str], ...]
    free: tuple[tuple[int, str], ...]
    made_by: str
    made_at: datetime

    @property
    def key(self) -> str:
        """What ids of its form begin with."""
        return f"tag-{self.id}"


@requires("insight.view")
@never_cache
def tags(request: StaffRequest) -> HttpResponse:
    """All tags."""
    now, words = timezone.now(), speaker(request)
    found = queries.tags(at=now)
    sources, kept = figures.by_source(at=now), segments.segments()
    who = actors.names_of(tag.created_by for tag in found)
    context = {
        "lines": [_line(tag, sources.get(tag.id, Sources()), kept, who, words) for tag in found],
        "longest_name": LONGEST_NAME,
    }
    return render(request, "tags/list.html", context)


def _line(
    tag: TagView, sources: Sources, kept: list[SegmentView], who: dict[str, str], words: Speaker
) -> Line:  # fmt: skip
    return Line(
        id=tag.id,
        name=words.text(tag.name),
        zh=tag.name.zh,
        en=tag.name.en if tag.name.en != tag.name.zh else "",
        customers=tag.customers,
        sources=sources,
        people_url=people_url(Comparison(TAGS, Op.HAS_ANY, (str(tag.id),))),
        rules=tuple((one.id, words.text(one.name)) for one in kept if one.gives == tag.id),
        free=tuple((one.id, words.text(one.name)) for one in kept if one.gives is None),
        made_by=who[tag.created_by],
        made_at=tag.created_at,
    )


@requires("segments.edit")
@require_POST
def create(request: StaffRequest) -> HttpResponse:
    """A new tag."""
    now = timezone.now()

    def make() -> None:
        tag_id = actions.create(name=_name(request), actor=actors.key_of(request.actor), at=now)
        staff.record(by=request.actor, action="tags.create", at=now, subject_kind="tag", subject_id=tag_id)

    carry_out(request, make, _("The tag is there. Give it by hand, or let a segment give it."))
    return redirect("tags")


@requires("segments.edit")
@require_POST
def rename(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Call it something else, wherever it hangs."""
    return _do(
        request, tag_id, "tags.rename", lambda: actions.rename(tag_id=tag_id, name=_name(request)),
        _("The tag has a new name."),
    )  # fmt: skip


@requires("segments.edit")
@require_POST
def archive(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Put it away."""
    return _do(
        request, tag_id, "tags.archive", lambda: actions.archive(tag_id=tag_id, at=timezone.now()),
        _("The tag is put away. It stays where it hangs and is not offered any more."),
    )  # fmt: skip


@requires("segments.edit")
@require_POST
def rule(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Let a segment give it to its members, or end that."""
    segment_id = whole_number(request.POST.get("segment", ""))
    ends = request.POST.get("do") == "end"
    if segment_id is None:
        return redirect("tags")
    said = _("The next refresh takes the tag off.") if ends else _("From the next refresh on, members have the tag.")
    return _do(
        request, tag_id, "tags.rule",
        lambda: segment_actions.give_tag(segment_id=segment_id, tag_id=None if ends else tag_id), said,
    )  # fmt: skip


def _do(request: StaffRequest, tag_id: int, action: str, change: Callable[[], object], said: str) -> HttpResponse:
    carry_out_recorded(request, change, said, action=action, kind="tag", subject_id=tag_id)
    return redirect("tags")


def _name(request: StaffRequest) -> Text:
    return Text(request.POST.get("zh", ""), request.POST.get("en", ""))


urlpatterns = [
    path("tags/", tags, name="tags"),
    path("tags/create/", create, name="tag_create"),
    path("tags/<int:tag_id>/rename/", rename, name="tag_rename"),
    path("tags/<int:tag_id>/archive/", archive, name="tag_archive"),
    path("tags/<int:tag_id>/rule/", rule, name="tag_rule"),
]

"""What can be done with a segment besides writing it: another name, a copy, a tag for its members, putting it away."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.changes import carry_out_recorded
from regulars.console.condition_words import speaker
from regulars.console.sayings import explained
from regulars.console.typed import whole_number
from regulars.core.bilingual import Text
from regulars.core.conditions import read
from regulars.core.errors import DomainError
from regulars.insight.naming import LONGEST_NAME
from regulars.insight.segments import actions, queries
from regulars.insight.segments.queries import NoSegment
from regulars.loyalty import drafts_view
from regulars.staff import actions as staff


@requires("segments.edit")
@require_POST
def rename(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Call it something else."""
    name = Text(request.POST.get("zh", ""), request.POST.get("en", ""))
    return _do(
        request, segment_id, "segments.rename", lambda: actions.rename(segment_id=segment_id, name=name),
        _("The segment has a new name."),
    )  # fmt: skip


@requires("segments.edit")
@require_POST
def archive(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Put it away."""
    return _do(
        request, segment_id, "segments.archive",
        lambda: actions.archive(segment_id=segment_id, at=timezone.now(), asked=drafts_view.asked_segments()),
        _("The segment is put away. Nobody comes or leaves any more."),
    )  # fmt: skip


@requires("segments.edit")
@require_POST
def bring_back(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Use it again."""
    return _do(
        request, segment_id, "segments.bring_back", lambda: actions.bring_back(segment_id=segment_id),
        _("The segment is back. The next refresh records who is in it."),
    )  # fmt: skip


@requires("segments.edit")
@require_POST
def give_tag(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Let its members have a tag while they are members, or end that."""
    tag_id = whole_number(request.POST.get("tag", ""))
    said = _("From the next refresh on, members have the tag.") if tag_id else _("The next refresh takes the tag off.")
    return _do(
        request, segment_id, "segments.tag", lambda: actions.give_tag(segment_id=segment_id, tag_id=tag_id), said
    )  # fmt: skip


def _do(request: StaffRequest, segment_id: int, action: str, change: Callable[[], object], said: str) -> HttpResponse:
    error = carry_out_recorded(request, change, said, action=action, kind="segment", subject_id=segment_id)
    if isinstance(error, NoSegment):
        return redirect("segments")
    return redirect("segment", segment_id)


@requires("segments.edit")
@require_POST
def duplicate(request: StaffRequest, segment_id: int) -> HttpResponse:
    """A copy to be changed."""
    now = timezone.now()
    try:
        source = queries.segment(segment_id)
        tree = read(source.tree, speaker(request).fields)
        name = Text(f"{source.name.zh[: LONGEST_NAME - 4]}（副本）", f"{source.name.en[: LONGEST_NAME - 7]} (copy)")
        with transaction.atomic():
            made = actions.create(name=name, tree=tree, actor=actors.key_of(request.actor), at=now)
            staff.record(
                by=request.actor, action="segments.create", at=now, subject_kind="segment", subject_id=made,
                detail={"from": str(segment_id)},
            )  # fmt: skip
    except DomainError as error:
        messages.error(request, explained(error))
        return redirect("segments")
    messages.success(request, _("This is the copy. Change it as you like."))
    return redirect("segment_edit", made)


urlpatterns = [
    path("segments/<int:segment_id>/rename/", rename, name="segment_rename"),
    path("segments/<int:segment_id>/archive/", archive, name="segment_archive"),
    path("segments/<int:segment_id>/bring-back/", bring_back, name="segment_bring_back"),
    path("segments/<int:segment_id>/tag/", give_tag, name="segment_tag"),
    path("segments/<int:segment_id>/duplicate/", duplicate, name="segment_duplicate"),
]

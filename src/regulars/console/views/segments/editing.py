"""Writing a segment in the visual builder, with a count that follows every change."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors, behind
from regulars.console.access import StaffRequest, requires
from regulars.console.behind import Unreadable, people_url
from regulars.console.builder import nodes, shown
from regulars.console.builder.nodes import Built, Group
from regulars.console.condition_words import Speaker, speaker
from regulars.console.sayings import explained
from regulars.console.typed import whole_number
from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY, InvalidCondition, read
from regulars.core.errors import DomainError
from regulars.insight import queries as insight
from regulars.insight.compute import listing
from regulars.insight.naming import LONGEST_NAME
from regulars.insight.segments import actions, queries
from regulars.insight.segments.presets import PRESETS
from regulars.insight.segments.queries import NoSegment, SegmentView
from regulars.staff import actions as staff


@requires("segments.edit")
@never_cache
def new(request: StaffRequest) -> HttpResponse:
    """A new segment: empty, from a preset, or as a page's selection says."""
    words = speaker(request)
    if request.method == "POST":
        return _save(request, words, None)
    name, root = Text("", ""), Group(nodes.ROOT)
    if preset := next((one for one in PRESETS if one.code == request.GET.get("preset")), None):
        try:
            root, name = nodes.of_tree(read(preset.tree, words.fields), words.fields, words.currency), preset.name
        except InvalidCondition:
            messages.error(request, _("This template asks about something that is not there yet."))
    elif where := request.GET.get(behind.WHERE):
        try:
            root = nodes.of_tree(behind.decoded(where, words.fields), words.fields, words.currency)
        except Unreadable as error:
            messages.error(request, explained(error))
    return render(request, "segments/edit.html", _context(request, words, root, name, None) | _templates(words))


@requires("segments.edit")
@never_cache
def edit(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Say anew whom a segment means; saving makes a new version."""
    words = speaker(request)
    try:
        segment = queries.segment(segment_id)
    except NoSegment as error:
        messages.error(request, explained(error))
        return redirect("segments")
    if request.method == "POST":
        return _save(request, words, segment)
    try:
        root = nodes.of_tree(read(segment.tree, words.fields), words.fields, words.currency)
    except InvalidCondition:
        root = Group(nodes.ROOT, parts=[nodes.Fixed(2, segment.tree)])
    return render(request, "segments/edit.html", _context(request, words, root, segment.name, segment))


@requires("segments.edit")
@require_POST
def build(request: StaffRequest) -> HttpResponse:
    """The builder again, after a row came, went, or asks about something else; the count follows by itself."""
    words = speaker(request)
    root = nodes.of_form(request.POST, words.fields)
    focus = nodes.change(root, request.POST, words.fields)
    nodes.build(root, words.fields, words.currency)
    response = render(request, "segments/builder.html", {"root": shown.row(root, words, focus=focus), **_builder()})
    response["HX-Trigger-After-Settle"] = "recount"
    return response


@requires("segments.edit")
@require_POST
def count(request: StaffRequest) -> HttpResponse:
    """How many customers the rows mean now, in words too, and what is wrong with which of them."""
    words = speaker(request)
    root = nodes.of_form(request.POST, words.fields)
    built = nodes.build(root, words.fields, words.currency)
    problems = [node for node in nodes.walk(root) if not isinstance(node, nodes.Fixed)]
    return render(request, "segments/counted.html", _counted(root, built, words) | {"problems": problems})


def _counted(root: Group, built: Built, words: Speaker) -> dict[str, object]:
    """The live count; nothing is counted while everything is still unfinished."""
    picture = insight.picture()
    found: dict[str, object] = {"built": built, "sentence": words.say(built.tree), "has_picture": picture is not None}
    if picture is not None:
        customers = queries.count(built.tree, picture=picture, fields=words.fields)
        everybody = listing.everybody(picture)
        found |= {
            "customers": customers,
            "everybody": everybody,
            "share": 100 * customers / everybody if everybody else 0,
            "people_url": people_url(built.tree),
            "is_everybody": built.tree == EVERYBODY,
        }
    return found


def _context(
    request: StaffRequest, words: Speaker, root: Group, name: Text, segment: SegmentView | None, **more: object
) -> dict[str, object]:
    built = nodes.build(root, words.fields, words.currency)
    given: dict[str, Any] = {
        "root": shown.row(root, words),
        **_builder(),
        "families": shown.families(words),
        "segment": segment,
        "title": words.text(segment.name) if segment else _("New segment"),
        "zh": name.zh,
        "en": name.en if name.en != name.zh else "",
        "longest_name": LONGEST_NAME,
        "after": segment.version if segment else 0,
        "back": reverse("segment", args=[segment.id]) if segment else reverse("segments"),
        **_counted(root, built, words),
    }
    return {**given, **more}


def _builder() -> dict[str, str]:
    """How the builder speaks of customers, and where it asks for itself."""
    return {
        "build_url": reverse("segment_build"),
        "of_what": _("Customers for whom"),
        "nothing": _("No conditions yet: everybody is meant."),
    }


def _templates(words: Speaker) -> dict[str, object]:
    """The templates that can be read here."""
    found = []
    for preset in PRESETS:
        try:
            tree = read(preset.tree, words.fields)
        except InvalidCondition:
            continue
        found.append((f"{reverse('segment_new')}?preset={preset.code}", words.text(preset.name), words.say(tree)))
    return {"templates": found}


def _save(request: StaffRequest, words: Speaker, segment: SegmentView | None) -> HttpResponse:
    root = nodes.of_form(request.POST, words.fields)
    built = nodes.build(root, words.fields, words.currency)
    name = Text(request.POST.get("zh", ""), request.POST.get("en", ""))
    failure = "" if built.is_whole else _("Some conditions are not finished. See what stands beside them.")
    if not failure:
        try:
            return _saved(request, built, name, segment)
        except DomainError as error:
            failure = explained(error)
    context = _context(request, words, root, name, segment, failure=failure)
    return render(request, "segments/edit.html", context, status=422)


def _saved(request: StaffRequest, built: Built, name: Text, segment: SegmentView | None) -> HttpResponse:
    now, actor = timezone.now(), actors.key_of(request.actor)
    if segment is None:
        made = actions.create(name=name, tree=built.tree, actor=actor, at=now)
        _record(request, "segments.create", made, 1)
        messages.success(request, _("The segment is saved. The next refresh records who is in it."))
        return redirect("segment", made)
    version = actions.change(
        segment_id=segment.id,
        tree=built.tree,
        after=whole_number(request.POST.get("after", ""), most_digits=8) or 0,
        actor=actor,
        at=now,
    )
    actions.rename(segment_id=segment.id, name=name)
    if version != segment.version:
        _record(request, "segments.change", segment.id, version)
    messages.success(request, _("The segment is saved. The next refresh records who is in it."))
    return redirect("segment", segment.id)


def _record(request: StaffRequest, action: str, segment_id: int, version: int) -> None:
    staff.record(
        by=request.actor,
        action=action,
        at=timezone.now(),
        subject_kind="segment",
        subject_id=segment_id,
        detail={"version": version},
    )


urlpatterns = [
    path("segments/new/", new, name="segment_new"),
    path("segments/build/", build, name="segment_build"),
    path("segments/count/", count, name="segment_count"),
    path("segments/<int:segment_id>/edit/", edit, name="segment_edit"),
]

"""One segment: whom it means, who came and left and why, how it overlaps with others, its versions and its members."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from regulars.console import actors, fragments, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.behind import Selection, encoded
from regulars.console.condition_words import Speaker, speaker
from regulars.console.kept import kept
from regulars.console.picture.state import picture_state
from regulars.console.sayings import explain, explained
from regulars.console.views import people
from regulars.console.views.segments.listing import tag_names
from regulars.console.views.segments.overlap import overlap
from regulars.core.conditions import InvalidCondition, Tree, comparisons, read
from regulars.insight import queries as insight
from regulars.insight.compute.memberships import Why
from regulars.insight.segments import queries
from regulars.insight.segments.queries import (
    CauseView,
    ChangeView,
    NoSegment,
    SegmentView,
    VersionView,
)
from regulars.insight.tags import queries as tags

SHOWN_DAYS = 12
SHOWN_CAUSES = 6


@dataclass(frozen=True, slots=True)
class CauseLine:
    """So many came or left for one cause, in words."""

    words: str
    customers: int


@dataclass(slots=True)
class DayLine:
    """What a day's refresh changed. `first` are those who were in it when it was counted for the first time."""

    day: date
    first: int = 0
    entered: int = 0
    left: int = 0
    entered_by: list[CauseLine] = field(default_factory=list)
    left_by: list[CauseLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version: whom it meant, who wrote it, and how many came and left by its being another."""

    number: int
    sentence: str
    who: str
    at: datetime
    entered: int
    left: int
    is_counted: bool


@requires("insight.view")
@never_cache
def segment(request: StaffRequest, segment_id: int) -> HttpResponse:
    """The page; or only its members or its overlap, for somebody who looks on."""
    try:
        one = queries.segment(segment_id)
    except NoSegment as error:
        messages.error(request, explained(error))
        return redirect("segments")
    words, picture = speaker(request), insight.picture()
    try:
        tree: Tree | None = read(one.tree, words.fields)
    except InvalidCondition:
        tree = None
    part = fragments.asked(request)
    context: dict[str, object] = {"segment": one, "name": words.text(one.name), "has_picture": picture is not None}
    if picture is not None and tree is not None and part != "overlap":
        selected = Selection(tree, (), {"where": encoded(tree)})
        context |= people.shown(request, selected, picture, words)
        context["list_url"] = f"{reverse('segment', args=[one.id])}?"
    if picture is not None and tree is not None and part != "people":
        context |= overlap(request, one, tree, picture, words)
    template = {"people": "people/list.html", "overlap": "segments/overlap.html"}.get(part)
    if template is None:
        context |= _story(request, one, words) | picture_state(request)
    return fragments.shown(request, template or "segments/page.html", context)


def _story(request: StaffRequest, one: SegmentView, words: Speaker) -> dict[str, object]:
    """Everything that stands on the page besides members and overlap."""
    versions = queries.versions(one.id)
    good = insight.last_good()
    # Only a refresh lets anybody in or out, and the whole history is counted.
    changes = kept(
        "changes", one.id, good.id if good else 0, make=lambda: queries.changes(one.id, since=date.min), version=()
    )
    names = tag_names(words)
    return {
        "sentence": words.say_json(one.tree),
        "days": _days(changes, versions, words)[:SHOWN_DAYS],
        "versions": _versions(one, versions, changes, words),
        "gives": names.get(one.gives, "") if one.gives else "",
        "tags": [(tag.id, words.text(tag.name)) for tag in tags.tags(at=timezone.now())],
        "problem": explain(one.problem) if one.problem else "",
        "is_stale": one.counted_version is not None and one.counted_version != one.version,
        "zh": one.name.zh,
        "en": one.name.en if one.name.en != one.name.zh else "",
    }


def _days(changes: Sequence[ChangeView], versions: Sequence[VersionView], words: Speaker) -> list[DayLine]:
    sentences = _Causes(versions, words)
    found: dict[date, DayLine] = {}
    for change in changes:
        line = found.setdefault(change.on, DayLine(change.on))
        if change.cause.why is Why.FIRST:
            line.first += change.customers
            continue
        told = CauseLine(sentences.said(change.cause), change.customers)
        if change.entered:
            line.entered += change.customers
            line.entered_by.append(told)
        else:
            line.left += change.customers
            line.left_by.append(told)
    for line in found.values():
        line.entered_by, line.left_by = _largest(line.entered_by), _largest(line.left_by)
    return sorted(found.values(), key=lambda line: line.day, reverse=True)


def _largest(causes: Sequence[CauseLine]) -> list[CauseLine]:
    """The commonest causes, alike ones together, and the rest as one."""
    added: dict[str, int] = defaultdict(int)
    for cause in causes:
        added[cause.words] += cause.customers
    lines = sorted((CauseLine(*entry) for entry in added.items()), key=lambda one: -one.customers)
    if len(lines) <= SHOWN_CAUSES:
        return lines
    rest = sum(line.customers for line in lines[SHOWN_CAUSES - 1 :])
    return [*lines[: SHOWN_CAUSES - 1], CauseLine(_("other causes"), rest)]


class _Causes:
    """Says causes with the conditions of the version that they are about."""

    def __init__(self, versions: Sequence[VersionView], words: Speaker) -> None:
        self.words = words
        self.leaves: dict[int, list[str]] = {}
        for version in versions:
            try:
                tree = read(version.tree, words.fields)
            except InvalidCondition:
                continue
            self.leaves[version.number] = [words.say(leaf) for leaf in comparisons(tree)]

    def said(self, cause: CauseView) -> str:
        """Why, in words."""
        if cause.why is Why.EDITED:
            return _("the segment was changed (version %(n)s)") % {"n": cause.version}
        if cause.why is Why.ARRIVED:
            return _("new customers")
        if cause.why is Why.GONE:
            return _("merged into another customer, or gone")
        now = self.some(cause.version, cause.became_true)
        no_longer = self.some(cause.version, cause.became_false)
        said = [_("now: %(conditions)s") % {"conditions": now}] if now else []
        said += [_("no longer: %(conditions)s") % {"conditions": no_longer}] if no_longer else []
        return "; ".join(said) if said else _("something about them changed")

    def some(self, version: int, places: Sequence[int]) -> str:
        leaves = self.leaves.get(version, [])
        return ("、" if reader.is_zh() else ", ").join(leaves[place] for place in places if place < len(leaves))


def _versions(
    one: SegmentView, versions: Sequence[VersionView], changes: Sequence[ChangeView], words: Speaker
) -> list[VersionLine]:
    who = actors.names_of(version.created_by for version in versions)
    moved: dict[tuple[int, bool], int] = defaultdict(int)
    for change in changes:
        if change.cause.why is Why.EDITED:
            moved[change.cause.version, change.entered] += change.customers
    return [
        VersionLine(
            number=version.number,
            sentence=words.say_json(version.tree),
            who=who[version.created_by],
            at=version.created_at,
            entered=moved[version.number, True],
            left=moved[version.number, False],
            is_counted=one.counted_version is not None and version.number <= one.counted_version,
        )
        for version in versions
    ]


urlpatterns = [path("segments/<int:segment_id>/", segment, name="segment")]

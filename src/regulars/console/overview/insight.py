"""The one insight that the overview opens with: what is worth most to act on today, why, and what to do about it.

Four things are looked for, and each is weighed by the value of the year ahead (see `insight.compute.clv`) of the
customers whom it is about:

1. at high risk of leaving: all that is at stake with them;
2. regulars (4 purchase days or more) at risk: quiet for longer than their own rhythm allows;
3. one-time buyers who are due: bought on one day, and now is when customers here usually return;
4. the segment that grew or shrank most at the last refresh, by a tenth at least: as many average customers as the
   difference.

The one that weighs most is shown. Of equal ones the first in this order is; one about nobody is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.console import figures, reader
from regulars.console.access import StaffRequest
from regulars.console.behind import encoded, people_url
from regulars.console.condition_words import Speaker, speaker
from regulars.console.context import business_of
from regulars.console.kept import kept
from regulars.console.picture import churn_radar
from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY, read
from regulars.insight import queries as insight
from regulars.insight.compute import listing, radar
from regulars.insight.compute.listing import Chosen
from regulars.insight.compute.pictures import Picture
from regulars.insight.segments import figures as moves
from regulars.insight.segments import queries as segments

VALUE, GAP = "value_minor", "usual_gap_days"
REGULAR_DAYS = 4
DUE_FROM, DUE_UNTIL = 0.8, 2
LEAST_CHANGE = 0.1
HIGH: Mapping[str, Any] = {"field": "churn_level", "op": "in", "value": ["high"]}
QUIET: Mapping[str, Any] = {
    "all": [
        {"field": "stage", "op": "in", "value": ["at_risk"]},
        {"field": "purchase_days", "op": "ge", "value": REGULAR_DAYS},
    ]
}
DUE: Mapping[str, Any] = {
    "all": [
        {"field": "purchase_days", "op": "eq", "value": 1},
        {"field": "silence_ratio", "op": "ge", "value": DUE_FROM},
        {"field": "silence_ratio", "op": "le", "value": DUE_UNTIL},
    ]
}
TREES = {"high": HIGH, "quiet": QUIET, "due": DUE}


@dataclass(frozen=True, slots=True)
class Found:
    """What weighs most: its kind, how many customers, what they are worth in minor units, and what its words need."""

    kind: str
    customers: int
    value: int
    feature: str = ""
    gap: int | None = None
    segment: int = 0
    name: Text | None = None
    entered: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Insight:
    """The insight as it is shown. `segment_url` is where a segment is made of these customers, '' if there is one."""

    title: str
    why: str
    people_url: str
    segment_url: str
    is_good: bool


def first_insight(request: StaffRequest) -> Insight | None:
    """What the overview opens with; None without a picture, or when nothing stands out."""
    picture, good = insight.picture(), insight.last_good()
    if picture is None or good is None:
        return None
    found = kept("overview-insight", good.set_name, make=lambda: (_weighed(request, picture, good.id),), version=())[0]
    return _said(found, request) if found else None


def _weighed(request: StaffRequest, picture: Picture, refresh_id: int) -> Found | None:
    words = speaker(request)
    everybody: list[Found | None] = [
        _high(picture, words),
        *(_plain(kind, picture, words) for kind in ("quiet", "due")),
    ]
    everybody.append(_moved(picture, words, refresh_id))
    weighed = [one for one in everybody if one is not None and one.customers]
    return max(weighed, key=lambda one: one.value, default=None)


def _high(picture: Picture, words: Speaker) -> Found:
    sky = kept("churn-sky", str(picture.file), make=lambda: radar.sky(picture, words.fields), version=())
    feature = sky.reasons[0][0] if sky.reasons else ""
    return Found("high", sky.customers("high"), sky.stake_minor("high"), feature)


def _plain(kind: str, picture: Picture, words: Speaker) -> Found:
    told = listing.summary(
        picture, Chosen(read(TREES[kind], words.fields), words.fields), sums=(VALUE,), medians=(GAP,)
    )
    gap = told.medians.get(GAP)
    return Found(kind, told.customers, told.sums.get(VALUE, 0), gap=None if gap is None or gap != gap else round(gap))


def _moved(picture: Picture, words: Speaker, refresh_id: int) -> Found | None:
    changed = moves.moves_of(refresh_id)
    kept_ones = {one.id: one for one in segments.segments()}
    found = [
        (abs(moved.net), segment_id, moved)
        for segment_id, moved in changed.items()
        if segment_id in kept_ones
        and not moved.is_first
        and abs(moved.net) >= LEAST_CHANGE * max(1, (kept_ones[segment_id].members or 0) - moved.net)
    ]
    if not found:
        return None
    most, segment_id, moved = max(found, key=lambda one: one[:2])
    whole = listing.summary(picture, Chosen(EVERYBODY, words.fields), sums=(VALUE,))
    average = whole.sums.get(VALUE, 0) / max(1, whole.customers)
    return Found(
        "segment", most, round(most * average), segment=segment_id, name=kept_ones[segment_id].name,
        entered=moved.entered, left=moved.left,
    )  # fmt: skip


def _said(found: Found, request: StaffRequest) -> Insight:
    numbers: dict[str, object] = {
        "n": figures.count(found.customers),
        "days": found.gap,
        "value": figures.compact_money(found.value, business_of(request).currency),
    }
    if found.kind == "segment":
        title, why, url = _segment_said(found)
        return Insight(title % numbers, why, url, "", is_good=found.entered > found.left)
    tree = TREES[found.kind]
    title, why = SAID[found.kind](found)
    new = f"{reverse('segment_new')}?where={encoded(tree)}" if "segments.edit" in request.capabilities else ""
    return Insight(title % numbers, why % numbers, people_url(tree), new, is_good=found.kind == "due")


def _high_said(found: Found) -> tuple[str, str]:
    title = ngettext("%(n)s customer is likely to leave", "%(n)s customers are likely to leave", found.customers)
    stake = _("At stake in the next 12 months: %(value)s.")
    if not found.feature:
        return title, stake
    label = churn_radar.label_of(found.feature).said(reader.language())
    return title, f"{stake} {_('The commonest reason: %(reason)s.') % {'reason': label.replace('%', '%%')}}"


def _quiet_said(found: Found) -> tuple[str, str]:
    title = ngettext("%(n)s regular has gone quiet", "%(n)s regulars have gone quiet", found.customers)
    worth = _("In the next 12 months they would be worth %(value)s.")
    if found.gap is None:
        return title, worth
    why = ngettext(
        "They usually come every day, and are silent for longer than their own rhythm allows.",
        "They usually come every %(days)s days, and are silent for longer than their own rhythm allows.",
        found.gap,
    )
    return title, f"{why} {worth}"


def _due_said(found: Found) -> tuple[str, str]:
    title = ngettext(
        "%(n)s customer who bought once is due back", "%(n)s customers who bought once are due back", found.customers
    )
    why = _("Customers here usually return about now: an invitation helps most today. Expected of them: %(value)s.")
    return title, why


def _segment_said(found: Found) -> tuple[str, str, str]:
    name = (found.name or Text("", "")).said(reader.language()).replace("%", "%%")
    grew = found.entered > found.left
    title = _("“%(name)s” grew by %(n)s") if grew else _("“%(name)s” shrank by %(n)s")
    why = _("At the last refresh %(entered)s came in and %(left)s left.")
    told = {"entered": figures.count(found.entered), "left": figures.count(found.left)}
    return title.replace("%(name)s", name), why % told, reverse("segment", args=[found.segment])


SAID = {"high": _high_said, "quiet": _quiet_said, "due": _due_said}

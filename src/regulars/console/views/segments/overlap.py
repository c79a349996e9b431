"""How a segment overlaps with others: how many customers are in exactly which of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.console.access import StaffRequest
from regulars.console.behind import people_url
from regulars.console.condition_words import Speaker
from regulars.core.conditions import AllOf, InvalidCondition, Not, Tree, as_json, read
from regulars.insight.compute import pictures
from regulars.insight.compute.pictures import Picture
from regulars.insight.segments import queries
from regulars.insight.segments.live import tagged_for
from regulars.insight.segments.queries import MOST_OVERLAPPING, SegmentView

USUAL_OTHERS = 3


@dataclass(frozen=True, slots=True)
class PartLine:
    """Customers in exactly some of the segments laid over each other; `has` says which, in their order."""

    has: tuple[bool, ...]
    label: str
    customers: int
    width: float
    url: str


def overlap(
    request: StaffRequest, one: SegmentView, tree: Tree, picture: Picture, words: Speaker
) -> dict[str, object]:  # fmt: skip
    """The segment laid over those that were chosen beside it; the largest others at first."""
    trees, names = _readable(one, words)
    others = _others(request, list(trees))
    laid = {one.id: tree, **{other: trees[other] for other in others}}
    context: dict[str, object] = {
        "others": [(key, names[key], key in others) for key in trees],
        "laid": [words.text(one.name), *(names[other] for other in others)],
        "most_others": MOST_OVERLAPPING - 1,
        "overlap_url": reverse("segment", args=[one.id]),
    }
    if others:
        told = tagged_for(laid.values(), at=timezone.now())
        counted = pictures.combinations(picture, laid, words.fields, told)
        context["parts"] = _parts(laid, [words.text(one.name), *(names[other] for other in others)], counted, words)
    return context


def _readable(one: SegmentView, words: Speaker) -> tuple[dict[int, Tree], dict[int, str]]:
    """The other segments that can be counted now, the largest first."""
    trees: dict[int, Tree] = {}
    names: dict[int, str] = {}
    for other in sorted(queries.segments(), key=lambda other: -(other.members or 0)):
        if other.id == one.id:
            continue
        try:
            trees[other.id] = read(other.tree, words.fields)
        except InvalidCondition:
            continue
        names[other.id] = words.text(other.name)
    return trees, names


def _others(request: StaffRequest, known: Sequence[int]) -> list[int]:
    if "laid" not in request.GET:
        return list(known[:USUAL_OTHERS])
    asked = set(request.GET.getlist("with"))
    return [key for key in known if str(key) in asked][: MOST_OVERLAPPING - 1]


def _parts(
    laid: Mapping[int, Tree], names: Sequence[str], counted: Mapping[frozenset[int], int], words: Speaker
) -> list[PartLine]:
    own = next(iter(laid))
    largest = max((number for key, number in counted.items() if key), default=0) or 1
    found = []
    for key, customers in sorted(counted.items(), key=lambda entry: (not entry[0], own not in entry[0], -entry[1])):
        inside = [name for segment_id, name in zip(laid, names, strict=True) if segment_id in key]
        label = _("in none of them") if not inside else _only(inside, len(laid))
        tree = AllOf(tuple(tree if segment_id in key else Not(tree) for segment_id, tree in laid.items()))
        found.append(
            PartLine(
                tuple(segment_id in key for segment_id in laid),
                label,
                customers,
                min(100.0, 100 * customers / largest),
                _url(tree, words),
            )
        )
    return found


def _url(tree: Tree, words: Speaker) -> str:
    """Where these customers are listed; '' where the condition would be too long to be read again."""
    try:
        read(as_json(tree), words.fields)
    except InvalidCondition:
        return ""
    return people_url(tree)


def _only(inside: Sequence[str], laid: int) -> str:
    joined = " + ".join(inside)
    if len(inside) == laid:
        return joined
    return ngettext("%(names)s alone", "%(names)s, not the others", len(inside)) % {"names": joined}

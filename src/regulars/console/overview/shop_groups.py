"""Three groups of customers in plain words: my regulars, not here for long, came only once; by name.

They are the segments that a new shop begins with, as the shop has them now, so that a number here is the number there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console.access import StaffRequest
from regulars.console.behind import people_url
from regulars.console.condition_words import Speaker, speaker
from regulars.console.context import business_of
from regulars.console.kept import kept
from regulars.console.lines import customer_url, shown_phone
from regulars.core.conditions import AllOf, AnyOf, InvalidCondition, Not, Tree, as_json, read, used_fields
from regulars.customers import queries as customers
from regulars.insight.compute import listing
from regulars.insight.compute.listing import Chosen
from regulars.insight.compute.pictures import LIVE, Picture
from regulars.insight.segments import queries as segments
from regulars.insight.segments.live import tagged_for
from regulars.insight.segments.presets import presets
from regulars.loyalty.membership import number_of
from regulars.outreach.campaigns.ready import CAME_ONCE, NOT_SEEN, REGULARS
from regulars.staff.trades import trade_of

SHOWN: Final = 12
SHOWN_ON_PHONES: Final = 6
SPENT: Final = "spent_minor"
COLUMNS: Final = ("last_purchase_day", "purchase_days", SPENT, "usual_gap_days", "recency_days")
ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    REGULARS: ("-purchase_days", f"-{SPENT}"),
    NOT_SEEN: (f"-{SPENT}", "recency_days"),
    CAME_ONCE: ("recency_days", f"-{SPENT}"),
}


@dataclass(frozen=True, slots=True)
class Guest:
    """A customer by name, and what the page says of them: how often they came, when last, their usual gap (days)."""

    url: str
    name: str
    number: str
    phone: str
    visits: int
    days_ago: int
    usual_gap: int | None
    spent: int


@dataclass(frozen=True, slots=True)
class ShopGroup:
    """A group as the page shows it. `segment_id` is None until the first refresh has made the segment."""

    code: str
    icon: str
    tone: str
    title: Promise
    meaning: Promise
    nobody: Promise
    button: Promise
    segment_id: int | None
    customers: int
    spent: int
    guests: list[Guest]
    people_url: str
    rule: str

    @property
    def has_more(self) -> bool:
        """Whether some of them are not shown, on a phone at least."""
        return self.customers > SHOWN_ON_PHONES


LOOKS: Final[Mapping[str, tuple[str, str, Promise, Promise, Promise, Promise]]] = {
    REGULARS: (
        "heart", "ok", _("My regulars"), _("They come often, and were here lately."),
        _("Nobody came four times yet. They appear here as soon as somebody does."), _("Thank them"),
    ),
    NOT_SEEN: (
        "moon", "warn", _("Not here for long"),
        _("They used to come, and have been silent for longer than their own rhythm allows."),
        _("Nobody. Everybody who used to come still does."), _("Bring them back"),
    ),
    CAME_ONCE: (
        "footprints", "info", _("Came only once"), _("They came one day, and not again."),
        _("Nobody. Whoever came is new, or came again."), _("Bring them back"),
    ),
}  # fmt: skip


BOUGHT: Final[Mapping[str, Any]] = {"field": "purchase_days", "op": "ge", "value": 1}


@dataclass(frozen=True, slots=True)
class ShopGroups:
    """The three groups; everybody else who ever bought: new, or on their way. `buyers` is all of them together."""

    groups: list[ShopGroup]
    others: int
    others_url: str
    buyers: int


def shop_groups(request: StaffRequest, picture: Picture) -> ShopGroups:
    """The three groups of a picture, each with its first names."""
    words, found = speaker(request), trees(request)
    rest = AllOf((read(BOUGHT, words.fields), Not(AnyOf(tuple(tree for _id, tree in found.values())))))
    whole = {**{code: tree for code, (_id, tree) in found.items()}, "": rest}
    used = {name for tree in whole.values() for name in used_fields(tree)}

    def count() -> dict[str, tuple[listing.Summary, list[dict[str, Any]]]]:
        return {code: _counted(picture, tree, words, code) for code, tree in whole.items()}

    told = [as_json(tree) for tree in whole.values()]
    counted = count() if LIVE & used else kept("shop-groups", str(picture.file), told, version=(), make=count)
    everybody = [row["customer_id"] for _summary, rows in counted.values() for row in rows]
    names, phones = customers.names(everybody), customers.phones(everybody)
    groups = [_group(code, found[code], counted[code], names, phones, words) for code in LOOKS]
    return ShopGroups(
        groups,
        counted[""][0].customers,
        people_url(rest),
        sum(summary.customers for summary, _rows in counted.values()),
    )


def _counted(picture: Picture, tree: Tree, words: Speaker, code: str) -> tuple[listing.Summary, list[dict[str, Any]]]:
    chosen = Chosen(tree, words.fields, tagged_for([tree], at=timezone.now()))
    summary = listing.summary(picture, chosen, sums=(SPENT,))
    if not code or not summary.customers:
        return summary, []
    return summary, listing.page(picture, chosen, columns=COLUMNS, order=ORDER[code], limit=SHOWN)


def _group(
    code: str,
    meant: tuple[int | None, Tree],
    counted: tuple[listing.Summary, list[dict[str, Any]]],
    names: Mapping[int, tuple[int, str]],
    phones: Mapping[int, str],
    words: Speaker,
) -> ShopGroup:
    icon, tone, title, meaning, nobody, button = LOOKS[code]
    summary, rows = counted
    return ShopGroup(
        code, icon, tone, title, meaning, nobody, button, meant[0], summary.customers, summary.sums.get(SPENT, 0),
        [_guest(row, names, phones) for row in rows], people_url(meant[1]), words.say(meant[1]),
    )  # fmt: skip


def _guest(row: Mapping[str, Any], names: Mapping[int, tuple[int, str]], phones: Mapping[int, str]) -> Guest:
    who = row["customer_id"]
    gap = row.get("usual_gap_days")
    return Guest(
        url=customer_url(who),
        name=names.get(who, (who, ""))[1],
        number=number_of(who),
        phone=shown_phone(phones.get(who, "")),
        visits=row.get("purchase_days") or 0,
        days_ago=row.get("recency_days") or 0,
        usual_gap=None if gap is None else max(1, round(gap)),
        spent=row.get(SPENT) or 0,
    )


def trees(request: StaffRequest) -> dict[str, tuple[int | None, Tree]]:
    """code → the segment's id and whom it means now; a segment that was put away means what it was made with."""
    fields = speaker(request).fields
    quiet_days = trade_of(business_of(request).trade).quiet_days
    made = {one.code: one.tree for one in presets(quiet_days) if one.code in LOOKS}
    known = {one.preset: one for one in segments.segments() if one.preset in LOOKS}
    found: dict[str, tuple[int | None, Tree]] = {}
    for code in LOOKS:
        one = known.get(code)
        try:
            found[code] = (one.id, read(one.tree, fields)) if one else (None, read(made[code], fields))
        except InvalidCondition:
            found[code] = (None, read(made[code], fields))
    return found

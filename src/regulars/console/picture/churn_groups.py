"""Churn of groups as pictures and tables: key moments with their intervals, and what moves the risk of a group."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console.behind import people_url
from regulars.console.condition_words import Speaker
from regulars.console.picture.churn_radar import label_of
from regulars.insight.compute.churn.drivers import Driver
from regulars.insight.compute.churn.moments import Moment

MOST_DRIVERS = 3
SLIGHT = 0.02
"""Mean effects on the log odds below this move a group by half a percentage point at most: not worth a bar."""
HALF = 60.0
EVENTS: dict[str, Promise] = {
    "refund": gettext_lazy("After a refund"),
    "tier_down": gettext_lazy("After dropping a tier"),
    "tier_up": gettext_lazy("After rising a tier"),
}
GROUPINGS: dict[str, Promise] = {
    "rfm_eight": gettext_lazy("RFM group"),
    "rfm_ten": gettext_lazy("RFM group"),
    "contribution": gettext_lazy("Contribution"),
    "main_channel": gettext_lazy("Channel"),
    "stage": gettext_lazy("Stage"),
    "tier": gettext_lazy("Tier"),
}
"""In the order in which the page tells them."""


@dataclass(frozen=True, slots=True)
class MomentLine:
    """A moment: shares in per cent, and on a picture 100 wide the ends of its bar and its interval."""

    label: str
    said: str
    count: int
    left: int
    share: float
    low: float
    high: float
    key: bool
    url: str
    x: float
    low_x: float
    high_x: float

    @property
    def range(self) -> float:
        """How wide its interval is."""
        return self.high_x - self.low_x


@dataclass(frozen=True, slots=True)
class Moments:
    """All moments; `usual` is the share after any visit, in per cent, and `usual_x` its place in the picture."""

    lines: list[MomentLine]
    usual: float
    usual_x: float
    worst: MomentLine | None


def moments(found: Sequence[Moment], horizon_days: int, words: Speaker) -> Moments | None:
    """The moments of a set; None without any."""
    if not found:
        return None
    most = max(one.high for one in found) or 1.0

    def x(share: float) -> float:
        return round(100 * share / most, 1)

    lines = [
        MomentLine(
            label=_label(one), said=words.text(one.said(horizon_days)), count=one.count, left=one.left,
            share=100 * one.share, low=100 * one.low, high=100 * one.high, key=one.key, url=_standing_there(one),
            x=x(one.share), low_x=x(one.low), high_x=x(one.high),
        )
        for one in found
    ]  # fmt: skip
    worst = max((line for line in lines if line.key), key=lambda line: line.share, default=None)
    usual = found[0].usual
    return Moments(lines, 100 * usual, x(usual), worst)


def _label(one: Moment) -> str:
    return str(EVENTS[one.kind]) if one.kind in EVENTS else _("After purchase %(n)s") % {"n": one.nth}


def _standing_there(one: Moment) -> str:
    """Those who are at this moment now and have not left; '' where the picture cannot tell."""
    if one.kind != "visit":
        return ""
    here = {"field": "purchase_days", "op": "eq", "value": one.nth}
    return people_url({"all": [here, {"field": "churn_level", "op": "in", "value": ["high", "medium", "low"]}]})


@dataclass(frozen=True, slots=True)
class Push:
    """A feature that moves a group's risk: its bar leans to the right where it raises the risk, else to the left."""

    label: str
    effect: float
    x: float
    width: float

    @property
    def raises(self) -> bool:
        """Whether it raises the group's risk."""
        return self.effect > 0


@dataclass(frozen=True, slots=True)
class Group:
    """A group with what sets its risk apart from everybody's; `risk` in per cent."""

    name: str
    url: str
    customers: int
    risk: float
    pushes: list[Push] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to group customers."""

    name: str
    groups: list[Group]


def groupings(found: Sequence[Driver], words: Speaker) -> list[Grouping]:
    """Drivers by grouping, the group with the highest risk first; a grouping with one group tells nothing apart."""
    most = max((abs(one.effect) for one in found), default=0.0) or 1.0
    rfm = "rfm_eight" if words.language == "zh" else "rfm_ten"
    told = []
    for name, label in GROUPINGS.items():
        if name.startswith("rfm_") and name != rfm and any(one.grouping == rfm for one in found):
            continue
        of_it = [one for one in found if one.grouping == name]
        field = words.fields.get(name)
        values = {str(choice.value): choice.value for choice in field.choices} if field else {}
        # A tier that the programme has no longer cannot be asked about, so nobody could open its customers.
        kinds = [kind for kind in dict.fromkeys(one.group for one in of_it) if kind in values]
        if len(kinds) < 2:
            continue
        groups = [
            _group(name, values[kind], [one for one in of_it if one.group == kind], most, words) for kind in kinds
        ]
        told.append(Grouping(str(label), sorted(groups, key=lambda group: -group.risk)))
    return told


def _group(grouping: str, kind: str | int, drivers: Sequence[Driver], most: float, words: Speaker) -> Group:
    tree = {"all": [
        {"field": grouping, "op": "in", "value": [kind]},
        {"field": "churn_risk", "op": "not_missing"},
    ]}  # fmt: skip
    pushes = [_push(one, most, words) for one in drivers[:MOST_DRIVERS] if abs(one.effect) >= SLIGHT]
    return Group(words.choice(grouping, kind), people_url(tree), drivers[0].customers, 100 * drivers[0].risk, pushes)


def _push(one: Driver, most: float, words: Speaker) -> Push:
    width = round(max(2.0, HALF * abs(one.effect) / most), 1)
    return Push(words.text(label_of(one.feature)), one.effect, HALF if one.effect > 0 else HALF - width, width)

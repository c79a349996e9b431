"""A comparison of two programmes as its pages show it: what it comes to, filters, lines, the trend, the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import downloads, reader, sight
from regulars.console import lines as people
from regulars.console.access import StaffRequest
from regulars.console.imports import words
from regulars.loyalty.membership import number_of
from regulars.loyalty.taking_over.rules import CODES, SAID, Counts, Difference, Kind, Reason, Run, Wanted, What

KINDS: dict[str, Promise] = {
    Kind.DIFFER: gettext_lazy("Differ"),
    Kind.ONLY_OLD: gettext_lazy("Only in the old one"),
    Kind.ONLY_NEW: gettext_lazy("Only here"),
}
WHATS: dict[What, tuple[str, Promise]] = {
    What.POINTS: ("points", gettext_lazy("Points")),
    What.EXPIRY: ("expiry", gettext_lazy("Last day of points")),
    What.GROWTH: ("growth", gettext_lazy("Growth value")),
    What.TIER: ("tier", gettext_lazy("Tier")),
    What.COUPON: ("coupon", gettext_lazy("Coupons")),
}
SHOWN_DAYS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter of the list, as in the address; '' for any."""

    kind: str = ""
    what: str = ""
    reason: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """What an address asks for; what makes no sense is left open."""
        kind, what, reason = (query.get(name, "") for name in cls.__slots__)
        return cls(
            kind if kind in KINDS else "",
            what if what in {str(int(one)) for one in What} else "",
            reason if reason in SAID else "",
        )

    @property
    def query(self) -> str:
        """The address's part after the question mark, without what is left open."""
        return urlencode({name: value for name in self.__slots__ if (value := getattr(self, name))})

    @property
    def wanted(self) -> Wanted:
        """The same for the room."""
        return Wanted(self.kind, int(self.what or 0), self.reason)

    def changed(self, **parts: str) -> "Asked":
        """The same with some parts changed."""
        return replace(self, **parts)


@dataclass(frozen=True, slots=True)
class Line:
    """A member of whom the two do not say the same. `days` are (last day, old, new), `more_days` those not shown."""

    one: Difference
    kind: str
    name: str
    url: str
    number: str
    differs: frozenset[str]
    old_tier: str
    new_tier: str
    days: tuple[tuple[str, int, int], ...]
    more_days: int
    reason: str
    codes: tuple[tuple[str, str], ...] = ()


def lines(request: StaffRequest, run: Run, found: Iterable[Difference]) -> list[Line]:
    """Differences as lines of the list."""
    return list(_lines(request, run, found))


def _lines(request: StaffRequest, run: Run, found: Iterable[Difference]) -> Iterator[Line]:
    tiers = people.tier_names(sight.policies_of(request), run.as_of)

    def tier(index: int | None) -> str:
        return "" if index is None else people.tier_at(tiers, index).name

    never = _("never")
    for one in found:
        days = tuple((day.isoformat() if day else never, old, new) for day, old, new in one.expiries)
        yield Line(
            one=one,
            kind=str(KINDS[one.kind]),
            name=one.name or (number_of(one.customer_id) if one.customer_id else one.number) or _("No name"),
            url=people.customer_url(one.customer_id) if one.customer_id else "",
            number=number_of(one.customer_id) if one.customer_id else one.number,
            differs=frozenset(name for what, (name, _label) in WHATS.items() if one.what & what),
            old_tier=tier(one.old_tier),
            new_tier=tier(one.new_tier),
            days=days[:SHOWN_DAYS],
            more_days=max(0, len(days) - SHOWN_DAYS),
            reason=reader.said(SAID[one.reason]),
            codes=tuple((code, reader.said(CODES[why])) for code, why in one.codes),
        )


def filters(run: Run, asked: Asked, counts: Counts) -> dict[str, Any]:
    """The tabs and choices above the list, each with how many it finds in the whole comparison."""
    tabs = [("", run.apart, not asked.kind, asked.changed(kind="").query)]
    tabs += [
        (str(label), counts.kinds.get(kind, 0), kind == asked.kind, asked.changed(kind=kind).query)
        for kind, label in KINDS.items()
    ]
    reasons = sorted(counts.reasons.items(), key=lambda pair: -pair[1])
    return {
        "tabs": tabs,
        "whats": [(str(int(what)), label, counts.whats.get(int(what), 0)) for what, (name, label) in WHATS.items()
                  if name in run.compared],
        "reasons": [(code, _short(code), count) for code, count in reasons],
        "top_reasons": [(_said(code), count, Asked(reason=code).query) for code, count in reasons[:4]],
    }  # fmt: skip


def _said(code: str) -> str:
    return reader.said(SAID[code])


SHORT: dict[str, Promise] = {
    Reason.MISSING: gettext_lazy("Nobody with this number here"),
    Reason.NOT_IN_TABLE: gettext_lazy("Not in the old table"),
    Reason.NOT_TAKEN: gettext_lazy("Never taken over"),
    Reason.PENDING: gettext_lazy("Still pending here"),
    Reason.AFTER: gettext_lazy("Happened after the day"),
    Reason.REFUND: gettext_lazy("Refund not heard of"),
    Reason.EXPIRED: gettext_lazy("Expired here already"),
    Reason.ROUNDING: gettext_lazy("Rounding"),
    Reason.MORE: gettext_lazy("More here"),
    Reason.LESS: gettext_lazy("Less here"),
    Reason.EXPIRY: gettext_lazy("Other last days"),
    Reason.GROWTH: gettext_lazy("Other growth"),
    Reason.TIER: gettext_lazy("Other tier"),
    Reason.COUPON: gettext_lazy("Other coupons"),
}
"""Reason → a few words for a list to choose from."""


def _short(code: str) -> str:
    return str(SHORT[code])


def answer(run: Run) -> dict[str, Any]:
    """What the page opens with, and what could not be read."""
    return {
        "not_compared": [str(label) for name, label in WHATS.values() if name not in run.compared],
        "problems": [
            {"reason": words.reason_of(code, "…", ""), "count": count, "rows": ", ".join(map(str, rows))}
            for code, count, rows in run.problems
        ],
    }


def trend(runs: Sequence[Run]) -> dict[str, Any] | None:
    """How many differ, day by day, once there are two days to compare; of one day the last comparison."""
    days = {run.as_of: run for run in sorted(runs, key=lambda run: (run.as_of, run.id))}
    if len(days) < 2:
        return None
    return {
        "x": [f"{day:%Y-%m-%d}" for day in days],
        "stacked": True,
        "series": [
            {"name": str(KINDS[Kind.DIFFER]), "data": [run.differ for run in days.values()], "tone": "warning"},
            {"name": str(KINDS[Kind.ONLY_OLD]), "data": [run.only_old for run in days.values()], "tone": "error"},
            {"name": str(KINDS[Kind.ONLY_NEW]), "data": [run.only_new for run in days.values()], "tone": "info"},
        ],
    }


def table(
    request: StaffRequest, run: Run, found: Iterable[Difference]
) -> tuple[list[str], Iterator[list[downloads.Cell]]]:
    """The differences for a file."""
    heading = [
        _("Member"), _("Number"), _("Row in the old table"), _("State"), _("Old points"), _("Points here"),
        _("Difference"), _("Last days (old → here)"), _("Old growth"), _("Growth here"), _("Old tier"), _("Tier here"),
        _("Coupons"), _("Probably because"),
    ]  # fmt: skip
    return heading, _cells(_lines(request, run, found), _("never"))


def _cells(found: Iterable[Line], never: str) -> Iterator[list[downloads.Cell]]:
    for line in found:
        one = line.one
        days = "; ".join(f"{day or never}: {old} → {new}" for day, old, new in one.expiries)
        codes = "; ".join(f"{code}: {why}" for code, why in line.codes)
        yield [
            line.name, line.number, one.row, line.kind, one.old_points, one.new_points, one.points_apart, days,
            one.old_growth, one.new_growth, line.old_tier, line.new_tier, codes, line.reason,
        ]  # fmt: skip

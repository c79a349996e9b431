"""Retention by group: channel, store, first month or segment, each in the last month that it can be told of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from regulars.console.behind import people_url
from regulars.console.views.cohorts.chosen import RETENTION, Grouped, language, names_of, part_text, period_label
from regulars.console.views.cohorts.staying import FEW, TRAITS, Share, said
from regulars.core.bilingual import Text
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.retention import Group, Period, Retention

GROUPED: tuple[tuple[Grouped, Promise], ...] = (*TRAITS.items(), ("segment", gettext_lazy("Segment")))
MOST_GROUPS = 12


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group in its last finished month; `trend` is its retention in per cent, month by month."""

    name: str
    period: str
    before: int
    retained: int
    retained_url: str
    lost: int
    lost_url: str
    share: Share
    churn: Share
    few: bool
    trend: list[float]


def groups(found: Retention, by: Grouped) -> dict[str, object]:
    """Retention by group: the largest ones, in the last month that they can be told of."""
    names = names_of(by)
    there = [group for group in found.groups if by != "segment" or group.part in names]
    known = [(group, one) for group in there if (one := group.latest)]
    known.sort(key=lambda pair: -pair[1].before)
    shown = known[:MOST_GROUPS]
    if by == "cohort":
        shown = sorted(known, key=lambda pair: pair[0].part or date.min)[-MOST_GROUPS:]
    return {
        "by": by,
        "grouped": GROUPED,
        "groups_said": said(found.verdict),
        "group_lines": [_group(group, one, by, names) for group, one in shown],
        "groups_left_out": len(known) - len(shown),
    }


def _group(group: Group, one: Period, by: Grouped, names: Mapping[int, Text]) -> GroupLine:
    share, churn = Share.of(one.retention), Share.of(one.churn)
    assert share is not None
    assert churn is not None

    def url(figure: str, count: int) -> str:
        if not count:
            return ""
        part = {} if group.part is None else {"part": group.part}
        return people_url(None, **{RETENTION: figure, "of": one.first_day, "unit": "month", "by": by, **part})

    trend = [100 * (p.retention.share or 0) for p in group.periods if p.finished and p.before][-12:]
    return GroupLine(
        part_text(group.part, by, names).said(language()), period_label(one.first_day, Unit.MONTH), one.before,
        one.retained, url("retained", one.retained), one.lost, url("lost", one.lost), share, churn, one.before < FEW,
        trend,
    )  # fmt: skip

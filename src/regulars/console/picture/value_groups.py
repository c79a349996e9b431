"""Groups of customers as lines and as areas of a map: RFM groups, classes of contribution, stages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from regulars.console.behind import people_url
from regulars.console.picture.value_map import Area, areas
from regulars.console.reader import is_zh, said
from regulars.core.bilingual import Text
from regulars.insight.compute import rfm
from regulars.insight.compute.browse import Group

SYSTEMS = {"eight": ("rfm_eight", rfm.EIGHT), "ten": ("rfm_ten", rfm.TEN)}
MAP_WIDTH, MAP_HEIGHT = 640.0, 340.0
TONES: Mapping[str, str] = {
    "key_value": "a", "champions": "a", "general_value": "b", "loyal": "b", "key_develop": "c",
    "potential_loyalist": "c", "general_develop": "d", "new": "d", "promising": "d", "key_keep": "f",
    "need_attention": "e", "general_keep": "e", "about_to_sleep": "e", "at_risk": "f", "key_win_back": "g",
    "cannot_lose": "g", "general_win_back": "h", "hibernating": "h",
}  # fmt: skip
"""Tones of groups, from those who come often to those who are gone: see value.css."""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group as the page shows it: amounts in minor units, `area` its place on the map."""

    code: str
    name: str
    advice: str
    customers: int
    share: float
    spent: int
    value: int
    url: str
    tone: str
    area: Area | None = None

    @property
    def is_named(self) -> bool:
        """Whether name and number fit into the area; letters are about 7.5 wide, Chinese characters 13."""
        written = sum(13 if ord(letter) > 0x2E7F else 7.5 for letter in self.name)
        return self.area is not None and self.area.is_roomy and self.area.width >= 16 + written


def known(groups: list[Group]) -> list[Group]:
    """Only those of which everything is known."""
    return [group for group in groups if None not in group.key]


def lines_of(
    groups: Sequence[Group], field: str, words: Mapping[str, tuple[Text, Text]], tones: Mapping[str, str],
    numbers: Mapping[str, object] | None = None,
) -> list[GroupLine]:  # fmt: skip
    """Groups of one column, named and explained in the reader's language; `numbers` are for the words."""
    whole = sum(group.customers for group in groups) or 1
    return [
        GroupLine(
            code=(code := str(group.key[0])),
            name=said(words[code][0]),
            advice=said(words[code][1], **(numbers or {})),
            customers=group.customers,
            share=100 * group.customers / whole,
            spent=group.sums.get("spent_365_minor", 0),
            value=group.sums.get("value_minor", 0),
            url=people_url({"field": field, "op": "in", "value": [code]}),
            tone=tones.get(code, "d"),
        )
        for group in groups
    ]


def in_order(lines: list[GroupLine], codes: list[str]) -> list[GroupLine]:
    """The same in the order of these codes."""
    return sorted(lines, key=lambda line: codes.index(line.code))


def mapped(
    groups: Sequence[Group], system: str, *, width: float = MAP_WIDTH, height: float = MAP_HEIGHT
) -> list[GroupLine]:
    """RFM groups of one system with their places on the map, the largest first."""
    column, names = SYSTEMS[system]
    found = lines_of(groups, column, {code: (one.name, one.advice) for code, one in names.items()}, TONES)
    placed = areas([line.customers for line in found], width, height)
    return [replace(line, area=area) for line, area in zip(found, placed, strict=True)]


def usual_system() -> str:
    """One system of names a page: the eight are what Chinese shops know, the ten what others do."""
    return "eight" if is_zh() else "ten"

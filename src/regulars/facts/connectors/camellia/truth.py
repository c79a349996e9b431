"""What is true of the café, for tests and for pages that lay what was planted beside what was measured."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FILE = "truth.json"
"""Where it is kept, in the data folder."""


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody left for good: their last day, and why ('rhythm', or 'fault' for the bad beans)."""

    on: date
    why: str


@dataclass(frozen=True, slots=True)
class Truth:
    """The labels, by member number.

    Attributes:
        left: Who left and had not come back by the last day.
        cheats: Who collected points on other people's orders.
        fault_store, fault_from, fault_until: Where and when the beans were bad; the last day is not included.
        win_back_on: The day of the past win-back. window_days: How long its outcomes count.
        planted: How many more of the treated order within the window than would have, as a share.
        treated, held_out: Who was written to, and who was left alone by lot.
        brought: Whom it brought back, with the day.
    """

    first: date
    last: date
    left: Mapping[str, Left]
    cheats: frozenset[str]
    fault_store: str
    fault_from: date
    fault_until: date
    win_back_on: date
    window_days: int
    planted: float
    treated: frozenset[str]
    held_out: frozenset[str]
    brought: Mapping[str, date]

    def to_json(self) -> dict[str, Any]:
        """For truth.json beside the data: sorted, days as texts."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "fault": {
                "store": self.fault_store,
                "from": self.fault_from.isoformat(),
                "until": self.fault_until.isoformat(),
            },
            "win_back": {
                "on": self.win_back_on.isoformat(),
                "window_days": self.window_days,
                "planted": self.planted,
                "treated": len(self.treated),
                "held_out": len(self.held_out),
                "brought": {number: day.isoformat() for number, day in sorted(self.brought.items())},
            },
            "cheats": sorted(self.cheats),
            "left": {number: [one.on.isoformat(), one.why] for number, one in sorted(self.left.items())},
        }


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted in a campaign, as a page lays it beside what was measured.

    Attributes:
        share: How many more of the treated order within the window than would have, as a share of them.
        brought: Whom it brought back, of so many treated.
    """

    share: float
    brought: int
    treated: int


def planted_in(folder: Path, campaign_id: int) -> Planted | None:
    """What was planted in a campaign of the demo whose data lie in a folder; None for every other campaign."""
    try:
        told = json.loads((folder / FILE).read_text())["win_back"]
    except (OSError, ValueError, KeyError):
        return None
    if told.get("campaign_id") != campaign_id:
        return None
    return Planted(told["planted"], len(told["brought"]), told["treated"])

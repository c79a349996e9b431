"""Many orders in minutes: more than somebody who invites a table."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.rules import Activity, Bought, Sign

CODE: Final = "velocity"
NAME: Final = Text("短时间多单", "Many orders in minutes")
SAYS: Final = Text("{minutes} 分钟内下了 {orders} 单。", "{orders} orders within {minutes} minutes.")
WINDOW: Final = timedelta(minutes=20)
SCORES: Final = ((6, 55), (7, 75), (8, 90), (10, 96))
"""So many orders within the window, and how odd that is."""


def find(activity: Activity) -> list[Sign]:
    """The densest stretch, if it is dense."""
    burst = densest([one for one in activity.bought if one.at > activity.since], WINDOW)
    score = scored(SCORES, len(burst))
    if not score:
        return []
    lasted = int((burst[-1].at - burst[0].at).total_seconds() + 59) // 60
    figures = {"orders": len(burst), "minutes": max(1, lasted)}
    return [Sign(CODE, score, figures, [one.fact_id for one in burst])]


def densest(bought: Sequence[Bought], window: timedelta) -> Sequence[Bought]:
    """The most orders within any span of this length; they are in the order of time."""
    best, first = (0, 0), 0
    for last, one in enumerate(bought):
        while one.at - bought[first].at > window:
            first += 1
        if last + 1 - first > best[1] - best[0]:
            best = (first, last + 1)
    return bought[best[0] : best[1]]


def scored(scores: Sequence[tuple[int, int]], count: int) -> int:
    """The score of the highest step that was reached, 0 below the first."""
    return next((score for least, score in reversed(scores) if count >= least), 0)

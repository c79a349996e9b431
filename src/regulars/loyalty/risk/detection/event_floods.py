"""Check-ins and reviews by the dozen: more in a day than anybody has had."""

from collections import Counter
from datetime import timedelta
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.detection.velocity import scored
from regulars.loyalty.risk.rules import Activity, Sign

CODE: Final = "event_floods"
NAME: Final = Text("刷签到 / 刷评价", "Floods of check-ins or reviews")
SAYS: Final = Text(
    "7 天内 {events} 次签到、评价等互动，一天最多 {most} 次，期间只有 {orders} 单。",
    "{events} check-ins, reviews and the like in seven days, up to {most} on one day, beside {orders} orders.",
)
WINDOW: Final = timedelta(days=7)
SCORES: Final = ((8, 60), (12, 80), (20, 92))
"""So many on the busiest day."""
FOR_EACH_ORDER: Final = 4
"""So many for each order are what a keen guest has to say."""
AGAIN: Final = 12
"""What a second such day adds."""


def find(activity: Activity) -> list[Sign]:
    """The last seven days."""
    start = max(activity.since, activity.at - WINDOW)
    said = [one for one in activity.said if one.at > start]
    orders = Counter(one.day for one in activity.bought if one.at > start)
    beyond = Counter({day: count - FOR_EACH_ORDER * orders[day] for day, count in Counter(s.day for s in said).items()})
    if not beyond:
        return []
    [(_, most), *others] = beyond.most_common(2)
    score = scored(SCORES, most)
    if not score:
        return []
    again = AGAIN if others and others[0][1] >= SCORES[0][0] else 0
    figures = {
        "events": len(said), "most": max(Counter(one.day for one in said).values()), "orders": sum(orders.values()),
    }  # fmt: skip
    return [Sign(CODE, min(97, score + again), figures, [one.fact_id for one in said])]

"""One basket rung up as several orders, again and again, for what each order brings."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.detection.velocity import scored
from regulars.loyalty.risk.rules import Activity, Bought, Sign

CODE: Final = "split_orders"
NAME: Final = Text("拆单", "Split orders")
SAYS: Final = Text(
    "30 天内有 {days} 天把一次消费拆成 3 单以上，共 {orders} 单。",
    "On {days} days of 30 one visit became three orders or more, {orders} in all.",
)
DAYS: Final = timedelta(days=30)
WITHIN: Final = timedelta(minutes=10)
LEAST: Final = 3
SCORES: Final = ((3, 55), (4, 75), (5, 90), (7, 95))


def find(activity: Activity) -> list[Sign]:
    """Days of the last 30 on which small orders of one shop followed one another at once."""
    start = max(activity.since, activity.at - DAYS)
    small = [one for one in activity.bought if one.at > start and one.pieces == 1]
    rows = list(_rows(small))
    days = {row[0].day for row in rows}
    score = scored(SCORES, len(days))
    if not score:
        return []
    facts = [one.fact_id for row in rows for one in row]
    return [Sign(CODE, score, {"days": len(days), "orders": len(facts)}, facts)]


def _rows(bought: Sequence[Bought]) -> Iterator[list[Bought]]:
    """Orders in one shop, each within minutes of the first."""
    row: list[Bought] = []
    for one in bought:
        if row and (one.at - row[0].at > WITHIN or one.store != row[0].store):
            if len(row) >= LEAST:
                yield row
            row = []
        row.append(one)
    if len(row) >= LEAST:
        yield row

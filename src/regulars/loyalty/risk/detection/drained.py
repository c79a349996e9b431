"""Points spent at once: hardly earned and gone, time and again. No sign by itself: some members simply do not save."""

from datetime import timedelta
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.rules import Activity, Sign

CODE: Final = "drained"
NAME: Final = Text("积分刚到就花光", "Points drained at once")
SAYS: Final = Text(
    "6 周内有 {times} 次在下单后两小时内花掉积分，共 {points} 分。",
    "{times} times in six weeks points were spent within two hours of an order, {points} in all.",
)
WITHIN: Final = timedelta(hours=2)
LEAST: Final = 2
SCORE: Final = 15


def find(activity: Activity) -> list[Sign]:
    """What was spent soon after an order."""
    soon = [
        move
        for move in activity.moved
        if move.spent
        and move.at > activity.since
        and any(timedelta() <= move.at - one.at <= WITHIN for one in activity.bought)
    ]
    if len(soon) < LEAST:
        return []
    return [Sign(CODE, SCORE, {"times": len(soon), "points": sum(move.amount for move in soon)})]

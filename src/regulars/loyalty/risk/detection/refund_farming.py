"""Buys, spends the points, brings the goods back: what was earned is spent before it can be taken back."""

from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.rules import Activity, Sign

CODE: Final = "refund_farming"
NAME: Final = Text("刷单退款", "Refund farming")
SAYS: Final = Text(
    "6 周内 {refunds} 单退款，占消费的 {percent}%，其中 {spent} 单在退款前已把积分花掉。",
    "{refunds} orders brought back in six weeks, {percent} % of what was spent; for {spent} of them points had been"
    " spent before.",
)
LEAST: Final = 2
PERCENT: Final = 25
MOSTLY: Final = 50
"""An order of which so many per cent came back was brought back."""


def find(activity: Activity) -> list[Sign]:
    """Orders that were brought back, with what was spent between."""
    bought = [one for one in activity.bought if one.at > activity.since]
    back = [one for one in bought if one.back * 100 >= MOSTLY * max(1, one.amount)]
    paid = sum(one.amount for one in bought)
    percent = sum(one.back for one in back) * 100 // paid if paid else 0
    if len(back) < LEAST or percent < PERCENT:
        return []
    spent = sum(
        any(move.spent and one.at <= move.at < one.back_at for move in activity.moved)
        for one in back
        if one.back_at is not None
    )
    score = min(97, 15 + 18 * len(back) + 14 * min(spent, 3) + (10 if percent >= MOSTLY else 0))
    figures = {"refunds": len(back), "percent": percent, "spent": spent}
    return [Sign(CODE, score, figures, [one.fact_id for one in back])]

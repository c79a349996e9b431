"""Coupons that were issued to one member turn up with many others: given away by the dozen, or sold."""

from datetime import timedelta
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.detection.velocity import scored
from regulars.loyalty.risk.rules import Activity, Sign

CODE: Final = "coupon_sharing"
NAME: Final = Text("转让专属券", "Passing personal coupons on")
SAYS: Final = Text(
    "4 周内有 {accounts} 位其他会员出示过发给此人的专属券，共 {times} 次。",
    "Within 28 days {accounts} other members presented coupons that were issued to this one, {times} times.",
)
WINDOW: Final = timedelta(days=28)
SCORES: Final = ((3, 55), (4, 70), (6, 85))
"""One or two others are a family. This alone freezes nobody: the coupons were refused, and codes get about."""


def find(activity: Activity) -> list[Sign]:
    """How many others there were in the last weeks. No facts: their orders are theirs, and so are the points."""
    start = max(activity.since, activity.at - WINDOW)
    lent = [one for one in activity.lent if one.at > start]
    others = len({one.by for one in lent})
    score = scored(SCORES, others)
    return [Sign(CODE, score, {"accounts": others, "times": len(lent)})] if score else []

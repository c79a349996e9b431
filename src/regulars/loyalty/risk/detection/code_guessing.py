"""Wrong coupon codes by a member: more than typing errors. The limit slows guessing down, this says who does it."""

from datetime import timedelta
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.detection.velocity import scored
from regulars.loyalty.risk.rules import Activity, Sign

CODE: Final = "code_guessing"
NAME: Final = Text("猜券码", "Guessing coupon codes")
SAYS: Final = Text("24 小时内试了 {codes} 个错误券码。", "{codes} wrong codes tried within 24 hours.")
WINDOW: Final = timedelta(days=1)
SCORES: Final = ((8, 60), (10, 78), (15, 92), (25, 97))


def find(activity: Activity) -> list[Sign]:
    """The worst 24 hours."""
    tried = [(at, count) for at, count in activity.wrong_codes if at > activity.since]
    worst = max((sum(count for at, count in tried if first <= at < first + WINDOW) for first, _ in tried), default=0)
    score = scored(SCORES, worst)
    return [Sign(CODE, score, {"codes": worst})] if score else []

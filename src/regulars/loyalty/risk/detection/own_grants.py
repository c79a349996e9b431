"""Staff who grant points to their own account: the account has the e-mail that they sign in with."""

from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.rules import Activity, Sign

CODE: Final = "own_grants"
NAME: Final = Text("员工给自己加积分", "Points granted to oneself")
SAYS: Final = Text(
    "员工用自己的账号给自己加了 {times} 次积分，共 {points} 分。",
    "A member of staff granted points to their own account {times} times, {points} in all.",
)
SCORE: Final = 80


def find(activity: Activity) -> list[Sign]:
    """Every such grant."""
    own = [move for move in activity.moved if move.own and move.at > activity.since]
    if not own:
        return []
    return [Sign(CODE, SCORE, {"times": len(own), "points": sum(move.amount for move in own)})]

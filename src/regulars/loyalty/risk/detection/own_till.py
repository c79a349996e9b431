"""Staff who serve their own account at the till: the account has the e-mail that they sign in with."""

from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.risk.rules import Activity, Sign

CODE: Final = "own_till"
NAME: Final = Text("员工在收银台给自己记", "Staff serving themselves at the till")
SAYS: Final = Text(
    "员工在收银台用自己的账号给自己记了 {times} 次：{points} 积分、{stamps} 个印花。",
    "A member of staff served their own account at the till {times} times: {points} points and {stamps} stamps.",
)
ONCE, EACH, MOST = 45, 10, 85
"""A cup of one's own is looked at together with other signs; the second one by itself."""


def find(activity: Activity) -> list[Sign]:
    """Every such step."""
    own = [one for one in activity.own_served if one.at > activity.since]
    if not own:
        return []
    figures = {
        "times": len(own), "points": sum(one.points for one in own), "stamps": sum(one.stamps for one in own),
    }  # fmt: skip
    score = min(MOST, ONCE + EACH * (len(own) - 1))
    return [Sign(CODE, score, figures, [fact for one in own for fact in one.facts])]

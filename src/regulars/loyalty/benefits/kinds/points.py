"""Points 积分权益: more points, a member day 会员日. An earning rule gives them; this shows the rule to members."""

from dataclasses import dataclass
from typing import ClassVar

from regulars.core.bilingual import Text
from regulars.loyalty.benefits.rules import Bill, InvalidBenefit, Names, Part, TakenOff, Told


@dataclass(frozen=True, slots=True)
class Points:
    """The earning rule of the same version with this code: its condition, its amount and its limits are the benefit."""

    kind: ClassVar[str] = "points"
    part: ClassVar[Part] = Part.NONE
    is_used: ClassVar[bool] = False

    rule: str

    def takes_off(self, bill: Bill) -> TakenOff:
        """Nothing."""
        return TakenOff(None, 0)

    def said(self, names: Names) -> Text:
        """The rule's own sentence, where somebody has it."""
        return names.rules.get(self.rule, Text(f"积分规则“{self.rule}”", f"The earning rule “{self.rule}”"))


def read(told: Told) -> Points:
    """`{"kind": "points", "rule": "member_day"}`."""
    rule = told.get("rule")
    if not isinstance(rule, str) or not rule:
        raise InvalidBenefit("rule is the code of an earning rule of this version.", field="rule")
    return Points(rule)

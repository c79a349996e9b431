"""Early access 优先购: what is new or on sale, some days before everybody else."""

from dataclasses import dataclass
from typing import ClassVar

from regulars.core.bilingual import Text
from regulars.loyalty.benefits.kinds.reading import whole
from regulars.loyalty.benefits.rules import Bill, Names, Part, TakenOff, Told

MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class EarlyAccess:
    """So many days earlier. It holds by itself, so that nothing is used up."""

    kind: ClassVar[str] = "early_access"
    part: ClassVar[Part] = Part.NONE
    is_used: ClassVar[bool] = False

    days: int

    def takes_off(self, bill: Bill) -> TakenOff:
        """Nothing."""
        return TakenOff(None, 0)

    def said(self, names: Names) -> Text:
        """提前3天选购."""
        days = "1 day" if self.days == 1 else f"{self.days} days"
        return Text(f"新品和活动提前 {self.days} 天开放", f"New items and offers {days} before everybody else")


def read(told: Told) -> EarlyAccess:
    """`{"kind": "early_access", "days": 3}`."""
    return EarlyAccess(whole(told, "days", least=1, most=MOST_DAYS))

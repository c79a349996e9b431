"""Dedicated service 专属服务: an own line, an own manager, a lounge; counted where there is a quota."""

from dataclasses import dataclass
from typing import ClassVar

from regulars.core.bilingual import Text
from regulars.loyalty.benefits.kinds.reading import words
from regulars.loyalty.benefits.rules import Bill, InvalidBenefit, Names, Part, TakenOff, Told


@dataclass(frozen=True, slots=True)
class DedicatedService:
    """What is done for the member, in words."""

    kind: ClassVar[str] = "dedicated_service"
    part: ClassVar[Part] = Part.NONE
    is_used: ClassVar[bool] = True

    about: Text

    def takes_off(self, bill: Bill) -> TakenOff:
        """Nothing: it is done for the member, not for the bill."""
        return TakenOff(None, 0)

    def said(self, names: Names) -> Text:
        """The words that the shop wrote."""
        return self.about


def read(told: Told) -> DedicatedService:
    """`{"kind": "dedicated_service", "about": {"zh": "专属客户经理", "en": "An account manager of your own"}}`."""
    about = words(told, "about")
    if not any(about):
        raise InvalidBenefit("Say in about what is done for the member.", field="about")
    return DedicatedService(about)

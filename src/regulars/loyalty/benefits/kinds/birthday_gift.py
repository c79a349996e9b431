"""Birthday gift 生日礼: something, or a coupon, in the days around the birthday; once a year (`birthdays.py`)."""

from dataclasses import dataclass
from typing import ClassVar

from regulars.core.bilingual import Text
from regulars.loyalty.benefits.kinds.reading import whole, words, yes
from regulars.loyalty.benefits.rules import Bill, InvalidBenefit, Names, Part, TakenOff, Told

MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class BirthdayGift:
    """`gift` in words, a coupon on `offer` (its id), or both, in the days around the birthday or in its month."""

    kind: ClassVar[str] = "birthday_gift"
    part: ClassVar[Part] = Part.NONE
    is_used: ClassVar[bool] = True

    gift: Text
    offer: int | None = None
    days_before: int = 0
    days_after: int = 0
    whole_month: bool = False

    def takes_off(self, bill: Bill) -> TakenOff:
        """Nothing: the gift is handed over, and a coupon takes off what it promises."""
        return TakenOff(None, 0)

    def said(self, names: Names) -> Text:
        """生日当月送…."""
        offer = names.offers.get(
            self.offer or 0, Text(f"优惠券（活动 {self.offer}）", f"a coupon (offer {self.offer})")
        )
        given = [one for one in (self.gift if any(self.gift) else None, offer if self.offer else None) if one]
        what = Text("、".join(one.zh for one in given), " and ".join(one.en for one in given))
        when = self._when()
        return Text(f"{when.zh}送{what.zh}，一年一次", f"{what.en} {when.en}, once a year")

    def _when(self) -> Text:
        if self.whole_month:
            return Text("生日当月", "in the month of the birthday")
        before, after = self.days_before, self.days_after
        if not before and not after:
            return Text("生日当天", "on the birthday")
        if before == after:
            days = "day" if before == 1 else "days"
            return Text(f"生日前后 {before} 天", f"within {before} {days} of the birthday")
        return Text(
            f"生日前 {before} 天到后 {after} 天", f"from {before} days before to {after} days after the birthday"
        )


def read(told: Told) -> BirthdayGift:
    """`{"kind": "birthday_gift", "gift": {"zh": "生日蛋糕", "en": "a cake"}, "days_before": 7, "days_after": 7}`."""
    gift, offer = words(told, "gift"), told.get("offer")
    if offer is not None and (type(offer) is not int or offer < 1):
        raise InvalidBenefit("offer is the number of an offer.", field="offer")
    if not any(gift) and offer is None:
        raise InvalidBenefit("A birthday benefit names the gift, or an offer that a coupon is given on.", field="gift")
    found = BirthdayGift(
        gift,
        offer,
        whole(told, "days_before", least=0, most=MOST_DAYS, otherwise=0),
        whole(told, "days_after", least=0, most=MOST_DAYS, otherwise=0),
        yes(told, "whole_month"),
    )
    if found.whole_month and (found.days_before or found.days_after):
        raise InvalidBenefit("It is given in the birthday's month or in the days around it, not both.", field="days")
    return found

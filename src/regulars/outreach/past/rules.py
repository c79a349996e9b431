"""What is known of another system's campaigns, and how a redemption can fit with the rest or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from regulars.core.bilingual import Text


class Match(StrEnum):
    """How a redemption fits with what else is known; the first that holds, in this order."""

    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_CAMPAIGN = "unknown_campaign"
    NOT_RECEIVED = "not_received"
    OUTSIDE_DATES = "outside_dates"
    UNKNOWN_COUPON = "unknown_coupon"
    NO_ORDER = "no_order"
    NOT_BOUGHT = "not_bought"
    BOUGHT = "bought"


WORDS: Final[Mapping[Match, Text]] = {
    Match.BOUGHT: Text("对上了：当天买了券适用的商品", "Matched: a product of the coupon was bought that day"),
    Match.NOT_BOUGHT: Text("当天有购买，但没有券适用的商品", "An order that day, but no product of the coupon in it"),
    Match.NO_ORDER: Text("当天没有购买记录", "No order that day"),
    Match.NOT_RECEIVED: Text("这位顾客没有收到该活动", "The campaign was not sent to this customer"),
    Match.OUTSIDE_DATES: Text("不在活动日期内", "Outside the campaign's days"),
    Match.UNKNOWN_COUPON: Text("券不属于该活动", "The coupon is not one of this campaign"),
    Match.UNKNOWN_CAMPAIGN: Text("没有这个活动的记录", "No such campaign is known"),
    Match.UNKNOWN_CUSTOMER: Text("没有这位顾客的购买记录", "No purchases of this customer are known"),
}
NO_CAUSE: Final = Text(
    "这些活动发给谁不是随机决定的，所以这里只核对用券与购买是否对得上，不说明活动带来了多少销售。",
    "Who got these campaigns was not drawn at random, so this only checks redemptions against purchases; "
    "it does not say what the campaigns brought.",
)


class ToldCampaign(NamedTuple):
    """A campaign as its system tells it; days are half open, `reached` are external ids of customers."""

    key: str
    kind: str
    start_date: date
    end_date: date
    reached: tuple[str, ...]


class ToldCoupon(NamedTuple):
    """A coupon of a campaign is good for a product."""

    code: str
    product: str
    campaign_key: str


class ToldRedemption(NamedTuple):
    """A customer, by external id, used a coupon on a day."""

    customer: str
    code: str
    campaign_key: str
    on: date


@dataclass(frozen=True, slots=True)
class PastView:
    """A past campaign: how many customers it reached, its redemptions, and how they fit."""

    key: str
    kind: str
    start_date: date
    end_date: date
    reached: int
    coupons: int
    redemptions: int
    customers: int
    by_match: Mapping[Match, int]

    @property
    def matched(self) -> int:
        """Redemptions that an order bears out."""
        return self.by_match.get(Match.BOUGHT, 0)

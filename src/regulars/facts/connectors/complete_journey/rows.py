"""What the package tells besides baskets and products: households, campaigns, coupons."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from regulars.facts.rules import Identity


class Contact(NamedTuple):
    """How a household can be written to; `agrees` to promotions."""

    identity: Identity
    email: Identity
    agrees: bool


class Household(NamedTuple):
    """What is known about a household; '' where it is not. The name is made up."""

    household_id: str
    name: str
    age: str = ""
    income: str = ""
    home: str = ""
    marital_status: str = ""
    size: str = ""
    composition: str = ""
    kids: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign, its days (half open), and the households that it was sent to."""

    campaign_id: str
    kind: str
    start_date: date
    end_date: date
    households: tuple[str, ...]


class CouponRow(NamedTuple):
    """A coupon of a campaign is good for a product."""

    coupon: str
    product: str
    campaign_id: str


class RedemptionRow(NamedTuple):
    """A household used a coupon."""

    household_id: str
    coupon: str
    campaign_id: str
    on: date

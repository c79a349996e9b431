"""A café in Shanghai that issues coupons."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from regulars.core.bilingual import Text
from regulars.core.calendar import zone
from regulars.loyalty.coupons import actions, queries
from regulars.loyalty.coupons.actions import Issued, Receipt
from regulars.loyalty.coupons.rules import OfferKind, Terms

SHANGHAI = zone("Asia/Shanghai")
AT = datetime(2026, 3, 1, 10, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
TEN_OFF = Terms(OfferKind.AMOUNT_OFF, 10_00, min_spend_minor=30_00)
PART_OFF = Terms(OfferKind.PERCENT_OFF, 15)
LATTE = Terms(OfferKind.GIFT, gift=Text("拿铁一杯", "a latte"), unit_cost_minor=8_00)
HELLO = Text("好久不见", "Long time no see")


def offer(terms: Terms = TEN_OFF) -> int:
    return actions.create(name=HELLO, terms=terms, actor="kim", at=AT)


def issue(offer_id: int, key: str = "delivery:1", who: int | None = None, **more: Any) -> Issued:
    return actions.issue(offer_id=offer_id, key=key, customer_id=who, zone=SHANGHAI, at=more.pop("at", AT), **more)


def redeem(
    coupon: Issued, key: str = "till:1", *, spend: int | None = 50_00, at: datetime = AT, **more: Any
) -> Receipt:
    with transaction.atomic():
        return actions.redeem(
            coupon_id=coupon.coupon_id, key=key, at=at, zone=SHANGHAI, spend_minor=spend, actor="till", **more
        )


def undo(receipt: Receipt, at: datetime = AT) -> Receipt:
    with transaction.atomic():
        return actions.undo(use_id=receipt.use_id, actor="kim", at=at)


def left(*coupons: Issued) -> list[int]:
    """How often each may still be used."""
    found = queries.promises([one.coupon_id for one in coupons], at=AT)
    return [found[one.coupon_id].uses_left for one in coupons]


def assert_agrees() -> None:
    """Uses and their count agree, and no coupon is used too often."""
    assert queries.differences()[0] == []


def keys(prefix: str, numbers: Sequence[int]) -> list[actions.NewCoupon]:
    return [actions.NewCoupon(f"{prefix}{number}") for number in numbers]

"""Coupons that were issued, used, given back and taken back."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from regulars.core.money import minor_digits, to_major
from regulars.loyalty.coupons import noted
from regulars.webhooks.rules import Event


def issued(coupon_ids: Collection[int]) -> list[Event]:
    """Coupons that are new."""
    return [_about("coupon.issued", one, one.issued_at) for one in noted.coupons(coupon_ids).values()]


def voided(coupon_ids: Collection[int]) -> list[Event]:
    """Coupons that were taken back."""
    return [_about("coupon.voided", one, one.voided_at or one.issued_at) for one in noted.coupons(coupon_ids).values()]


def redeemed(use_ids: Collection[int], *, currency: str) -> list[Event]:
    """Uses that count."""
    return _uses("coupon.redeemed", use_ids, currency)


def returned(use_ids: Collection[int], *, currency: str) -> list[Event]:
    """Uses that were given back."""
    return _uses("coupon.returned", use_ids, currency)


def _uses(kind: str, use_ids: Collection[int], currency: str) -> list[Event]:
    uses = noted.uses(use_ids)
    coupons = noted.coupons({use.coupon_id for use in uses.values()})
    made = []
    for use in uses.values():
        coupon = coupons[use.coupon_id]
        who = use.customer_id if use.customer_id is not None else coupon.customer_id
        off = to_major(use.discount_minor, currency)
        data = {
            "coupon": _coupon(coupon),
            "use_id": use.id,
            "order": {"source": use.source, "id": use.order_key} if use.source else None,
            "discount": f"{off:.{minor_digits(currency)}f}",
            "currency": currency,
        }
        at = (use.undone_at if kind == "coupon.returned" else None) or use.recorded_at
        made.append(Event(kind, at, data, {} if who is None else {"customer": who}))
    return made


def _about(kind: str, one: noted.NotedCoupon, at: datetime) -> Event:
    return Event(kind, at, {"coupon": _coupon(one)}, {} if one.customer_id is None else {"customer": one.customer_id})


def _coupon(one: noted.NotedCoupon) -> dict[str, Any]:
    return {
        "id": one.id,
        "code_ends": one.ends,
        "offer": {"id": one.offer_id, "name": one.name._asdict()},
        "expires_at": one.expires_at.isoformat(),
    }

"""Redeem coupons: look the code up where guesses are counted, then use the coupon, or say what it would take off."""

from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue.actions import ensure_stores
from regulars.facts import actions as inbox
from regulars.flows.transactions import again_if_contended
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.queries import use_of_key
from regulars.loyalty.coupons.rules import Guesser, OrderKey


def check_coupon(
    *,
    code: str,
    guesser: Guesser,
    zone: ZoneInfo,
    at: datetime,
    spend_minor: int | None = None,
    customer_id: int | None = None,
) -> coupons.Quote:
    """What a code would take off, or why it cannot be used; nothing is used."""
    coupon_id = coupons.look_up(code=code, guesser=guesser, at=at)
    return coupons.quote(coupon_id=coupon_id, at=at, zone=zone, spend_minor=spend_minor, customer_id=customer_id)


def redeem_coupon(
    *,
    code: str,
    guesser: Guesser,
    key: str,
    zone: ZoneInfo,
    at: datetime,
    spend_minor: int | None = None,
    customer_id: int | None = None,
    order: tuple[str, str] | None = None,
    store: str = "",
    actor: str = "",
) -> coupons.Receipt:
    """Use a coupon once; the same key and use again gives the same receipt.

    Args:
        order: The system that numbered the order, and its number there.
        store: Code of the shop, '' if nobody says.
    """
    coupon_id = coupons.look_up(code=code, guesser=guesser, at=at)
    known = OrderKey(inbox.ensure_source(order[0]), order[1]) if order else None
    stores = ensure_stores([store] if store else [])
    return again_if_contended(
        lambda: coupons.redeem(
            coupon_id=coupon_id, key=key, at=at, zone=zone, spend_minor=spend_minor, customer_id=customer_id,
            order=known, store_id=stores.get(store), actor=actor,
        )
    )  # fmt: skip


def undo_redemption(*, key: str, at: datetime, actor: str = "") -> coupons.Receipt:
    """Give back the use that was made with this key; undone once, however often it is asked."""
    return again_if_contended(lambda: coupons.undo(use_id=use_of_key(key) or 0, actor=actor, at=at))


def undo_use(*, use_id: int, at: datetime, actor: str = "") -> coupons.Receipt:
    """Give back a use that somebody sees in a list; undone once, however often it is asked."""
    return again_if_contended(lambda: coupons.undo(use_id=use_id, actor=actor, at=at))

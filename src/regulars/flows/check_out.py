"""Check out: quote a basket; hold points, capture, release or refund them, each once for its key."""

from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue.actions import ensure_stores
from regulars.flows.transactions import again_if_contended
from regulars.loyalty.checkout import actions, quoting
from regulars.loyalty.checkout.rules import Ask, Basket, Quote, Step
from regulars.loyalty.rules import Policies


def quote_basket(*, customer_id: int | None, basket: Basket, policies: Policies, zone: ZoneInfo, at: datetime) -> Quote:
    """What a basket would earn, which coupons apply, and what can be spent; nothing is written."""
    return quoting.quote(customer_id=customer_id, basket=basket, policies=policies, zone=zone, at=at)


def take_step(*, ask: Ask, policies: Policies, at: datetime) -> Step:
    """Take one step of a checkout; the same key and request again gives the same answer."""
    stores = ensure_stores([ask.store] if ask.store else [])
    return again_if_contended(
        lambda: actions.take_step(ask=ask, store_id=stores.get(ask.store), policies=policies, at=at)
    )

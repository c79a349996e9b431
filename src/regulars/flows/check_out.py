"""Check out: quote a basket; reserve what it uses, capture, release or refund it, each once for its key."""

from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue.actions import ensure_stores
from regulars.facts import actions as inbox
from regulars.flows.transactions import again_if_contended
from regulars.loyalty.checkout import actions, quoting
from regulars.loyalty.checkout.rules import NO_WORTH, Ask, Basket, Quote, Step, Worth
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.rules import Guesser, OrderKey
from regulars.loyalty.rules import Policies


def quote_basket(
    *,
    customer_id: int | None,
    basket: Basket,
    policies: Policies,
    zone: ZoneInfo,
    at: datetime,
    worth: Worth = NO_WORTH,
) -> Quote:
    """What a basket would earn, what could be taken off it and how best, and what can be spent; nothing is written."""
    return quoting.quote(customer_id=customer_id, basket=basket, policies=policies, zone=zone, at=at, worth=worth)


def take_step(
    *,
    ask: Ask,
    policies: Policies,
    at: datetime,
    zone: ZoneInfo | None = None,
    worth: Worth = NO_WORTH,
    guesser: Guesser | None = None,
) -> Step:
    """Take one step of a checkout; the same key and request again gives the same answer.

    Args:
        zone: The business's; by default that of the programme's version.
        guesser: Who presents the codes of coupons that are not held yet; wrong ones count against them.
    """
    found = coupons.look_up_all(told=ask.coupons or (), guesser=guesser, at=at) if guesser else {}
    stores = ensure_stores([ask.store] if ask.store else [])
    desk = actions.Desk(
        policies, zone or policies.at(at).zone, at, worth, stores.get(ask.store),
        OrderKey(inbox.ensure_source(ask.order[0]), ask.order[1]) if ask.order else None, found,
    )  # fmt: skip
    return again_if_contended(lambda: actions.take_step(ask=ask, desk=desk))

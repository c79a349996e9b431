"""Check out: quote a basket; reserve what it uses, capture, release or refund it, each once for its key."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue.actions import ensure_stores
from regulars.core.turns import Turns
from regulars.facts import actions as inbox
from regulars.flows.transactions import again_if_contended
from regulars.insight.segments import insiders
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
    who = [customer_id] if customer_id else []
    inside = insiders.inside(who, policies.segments_at([basket.at])) if who else {}
    return quoting.quote(
        customer_id=customer_id, basket=basket, policies=policies, zone=zone, at=at, worth=worth,
        inside=inside.get(customer_id or 0, ()),
    )  # fmt: skip


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

    Steps about points alone share a transaction with those that wait beside them, as single orders do (ADR 20).

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
    if actions.fits(ask) and (step := turns.take((ask, desk), kind=id(policies))) is not None:
        return step
    return again_if_contended(lambda: actions.take_step(ask=ask, desk=desk))


def _take_together(group: Sequence[tuple[Ask, actions.Desk]]) -> list[Step | None]:
    """What tills ask for that wait for each other; None for what has to be taken by itself."""
    return again_if_contended(lambda: actions.take_steps(group))


turns: Turns[tuple[Ask, actions.Desk], Step | None] = Turns(_take_together)

"""Use benefits: what a member has, using one, and undoing that."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from regulars.catalogue import queries as catalogue
from regulars.catalogue.actions import ensure_stores
from regulars.facts import actions as inbox
from regulars.flows.transactions import again_if_contended
from regulars.loyalty.benefits import actions as benefits
from regulars.loyalty.benefits.queries import use_of_key
from regulars.loyalty.benefits.rules import Bill
from regulars.loyalty.benefits.telling import Held, held
from regulars.loyalty.coupons.rules import OrderKey
from regulars.loyalty.rules import Policies


def benefits_of(
    *, customer_id: int, policies: Policies, currency: str, at: datetime, bill: Bill | None = None, store: str = ""
) -> Held | None:
    """A member's benefits with what is left of them, and what they take off a bill; None if there is no such member.

    Args:
        bill: What is about to be paid; None to ask what the member has, whatever they buy.
        store: Code of the shop, '' if nobody says.
    """
    known = catalogue.store_ids([store]) if store else ()
    told = replace(bill, store=str(known[0])) if bill and known else bill
    return held(customer_id=customer_id, policies=policies, currency=currency, at=at, bill=told)


def use_benefit(
    *,
    customer_id: int,
    code: str,
    key: str,
    bill: Bill,
    policies: Policies,
    at: datetime,
    order: tuple[str, str] | None = None,
    store: str = "",
    actor: str = "",
) -> benefits.Receipt:
    """Use a benefit once; the same key and use again gives the same receipt.

    Args:
        order: The system that numbered the order, and its number there.
        store: Code of the shop, '' if nobody says.
    """
    known = OrderKey(inbox.ensure_source(order[0]), order[1]) if order else None
    stores: Mapping[str, int] = ensure_stores([store] if store else [])
    return again_if_contended(
        lambda: benefits.use(
            customer_id=customer_id, code=code, key=key, bill=bill, at=at, policies=policies, order=known,
            store_id=stores.get(store), actor=actor,
        )
    )  # fmt: skip


def undo_by_key(*, key: str, policies: Policies, at: datetime, actor: str = "") -> benefits.Receipt:
    """Give back the use that was made with this key; undone once, however often it is asked."""
    found = use_of_key(key)
    return undo_use(use_id=found.id if found else 0, policies=policies, at=at, actor=actor)


def undo_use(*, use_id: int, policies: Policies, at: datetime, actor: str = "") -> benefits.Receipt:
    """Give back a use that somebody sees in a list; undone once, however often it is asked."""
    return again_if_contended(lambda: benefits.undo(use_id=use_id, actor=actor, at=at, policies=policies))

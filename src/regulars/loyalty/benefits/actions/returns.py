"""Uses given back because their order came to nothing, and taken again when that turns out to be untrue."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.calendar import business_date
from regulars.customers import actions as customers
from regulars.facts import orders as facts
from regulars.loyalty.benefits import queries
from regulars.loyalty.benefits.applying import room
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.actions.orders import RETURNS, Told
from regulars.loyalty.coupons.rules import OrderKey
from regulars.loyalty.rules import Policies

ORDER = ("int", "text")
OF_ORDERS = f"""
SELECT u.id, u.source_id, u.order_key, u.customer_id FROM loyalty_benefituse u
JOIN {bulk.unnest(*ORDER)} AS n (source, key) ON u.source_id = n.source AND u.order_key = n.key
WHERE u.undone_at IS NULL
"""
GIVEN_BACK = f"""
SELECT u.id, u.source_id, u.order_key, u.customer_id FROM loyalty_benefituse u
JOIN {bulk.unnest(*ORDER)} AS n (source, key) ON u.source_id = n.source AND u.order_key = n.key
WHERE u.undone_by IN ('{facts.Gone.CANCELLED}', '{facts.Gone.REFUNDED}') ORDER BY u.at, u.id
"""
UNDO = f"""
UPDATE loyalty_benefituse u SET undone_at = %s, undone_by = n.why FROM {bulk.unnest("bigint", "text")} AS n (id, why)
WHERE u.id = n.id AND u.undone_at IS NULL
"""
COUPONS = "SELECT id FROM loyalty_coupon WHERE voided_at IS NULL AND key = ANY(%b::text[])"
STAND_AGAIN = "UPDATE loyalty_benefituse SET undone_at = NULL, undone_by = '' WHERE id = %s"


def follow_facts(*, told: Sequence[Told], at: datetime) -> None:
    """Give back what was used for orders that were cancelled or refunded whole; a part leaves a benefit used.

    To be called in the transaction that records the facts, with those that coupons hear of.
    """
    if about := sorted({one.order for one in told if one.fact.kind in RETURNS}):
        give_back_of(about, at=at)


def give_back_of(orders: Sequence[OrderKey], *, at: datetime) -> None:
    """Give back what these orders used, each use once, as far as they were cancelled or refunded whole.

    The customers are locked before that is read, so that of two refunds of a half each the second sees the first.
    """
    uses = bulk.run(connection, OF_ORDERS, bulk.columns(orders, ORDER))
    if not uses:
        return
    customers.lock_groups([row[3] for row in uses])
    over = facts.gone([(row[1], row[2]) for row in uses])
    _undo({row[0]: over[row[1], row[2]] for row in uses if (row[1], row[2]) in over}, at)


@transaction.atomic
def undo_import(*, import_id: int, policies: Policies, at: datetime) -> None:
    """Uses that an import's refunds and cancellations gave back stand again, where there is still room for them."""
    about = facts.returns_taken_back(import_id)
    back = bulk.run(connection, GIVEN_BACK, bulk.columns(sorted(about), ORDER)) if about else []
    if not back:
        return
    customers.lock_groups([row[3] for row in back])
    over = facts.gone([(row[1], row[2]) for row in back])
    for use_id, source_id, order_key, _ in back:
        if (source_id, order_key) not in over and _has_room(use_id, policies):
            bulk.run(connection, STAND_AGAIN, [use_id])


def _has_room(use_id: int, policies: Policies) -> bool:
    """Whether the use would be allowed once more, in the period in which it was made."""
    found = queries.use(use_id)
    assert found is not None, "uses are never deleted"
    policy = policies.at(found.at)
    benefit = queries.benefit_of(policy, found.code)
    holder = queries.holder(found.customer_id, policies=policies, at=found.at)
    if benefit is None or holder is None:
        return False
    return room(benefit, holder, business_date(found.at, policy.zone))[0] != 0


def _undo(uses: Mapping[int, str], at: datetime) -> None:
    """Undo these uses, by id with the reason; coupons that they gave can be used no more."""
    if not uses:
        return
    bulk.run(connection, UNDO, [at, *bulk.columns(sorted(uses.items()), ("bigint", "text"))])
    keys = [f"benefit:{use_id}" for use_id in sorted(uses)]
    if given := bulk.run(connection, COUPONS, [bulk.Column("text", keys)]):
        coupons.void(coupon_ids=[row[0] for row in given], actor="order", at=at)

"""Uses given back because their order came to nothing, and taken again when that turns out to be untrue."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.core import bulk
from regulars.facts import orders as facts
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import queries
from regulars.loyalty.coupons.actions.taking_over import take_back
from regulars.loyalty.coupons.rules import BY_FACT, UNDONE_BY_IMPORT, OrderKey, use_of

ORDER = ("int", "text")
OF_ORDERS = f"""
SELECT u.id, u.coupon_id, u.source_id, u.order_key FROM loyalty_couponuse u
JOIN {bulk.unnest(*ORDER)} AS n (source, key) ON u.source_id = n.source AND u.order_key = n.key
WHERE u.undone_at IS NULL
"""
OF_FACTS = f"""
SELECT u.id, u.coupon_id FROM loyalty_couponuse u
JOIN {bulk.unnest("bigint", *ORDER)} AS n (fact, source, key) ON u.source_id = n.source AND u.order_key = n.key
WHERE u.undone_at IS NULL AND u.key = '{BY_FACT}' || n.fact || ':' || u.coupon_id
"""
GIVEN_BACK = f"""
SELECT u.id, u.coupon_id, u.source_id, u.order_key, u.at, u.key FROM loyalty_couponuse u
JOIN {bulk.unnest(*ORDER)} AS n (source, key) ON u.source_id = n.source AND u.order_key = n.key
WHERE u.undone_at IS NOT NULL AND u.undone_by IN ('{facts.Gone.CANCELLED}', '{facts.Gone.REFUNDED}') ORDER BY u.id
"""
UNDO = f"""
UPDATE loyalty_couponuse u SET undone_at = %s, undone_by = n.why FROM {bulk.unnest("bigint", "text")} AS n (id, why)
WHERE u.id = n.id AND u.undone_at IS NULL RETURNING u.coupon_id, u.id
"""
STAND_AGAIN = """
UPDATE loyalty_couponuse SET undone_at = NULL, undone_by = ''
WHERE id = ANY(%b::bigint[]) AND undone_at IS NOT NULL
"""


def give_back_of(orders: Sequence[OrderKey], *, at: datetime) -> None:
    """Give back what these orders used, each use once, where they were cancelled or refunded whole.

    Whether they were is read under the coupons' locks: of two refunds of a half each, told at the same moment, the
    second sees the first.
    """
    uses = bulk.run(connection, OF_ORDERS, bulk.columns(orders, ORDER))
    if not uses:
        return
    limits.hold((Kind.COUPON_USES, row[1]) for row in uses)
    over = facts.gone([(row[2], row[3]) for row in uses])
    _undo({row[0]: over[row[2], row[3]] for row in uses if (row[2], row[3]) in over}, at)


@transaction.atomic
def undo_import(*, import_id: int, at: datetime) -> None:
    """Take back what an import did to coupons, once its facts are retracted.

    Uses that its orders told are given back; what tills told stays. Uses that its refunds and cancellations gave back
    stand again, unless somebody has used the coupon up meanwhile. Coupons that it took over are taken back if unused.
    """
    take_back(import_id=import_id, at=at)
    told = sorted(facts.taken_back_with_codes(import_id))
    uses = bulk.run(connection, OF_FACTS, bulk.columns(told, ("bigint", *ORDER))) if told else []
    about = facts.returns_taken_back(import_id)
    back = bulk.run(connection, GIVEN_BACK, bulk.columns(sorted(about), ORDER)) if about else []
    limits.hold((Kind.COUPON_USES, row[1]) for row in (*uses, *back))
    _undo({row[0]: UNDONE_BY_IMPORT for row in uses}, at)
    over = facts.gone([(row[2], row[3]) for row in back])
    retracted = facts.retracted([number for row in back if (number := _fact_of(row[5])) is not None])
    _take_again([row for row in back if (row[2], row[3]) not in over and _fact_of(row[5]) not in retracted], at)


def _undo(uses: Mapping[int, str], at: datetime) -> None:
    """Undo these uses, by id with the reason; their coupons are held."""
    if not uses:
        return
    undone = bulk.run(connection, UNDO, [at, *bulk.columns(sorted(uses.items()), ("bigint", "text"))])
    promises = queries.promises(sorted({row[0] for row in undone}), at=at)
    limits.give_back([use_of(promises[row[0]]) for row in undone], taken_at=at)
    changes.note(ChangeKind.COUPON_USES_UNDONE, [row[1] for row in undone])


def _take_again(uses: Sequence[tuple[int, int, int, str, datetime, str]], at: datetime) -> None:
    if not uses:
        return
    promises = queries.promises(sorted({row[1] for row in uses}), at=at)
    taken = limits.take([use_of(promises[row[1]]) for row in uses], at=at, held=True)
    ids = [row[0] for row, fits in zip(uses, taken, strict=True) if fits]
    bulk.run(connection, STAND_AGAIN, [bulk.Column("bigint", ids)])
    changes.note(ChangeKind.COUPON_USES, ids)


def _fact_of(key: str) -> int | None:
    """The fact that told of a use, None if a till did."""
    return int(key.removeprefix(BY_FACT).split(":")[0]) if key.startswith(BY_FACT) else None

"""Coupons at the checkout: reserved for a time, then used or given back, each under its own lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.core import bulk
from regulars.customers import actions as customers
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import queries
from regulars.loyalty.coupons.rules import CouponRefused, OfferKind, OrderKey, Promise, check, use_of

RELEASED: Final = "released"
"""Stands where somebody's name would, of a reservation that its checkout gave back."""

ENDED: Final = "ended"
"""… and of one whose time was over."""

USE = ("bigint", "text", "bytea", "bigint", "bigint")
INSERT = f"""
INSERT INTO loyalty_couponuse (coupon_id, key, digest, at, customer_id, source_id, order_key, store_id, spend_minor,
                               discount_minor, actor, recorded_at, reserved_until, undone_by)
SELECT n.coupon, n.key, n.digest, %s, %s, %s, %s, %s, n.spend, n.off, %s, %s, %s, ''
FROM {bulk.unnest(*USE)} AS n (coupon, key, digest, spend, off) RETURNING id, coupon_id, discount_minor
"""
CONFIRM = """
UPDATE loyalty_couponuse SET reserved_until = NULL, at = %s, source_id = coalesce(source_id, %s),
  order_key = CASE WHEN source_id IS NULL THEN %s ELSE order_key END
WHERE id = ANY(%b::bigint[]) AND undone_at IS NULL RETURNING id
"""
OF_ORDER = """
SELECT o.id, u.id FROM loyalty_couponuse u JOIN loyalty_couponuse o ON o.coupon_id = u.coupon_id AND o.id <> u.id
WHERE u.id = ANY(%b::bigint[]) AND u.source_id IS NULL AND u.undone_at IS NULL
  AND o.source_id = %s AND o.order_key = %s AND o.undone_at IS NULL
"""
AS_RESERVED = """
SELECT u.coupon_id, u.spend_minor, c.canonical_id, u.store_id FROM loyalty_couponuse u
LEFT JOIN customers_customer c ON c.id = u.customer_id WHERE u.id = ANY(%b::bigint[]) ORDER BY u.id
"""
COUPONS_OF = "SELECT DISTINCT coupon_id FROM loyalty_couponuse WHERE id = ANY(%b::bigint[])"
GIVE_BACK = """
UPDATE loyalty_couponuse SET undone_at = %s, undone_by = %s
WHERE id = ANY(%b::bigint[]) AND undone_at IS NULL RETURNING id, coupon_id
"""
END = f"""
UPDATE loyalty_couponuse SET undone_at = reserved_until, undone_by = '{ENDED}'
WHERE coupon_id = ANY(%b::bigint[]) AND undone_at IS NULL AND reserved_until <= %s RETURNING coupon_id
"""
OVERDUE = """
SELECT DISTINCT coupon_id FROM loyalty_couponuse WHERE undone_at IS NULL AND reserved_until <= %s LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A use that was reserved or made, and what it takes off, minor units."""

    use_id: int
    coupon_id: int
    code: str
    off_minor: int


def take(
    *,
    coupon_ids: Sequence[int],
    key: str,
    until: datetime | None,
    at: datetime,
    zone: ZoneInfo,
    spend_minor: int | None,
    customer_id: int | None,
    order: OrderKey | None,
    store_id: int | None,
    actor: str,
    recorded_at: datetime,
) -> tuple[list[Taken], list[tuple[str, CouponRefused]]]:
    """Reserve each of these coupons, or use it at once; those that are refused are told with the reason.

    Percentages count first, then amounts, each of what is left. To be called inside a transaction, which the caller
    rolls back where a refusal shall undo the rest.

    Args:
        until: How long they are reserved; None: they are used now.
        customer_id: Who stands for the group of the customer who is named; None if nobody is.
    """
    limits.hold((Kind.COUPON_USES, one) for one in coupon_ids)
    promises = _ready(coupon_ids, at=recorded_at)
    left, rows, refused, codes = spend_minor, [], [], {}
    for promise in sorted(promises.values(), key=by_effect):
        codes[promise.coupon_id] = promise.code
        try:
            off = check(promise, at=at, zone=zone, spend_minor=left, customer_id=customer_id)
        except CouponRefused as error:
            refused.append((promise.code, error))
            continue
        own = f"{key}:{promise.coupon_id}"
        rows.append((promise.coupon_id, own, blake2b(own.encode(), digest_size=16).digest(), left, off))
        left = None if left is None else left - off
    if not rows:
        return [], refused
    taken = limits.take([use_of(promises[row[0]]) for row in rows], at=recorded_at, held=True)
    assert all(taken), "they are counted under the lock that was just read under"
    source_id, order_key = order or (None, "")
    told = [at, customer_id, source_id, order_key, store_id, actor, recorded_at, until]
    try:
        made = bulk.run(connection, INSERT, [*told, *bulk.columns(rows, USE)])
    except IntegrityError as error:
        raise customers.Contended("The key was used at the same moment.") from error
    if until is None:
        changes.note(ChangeKind.COUPON_USES, [row[0] for row in made])
    return [Taken(row[0], row[1], codes[row[1]], row[2]) for row in made], refused


def by_effect(promise: Promise) -> tuple[int, datetime, int]:
    """In which order coupons of one basket count: percentages, then amounts, then gifts."""
    kinds = (OfferKind.PERCENT_OFF, OfferKind.AMOUNT_OFF, OfferKind.GIFT)
    return kinds.index(promise.terms.kind), promise.expires_at, promise.coupon_id


def confirm(use_ids: Sequence[int], *, order: OrderKey | None, at: datetime) -> dict[int, int]:
    """Use what was reserved; reserved use → the use that stands for it. What was given back meanwhile is left out.

    Where the order itself has told of the coupon already, its own use stands, and the reserved one is given back.
    """
    hold_uses(use_ids)
    ids = bulk.Column("bigint", list(use_ids))
    told = dict[int, int]()
    if order is not None:
        told = {own: of_order for of_order, own in bulk.run(connection, OF_ORDER, [ids, *order])}
        give_back(list(told), by=RELEASED, at=at)
    source_id, order_key = order or (None, "")
    standing = bulk.run(connection, CONFIRM, [at, source_id, order_key, ids])
    changes.note(ChangeKind.COUPON_USES, [row[0] for row in standing])
    return told | {row[0]: row[0] for row in standing}


def take_again(
    use_ids: Sequence[int],
    *,
    key: str,
    at: datetime,
    zone: ZoneInfo,
    order: OrderKey | None,
    actor: str,
    recorded_at: datetime,
) -> tuple[list[Taken], list[tuple[str, CouponRefused]]]:
    """Use coupons whose reservation was given back since, as an offline till did; as far as there is room."""
    rows = bulk.run(connection, AS_RESERVED, [bulk.Column("bigint", list(use_ids))])
    taken: list[Taken] = []
    refused: list[tuple[str, CouponRefused]] = []
    for coupon_id, spend, customer_id, store_id in rows:
        some, without = take(
            coupon_ids=[coupon_id], key=key, until=None, at=at, zone=zone, spend_minor=spend, customer_id=customer_id,
            order=order, store_id=store_id, actor=actor, recorded_at=recorded_at,
        )  # fmt: skip
        taken += some
        refused += without
    return taken, refused


def give_back(use_ids: Sequence[int], *, by: str, at: datetime) -> list[int]:
    """Give these uses back, each once; returns those that stood until now."""
    if not use_ids:
        return []
    hold_uses(use_ids)
    undone = bulk.run(connection, GIVE_BACK, [at, by, bulk.Column("bigint", list(use_ids))])
    _free([row[1] for row in undone], at)
    changes.note(ChangeKind.COUPON_USES_UNDONE, [row[0] for row in undone])
    return [row[0] for row in undone]


def hold_uses(use_ids: Sequence[int]) -> None:
    """Hold the coupons of these uses."""
    rows = bulk.run(connection, COUPONS_OF, [bulk.Column("bigint", list(use_ids))])
    limits.hold((Kind.COUPON_USES, row[0]) for row in rows)


def end_reservations(coupon_ids: Sequence[int], *, at: datetime) -> None:
    """Write down that reservations of these coupons are over. The caller holds the coupons."""
    _free([row[0] for row in bulk.run(connection, END, [bulk.Column("bigint", list(coupon_ids)), at])], at)


def end_overdue(*, at: datetime, most: int = 1000) -> int:
    """The same for whatever coupons have such reservations; returns of how many. Inside a transaction."""
    ids = [row[0] for row in bulk.run(connection, OVERDUE, [at, most])]
    if ids:
        limits.hold((Kind.COUPON_USES, one) for one in ids)
        end_reservations(ids, at=at)
    return len(ids)


def _ready(coupon_ids: Sequence[int], *, at: datetime) -> dict[int, Promise]:
    """The coupons as they stand, once what was reserved for a time that is over is written down."""
    promises = queries.promises(coupon_ids, at=at)
    if ended := [one.coupon_id for one in promises.values() if one.ended]:
        end_reservations(ended, at=at)
    return promises


def _free(coupon_ids: Sequence[int], at: datetime) -> None:
    if coupon_ids:
        promises = queries.promises(sorted(set(coupon_ids)), at=at)
        limits.give_back([use_of(promises[one]) for one in coupon_ids], taken_at=at)

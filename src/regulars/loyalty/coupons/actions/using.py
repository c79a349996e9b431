"""Using a coupon and undoing it: once per use, decided under the coupon's lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.customers import queries as customer_queries
from regulars.facts.rules import KeyReused
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import queries
from regulars.loyalty.coupons.actions.guessing import UnknownCode
from regulars.loyalty.coupons.actions.reserving import end_reservations
from regulars.loyalty.coupons.rules import BY_FACT, OrderKey, Promise, Terms, check, use_of

USE = "id, coupon_id, key, digest, discount_minor, at, undone_at"
INSERT = f"""
INSERT INTO loyalty_couponuse (coupon_id, key, digest, at, customer_id, source_id, order_key, store_id, spend_minor,
                               discount_minor, actor, recorded_at, undone_by)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '') RETURNING {USE}
"""
ADOPT = f"""
UPDATE loyalty_couponuse SET key = %s, digest = %s, actor = %s
WHERE coupon_id = %s AND source_id = %s AND order_key = %s AND undone_at IS NULL AND key LIKE '{BY_FACT}%%'
RETURNING {USE}
"""
UNDO = f"""
UPDATE loyalty_couponuse SET undone_at = %s, undone_by = %s WHERE id = %s AND undone_at IS NULL RETURNING {USE}
"""


class NoUse(DomainError):
    """There is no such use of a coupon."""

    code = "no_coupon_use"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a coupon would take off an order, and how often it may still be used."""

    coupon_id: int
    code: str
    offer_id: int
    name: Text
    terms: Terms
    discount_minor: int
    uses_left: int
    expires_at: datetime


class _Use(NamedTuple):
    """A row of uses, as far as receipts need it."""

    id: int
    coupon_id: int
    key: str
    digest: bytes
    discount_minor: int
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a use came to. `undone_at` says that it was undone since; `uses_left` is as of now."""

    use_id: int
    key: str
    coupon_id: int
    code: str
    offer_id: int
    name: Text
    terms: Terms
    discount_minor: int
    uses_left: int
    at: datetime
    undone_at: datetime | None


def quote(
    *, coupon_id: int, at: datetime, zone: ZoneInfo, spend_minor: int | None = None, customer_id: int | None = None
) -> Quote:
    """What the coupon would take off, without using it; another till may use it in the next moment.

    Raises:
        UnknownCode, CouponRefused: As `redeem` would.
    """
    promise = _promise(coupon_id, at)
    who = _canonical(customer_id)
    off = check(promise, at=at, zone=zone, spend_minor=spend_minor, customer_id=who)
    return Quote(
        coupon_id, promise.code, promise.offer_id, promise.name, promise.terms, off, promise.uses_left,
        promise.expires_at,
    )  # fmt: skip


def redeem(
    *,
    coupon_id: int,
    key: str,
    at: datetime,
    zone: ZoneInfo,
    spend_minor: int | None = None,
    customer_id: int | None = None,
    order: OrderKey | None = None,
    store_id: int | None = None,
    actor: str = "",
) -> Receipt:
    """Use a coupon once, or refuse and change nothing. To be called inside a transaction.

    Of many tills that present the last use at the same moment one is served; the others read it under the lock.

    Args:
        key: The caller's own key: the same key and use gives the same receipt.
        spend_minor: What the order comes to before the coupon.
        customer_id: Who uses it, if the shop knows.
        order: The order in which it is used, if there is a number already.
    Raises:
        UnknownCode: There is no such coupon.
        CouponRefused: In one of its kinds.
        KeyReused: The key was used for another use.
    """
    # Without the customer: who stands for a group may change before a till that lost the answer asks again.
    body = f"{coupon_id}|{spend_minor}|{tuple(order) if order else None}|{store_id}"
    digest = blake2b(body.encode(), digest_size=16).digest()
    limits.hold([(Kind.COUPON_USES, coupon_id)])
    promise = _promise(coupon_id, at)
    if (earlier := _use("key", key)) is not None:
        if bytes(earlier.digest) != digest:
            raise KeyReused(f"The key {key} was used for another use of a coupon.")
        return _receipt(earlier, promise)
    if order is not None and (told := bulk.run(connection, ADOPT, [key, digest, actor, coupon_id, *order])):
        # The order arrived before the till that redeems, and told of this very use.
        return _receipt(_Use(*told[0]), promise)
    if promise.ended:
        end_reservations([coupon_id], at=at)
    who = _canonical(customer_id)
    off = check(promise, at=at, zone=zone, spend_minor=spend_minor, customer_id=who)
    taken = limits.take([use_of(promise)], at=at, held=True)
    assert taken == [True], "it is counted under the lock that was just read under"
    source_id, order_key = order or (None, "")
    row = [coupon_id, key, digest, at, customer_id, source_id, order_key, store_id, spend_minor, off, actor, at]
    try:
        [made] = bulk.run(connection, INSERT, row)
    except IntegrityError as error:
        raise customers.Contended("The key was used for another coupon at the same moment.") from error
    changes.note(ChangeKind.COUPON_USES, [made[0]])
    return _receipt(_Use(*made), promise.used_once_more(at))


def undo(*, use_id: int, actor: str, at: datetime) -> Receipt:
    """Give a use back; undone once, however often it is asked. To be called inside a transaction.

    Raises:
        NoUse: There is no such use.
    """
    if (use := _use("id", use_id)) is None:
        raise NoUse("There is no such use of a coupon.")
    limits.hold([(Kind.COUPON_USES, use.coupon_id)])
    promise = _promise(use.coupon_id, at)
    undone = bulk.run(connection, UNDO, [at, actor, use_id])
    if undone:
        limits.give_back([use_of(promise)], taken_at=use.at)
        changes.note(ChangeKind.COUPON_USES_UNDONE, [use_id])
    # It was read before its lock was held, so it is read again: somebody else may have undone it meanwhile.
    return _receipt(_Use(*undone[0]) if undone else _use("id", use_id) or use, _promise(use.coupon_id, at))


def _use(column: str, value: int | str) -> _Use | None:
    rows: Sequence[Sequence[Any]] = bulk.run(
        connection, f"SELECT {USE} FROM loyalty_couponuse WHERE {column} = %s", [value]
    )
    return _Use(*rows[0]) if rows else None


def _promise(coupon_id: int, at: datetime) -> Promise:
    found = queries.promises([coupon_id], at=at)
    if coupon_id not in found:
        raise UnknownCode("There is no such coupon.")
    return found[coupon_id]


def _canonical(customer_id: int | None) -> int | None:
    """Who stands for the customer's group; of somebody unknown, their own id, which no coupon has."""
    if customer_id is None:
        return None
    return customer_queries.canonicals([customer_id]).get(customer_id, customer_id)


def _receipt(use: _Use, promise: Promise) -> Receipt:
    return Receipt(
        use.id, use.key, promise.coupon_id, promise.code, promise.offer_id, promise.name, promise.terms,
        use.discount_minor, promise.uses_left, use.at, use.undone_at,
    )  # fmt: skip

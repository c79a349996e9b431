"""Uses that orders tell of: the order has happened already, so nothing here refuses it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.facts.kinds import balance_taken_over, order_cancelled, order_completed, order_refunded
from regulars.facts.orders import gone
from regulars.facts.rules import NewFact
from regulars.limits import actions as limits
from regulars.limits.rules import Kind, Take
from regulars.loyalty.coupons import codes, presented, queries
from regulars.loyalty.coupons.actions.reserving import end_reservations
from regulars.loyalty.coupons.actions.returns import give_back_of
from regulars.loyalty.coupons.actions.taking_over import Held, give
from regulars.loyalty.coupons.rules import BY_FACT, OrderKey, Promise, check, spend_before, use_of

RETURNS = (order_refunded.CODE, order_cancelled.CODE)
OTHERS = (*RETURNS, balance_taken_over.CODE)
USE = ("bigint", "text", "bytea", "timestamptz", "bigint", "int", "text", "bigint", "bigint", "bigint")
INSERT = f"""
INSERT INTO loyalty_couponuse (coupon_id, key, digest, at, customer_id, source_id, order_key, store_id, spend_minor,
                               discount_minor, actor, recorded_at, undone_by)
SELECT *, 'order', %s, '' FROM {bulk.unnest(*USE)} RETURNING id
"""
ORDER = ("int", "text")
UNMATCHED = ("int", "text", "text", "text", "timestamptz")
NOTE = f"""
INSERT INTO loyalty_unmatchedcode (source_id, order_key, code, reason, at)
SELECT * FROM {bulk.unnest(*UNMATCHED)} ON CONFLICT DO NOTHING
"""
STANDING = """
SELECT u.coupon_id, u.id, u.source_id, u.order_key FROM loyalty_couponuse u
JOIN loyalty_coupon c ON c.id = u.coupon_id JOIN loyalty_offerversion v ON v.id = c.version_id
WHERE u.coupon_id = ANY(%b::bigint[]) AND u.undone_at IS NULL AND (u.reserved_until IS NULL OR v.uses_most = 1)
  AND (u.source_id IS NULL OR u.order_key = ANY(%b::text[])) ORDER BY u.at DESC, u.id DESC
"""
NAME_ORDER = f"""
UPDATE loyalty_couponuse u SET source_id = n.source, order_key = n.key, reserved_until = NULL
FROM {bulk.unnest("bigint", *ORDER)} AS n (id, source, key) JOIN loyalty_couponuse b ON b.id = n.id
WHERE u.id = n.id RETURNING u.id, b.reserved_until IS NOT NULL
"""


class Told(NamedTuple):
    """A newly recorded fact that `concerned` found; `customer_id` stands for the group, None for nobody."""

    fact_id: int
    fact: NewFact
    source_id: int
    store_id: int | None
    customer_id: int | None

    @property
    def order(self) -> OrderKey:
        """The order that the fact tells of."""
        return OrderKey(self.source_id, self.fact.key if self.fact.subject is None else self.fact.subject)


def concerned(facts: Sequence[NewFact], places: Iterable[int]) -> list[int]:
    """The places of facts that coupons have to hear of: orders that tell codes, refunds, cancellations, old coupons."""
    return [place for place in places if "coupons" in facts[place].body or facts[place].kind in OTHERS]


def follow_facts(*, told: Sequence[Told], zone: ZoneInfo, at: datetime) -> None:
    """Count the coupons of newly recorded orders as used; give back those of orders that were cancelled or refunded.

    A part of the money back leaves a coupon used. To be called in the transaction that records the facts; it costs
    nothing where no fact is concerned.
    """
    if orders := [one for one in told if one.fact.kind == order_completed.CODE]:
        _follow_orders(orders, zone, at)
    if about := sorted({one.order for one in told if one.fact.kind in RETURNS}):
        give_back_of(about, at=at)
    held = [
        Held(one.fact_id, one.fact.body["offer"], one.customer_id, one.fact.body.get("code", ""))
        for one in told
        if one.fact.kind == balance_taken_over.CODE and "offer" in one.fact.body and one.customer_id is not None
    ]
    if held:
        give(held, zone=zone, at=at)


def _follow_orders(orders: Sequence[Told], zone: ZoneInfo, at: datetime) -> None:
    """Count the coupons that orders tell, each once an order, in the order in which it happened.

    A use that a till recorded beforehand is the order's own: it is given the order's number and not counted again. A
    code that cannot be counted (unknown, used up, too late …) is noted with the reason. An order that was cancelled or
    refunded before it arrived uses nothing, and gives back what its till counted.
    """
    with transaction.atomic(savepoint=False):
        told = _told(orders)
        ids = _coupon_ids({letters for _, _, letters in told})
        found = sorted(set(ids.values()))
        limits.hold((Kind.COUPON_USES, one) for one in found)
        promises = queries.promises(found, at=at)
        if ended := [one.coupon_id for one in promises.values() if one.ended]:
            end_reservations(ended, at=at)
        book = _Book(promises, zone)
        book.know(_standing(found, orders))
        over = gone([one.order for one in orders])
        for one, code, letters in told:
            book.enter(one, code, ids.get(letters), is_gone=one.order in over)
        book.write(at)
        if over:
            give_back_of(sorted(OrderKey(*one) for one in over), at=at)


class _Book:
    """What a batch of orders comes to, before it is written."""

    def __init__(self, promises: dict[int, Promise], zone: ZoneInfo) -> None:
        self.promises = promises
        self.zone = zone
        self.of_order: set[tuple[int, int, str]] = set()
        self.without_order: dict[int, list[int]] = {}
        self.uses: list[tuple[object, ...]] = []
        self.named: list[tuple[int, int, str]] = []
        self.unmatched: list[tuple[int, str, str, str, datetime]] = []
        self.takes: list[Take] = []

    def know(self, standing: Sequence[tuple[int, int, int | None, str]]) -> None:
        """Take in the uses that stand: those with an order, and those whose order is still to come, latest first."""
        for coupon_id, use_id, source_id, order_key in standing:
            if source_id is None:
                self.without_order.setdefault(coupon_id, []).append(use_id)
            else:
                self.of_order.add((coupon_id, source_id, order_key))

    def enter(self, told: Told, code: str, coupon_id: int | None, *, is_gone: bool) -> None:
        """Decide about one code of one order; of one that is gone only a use is looked for that its till counted."""
        source_id, key = told.order
        if is_gone and (coupon_id is None or not self.without_order.get(coupon_id)):
            return
        if coupon_id is None:
            self.unmatched.append((source_id, key, code, "unknown_code", told.fact.occurred_at))
        elif (coupon_id, source_id, key) in self.of_order:
            return
        elif self.without_order.get(coupon_id):
            self.named.append((self.without_order[coupon_id].pop(), source_id, key))
            self.of_order.add((coupon_id, source_id, key))
        else:
            self._use(told, code, self.promises[coupon_id])

    def _use(self, told: Told, code: str, promise: Promise) -> None:
        source_id, key = told.order
        at, body = told.fact.occurred_at, told.fact.body
        spend = spend_before(body["paid"], body.get("discount", 0), promise.terms)
        try:
            off = check(promise, at=at, zone=self.zone, spend_minor=spend, customer_id=told.customer_id)
        except DomainError as refused:
            self.unmatched.append((source_id, key, code, refused.code, at))
            return
        own = f"{BY_FACT}{told.fact_id}:{promise.coupon_id}"
        digest = blake2b(own.encode(), digest_size=16).digest()
        self.uses.append(
            (promise.coupon_id, own, digest, at, told.customer_id, source_id, key, told.store_id, spend, off)
        )
        self.takes.append(use_of(promise))
        self.promises[promise.coupon_id] = promise.used_once_more(at)
        self.of_order.add((promise.coupon_id, source_id, key))

    def write(self, at: datetime) -> None:
        """Everything in one statement each."""
        if self.takes:
            taken = limits.take(self.takes, at=at, held=True)
            assert all(taken), "they are counted under the lock that was just read under"
            made = bulk.run(connection, INSERT, [at, *bulk.columns(self.uses, USE)])
            changes.note(ChangeKind.COUPON_USES, [row[0] for row in made])
        if self.named:
            told = bulk.run(connection, NAME_ORDER, bulk.columns(self.named, ("bigint", *ORDER)))
            changes.note(ChangeKind.COUPON_USES, [use_id for use_id, was_reserved in told if was_reserved])
        if self.unmatched:
            bulk.run(connection, NOTE, bulk.columns(sorted(self.unmatched), UNMATCHED))


def _told(orders: Sequence[Told]) -> list[tuple[Told, str, str]]:
    """(order, code as told, code as kept) by when they happened; what is no code at all is kept as ''."""
    found = []
    for one in sorted(orders, key=lambda one: (one.fact.occurred_at, one.order)):
        for code in one.fact.body["coupons"]:
            try:
                found.append((one, code, presented.read(code)))
            except codes.MalformedCode:
                found.append((one, code, ""))
    return found


def _coupon_ids(letters: set[str]) -> dict[str, int]:
    statement = "SELECT code, id FROM loyalty_coupon WHERE code = ANY(%b::text[])"
    return {row[0]: row[1] for row in bulk.run(connection, statement, [bulk.Column("text", sorted(letters - {""}))])}


def _standing(coupon_ids: Sequence[int], orders: Sequence[Told]) -> list[tuple[int, int, int | None, str]]:
    keys = bulk.Column("text", sorted({one.order.key for one in orders}))
    rows = bulk.run(connection, STANDING, [bulk.Column("bigint", list(coupon_ids)), keys])
    return [(row[0], row[1], row[2], row[3]) for row in rows]

"""Using a benefit and undoing it: decided under the customer's lock, over what the whole group has used."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import blake2b

from django.db import IntegrityError, connection

from regulars.core import bulk
from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.customers import queries as customer_queries
from regulars.facts import orders as facts
from regulars.facts.rules import KeyReused
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.benefits import birthdays, queries
from regulars.loyalty.benefits.applying import check, room
from regulars.loyalty.benefits.kinds.birthday_gift import BirthdayGift
from regulars.loyalty.benefits.queries import UseView
from regulars.loyalty.benefits.rules import Benefit, Bill, Holder, OrderGone, TakenOff, UnknownBenefit
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import queries as coupon_queries
from regulars.loyalty.coupons.rules import OrderKey
from regulars.loyalty.rules import Policies, Policy

INSERT = """
INSERT INTO loyalty_benefituse (customer_id, key, digest, at, business_date, version, code, kind, tier, part_minor,
                                off_minor, again_from, source_id, order_key, store_id, actor, recorded_at,
                                reserved_until, undone_by)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '') RETURNING id
"""
UNDO = """
UPDATE loyalty_benefituse SET undone_at = %s, undone_by = %s WHERE id = %s AND undone_at IS NULL RETURNING 1
"""
CONFIRM = """
UPDATE loyalty_benefituse SET reserved_until = NULL, source_id = coalesce(source_id, %s),
  order_key = CASE WHEN source_id IS NOT NULL OR %s::int IS NULL THEN order_key ELSE %s END
WHERE id = ANY(%b::bigint[]) AND undone_at IS NULL
"""


class NoBenefitUse(DomainError):
    """There is no such use of a benefit."""

    code = "no_benefit_use"


class BenefitCouponUsed(DomainError):
    """The coupon that the benefit gave was used, so the benefit cannot be given back before the coupon is."""

    code = "benefit_coupon_used"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a use came to. `left` and `again` are as of now: how often it may still be used, and from when on again.

    `benefit` is as the version promised it that was live then; None if that version is gone.
    """

    use: UseView
    benefit: Benefit | None
    left: int | None
    again: date | None


def use(
    *,
    customer_id: int,
    code: str,
    key: str,
    bill: Bill,
    at: datetime,
    policies: Policies,
    order: OrderKey | None = None,
    store_id: int | None = None,
    actor: str = "",
    reserved_until: datetime | None = None,
) -> Receipt:
    """Use a benefit once, or refuse and change nothing. To be called inside a transaction.

    Args:
        key: The caller's own key: the same key and use gives the same receipt.
        bill: What is paid, as far as the benefit asks; its `store` is set from `store_id`.
        at: When it is used: the version, the tier and the period are those of this moment.
        order: The order for which it is used, if there is a number already: with it the use is given back.
        reserved_until: A checkout holds it until then; `confirm` makes it a use, otherwise it counts no more.
    Raises:
        UnknownCustomer: No such customer.
        BenefitRefused: In one of its kinds.
        KeyReused: The key was used for another use.
    """
    bill = replace(bill, store=None if store_id is None else str(store_id))
    digest = _digest(code, bill, order)
    groups = customers.lock_groups([customer_id])
    if not groups:
        raise UnknownCustomer("No such customer.")
    if (earlier := queries.use_of_key(key)) is not None:
        return _receipt(_same(earlier, digest, groups[customer_id]), policies, at)
    policy = policies.at(at)
    if (benefit := queries.benefit_of(policy, code)) is None:
        raise UnknownBenefit(f"There is no benefit {code}.")
    holder = queries.holder(customer_id, policies=policies, at=at)
    assert holder is not None, "the customer is locked, so there is one"
    if order is not None and facts.gone([order]):
        raise OrderGone("This order was cancelled or refunded already.")
    taken = check(benefit, holder, bill, at=at, zone=policy.zone)
    row = _row(customer_id, key, digest, at, policy, benefit, holder, taken)
    source_id, order_key = order or (None, "")
    try:
        [(use_id,)] = bulk.run(connection, INSERT, [*row, source_id, order_key, store_id, actor, at, reserved_until])
    except IntegrityError as error:
        raise customers.Contended("The key was used for another customer at the same moment.") from error
    if isinstance(benefit.effect, BirthdayGift) and benefit.effect.offer is not None:
        coupons.issue(
            offer_id=benefit.effect.offer, key=_coupon_key(use_id), zone=policy.zone, at=at, customer_id=customer_id
        )
    made = queries.use(use_id)
    assert made is not None, "it was made in this transaction"
    return _receipt(made, policies, at)


def confirm(*, use_ids: Sequence[int], order: OrderKey | None = None) -> None:
    """Make uses that a checkout held uses for good. To be called in the transaction that captures, customers locked.

    Args:
        order: The order that came of it; a use that names one already keeps that.
    """
    source_id, order_key = order or (None, "")
    bulk.run(connection, CONFIRM, [source_id, source_id, order_key, bulk.Column("bigint", sorted(use_ids))])


def release(*, use_ids: Sequence[int], actor: str, at: datetime) -> None:
    """Give back uses that a checkout made, each once. To be called inside a transaction, their customers locked.

    Raises:
        BenefitCouponUsed: A coupon that one of them gave was used.
    """
    for use_id in sorted(use_ids):
        if (found := queries.use(use_id)) is not None and found.undone_at is None:
            _give_back(found, actor, at)


def undo(*, use_id: int, actor: str, at: datetime, policies: Policies) -> Receipt:
    """Give a use back; undone once, however often it is asked. To be called inside a transaction.

    Raises:
        NoBenefitUse: There is no such use.
        BenefitCouponUsed: Its coupon was used.
    """
    if (found := queries.use(use_id)) is None:
        raise NoBenefitUse("There is no such use of a benefit.")
    customers.lock_groups([found.customer_id])
    # It was read before its customer was locked: somebody else may have undone it meanwhile.
    if (found := queries.use(use_id) or found).undone_at is None:
        _give_back(found, actor, at)
        found = queries.use(use_id) or found
    return _receipt(found, policies, at)


def _give_back(found: UseView, actor: str, at: datetime) -> None:
    if found.coupon_id is not None:
        if coupon_queries.promises([found.coupon_id], at=at)[found.coupon_id].used:
            raise BenefitCouponUsed("The coupon that it gave was used; undo that first.")
        coupons.void(coupon_ids=[found.coupon_id], actor=actor, at=at)
    bulk.run(connection, UNDO, [at, actor, found.id])


def _digest(code: str, bill: Bill, order: OrderKey | None) -> bytes:
    """Tells this use from others. Without the customer, who may be merged before a till asks again."""
    fees = ",".join(f"{name}={minor}" for name, minor in sorted(bill.fees.items()))
    told = (code, bill.total_minor, bill.shipping_minor, fees, bill.channel, bill.store, order and tuple(order))
    return blake2b(repr(told).encode(), digest_size=16).digest()


def _same(earlier: UseView, digest: bytes, canonical_id: int) -> UseView:
    if earlier.digest != digest or customer_queries.canonicals([earlier.customer_id]) != {
        earlier.customer_id: canonical_id
    }:
        raise KeyReused(f"The key {earlier.key} was used for another use of a benefit.")
    return earlier


def _row(
    customer_id: int, key: str, digest: bytes, at: datetime, policy: Policy, benefit: Benefit, holder: Holder,
    taken: TakenOff,
) -> list[object]:  # fmt: skip
    day = business_date(at, policy.zone)
    again = birthdays.next_from(benefit.effect, holder, day) if isinstance(benefit.effect, BirthdayGift) else None
    return [
        customer_id, key, digest, at, day, policy.number, benefit.code, benefit.kind, holder.tier, taken.part_minor,
        taken.off_minor, again,
    ]  # fmt: skip


def _coupon_key(use_id: int) -> str:
    return f"benefit:{use_id}"


def _receipt(found: UseView, policies: Policies, at: datetime) -> Receipt:
    """The use with what is left now; the terms are those of the version that it was used under."""
    policy = next((policy for _, policy in policies.versions if policy.number == found.version), None)
    benefit = queries.benefit_of(policy, found.code) if policy else None
    live = policies.at(at)
    holder = queries.holder(found.customer_id, policies=policies, at=at)
    now = queries.benefit_of(live, found.code)
    left, again = room(now, holder, business_date(at, live.zone)) if now and holder else (None, None)
    return Receipt(found, benefit, left, again)

"""Coupons that members had in another programme: a fact that tells of one gives one; undone, it takes it back."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from regulars.core import bulk
from regulars.facts import balances
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import queries
from regulars.loyalty.coupons.actions.issuing import NewCoupon, OfferArchived, issue_many, void
from regulars.loyalty.coupons.codes import new_codes
from regulars.loyalty.coupons.offers import NoOffer

BY_TAKE_OVER: Final = "taken:"
UNDONE: Final = "import"
RENAMED = ("bigint", "text")
RENAME = f"""
UPDATE loyalty_coupon c SET code = n.code FROM {bulk.unnest(*RENAMED)} AS n (id, code) WHERE c.id = n.id
"""


class Held(NamedTuple):
    """A fact that tells of a coupon: on which offer, whose, and the code that it keeps."""

    fact_id: int
    offer_id: int
    customer_id: int
    code: str = ""


def give(held: Sequence[Held], *, zone: ZoneInfo, at: datetime) -> None:
    """Give the coupons, each once, on the terms of today; an offer that was put away meanwhile gives none.

    A code stands for one coupon: where another table told of it before, nothing more is given.
    """
    keys = _keys_of({one.code for one in held if one.code})
    held = [one for one in held if keys.get(one.code) in (None, f"{BY_TAKE_OVER}{one.fact_id}")]
    for offer_id in sorted({one.offer_id for one in held}):
        mine = [one for one in held if one.offer_id == offer_id]
        wanted = [NewCoupon(f"{BY_TAKE_OVER}{one.fact_id}", one.customer_id, one.code) for one in mine]
        with suppress(OfferArchived, NoOffer):
            issue_many(offer_id=offer_id, wanted=wanted, zone=zone, at=at)


@transaction.atomic
def take_back(*, import_id: int, at: datetime) -> int:
    """Take back the coupons of an import whose facts are retracted; one that was used stays. Returns how many.

    Their old codes are free again: the same table may be taken over once more.
    """
    told = balances.coupons_taken_back(import_id)
    if not told:
        return 0
    rows = bulk.run(
        connection,
        "SELECT id, code FROM loyalty_coupon WHERE key = ANY(%b::text[]) AND voided_at IS NULL ORDER BY id",
        [bulk.Column("text", [f"{BY_TAKE_OVER}{fact_id}" for fact_id in told])],
    )
    ids, brought = [row[0] for row in rows], set(told.values())
    limits.hold((Kind.COUPON_USES, one) for one in ids)
    promises = queries.promises(ids, at=at)
    unused = {one for one in ids if not promises[one].used}
    count = void(coupon_ids=sorted(unused), actor=UNDONE, at=at)
    if free := [coupon_id for coupon_id, code in rows if code in brought and coupon_id in unused]:
        renamed = list(zip(free, new_codes(len(free)), strict=True))
        bulk.run(connection, RENAME, bulk.columns(renamed, RENAMED))
    return count


def _keys_of(codes: Collection[str]) -> dict[str, str]:
    """Code → what the coupon that has it was issued for."""
    if not codes:
        return {}
    statement = "SELECT code, key FROM loyalty_coupon WHERE code = ANY(%b::text[])"
    return {row[0]: row[1] for row in bulk.run(connection, statement, [bulk.Column("text", sorted(codes))])}

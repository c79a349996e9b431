"""Coupons that members had in another programme: a fact that tells of one gives one; undone, it takes it back."""

from collections.abc import Sequence
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
from regulars.loyalty.coupons.offers import NoOffer

BY_TAKE_OVER: Final = "taken:"
UNDONE: Final = "import"


class Held(NamedTuple):
    """A fact that tells of a coupon: on which offer, and whose."""

    fact_id: int
    offer_id: int
    customer_id: int


def give(held: Sequence[Held], *, zone: ZoneInfo, at: datetime) -> None:
    """Give the coupons, each once, on the terms of today; an offer that was put away meanwhile gives none."""
    for offer_id in sorted({one.offer_id for one in held}):
        mine = [one for one in held if one.offer_id == offer_id]
        wanted = [NewCoupon(f"{BY_TAKE_OVER}{one.fact_id}", one.customer_id) for one in mine]
        with suppress(OfferArchived, NoOffer):
            issue_many(offer_id=offer_id, wanted=wanted, zone=zone, at=at)


@transaction.atomic
def take_back(*, import_id: int, at: datetime) -> int:
    """Take back the coupons of an import whose facts are retracted; one that was used stays. Returns how many."""
    keys = [f"{BY_TAKE_OVER}{fact_id}" for fact_id in balances.coupons_taken_back(import_id)]
    if not keys:
        return 0
    rows = bulk.run(
        connection,
        "SELECT id FROM loyalty_coupon WHERE key = ANY(%b::text[]) AND voided_at IS NULL ORDER BY id",
        [bulk.Column("text", keys)],
    )
    ids = [row[0] for row in rows]
    limits.hold((Kind.COUPON_USES, one) for one in ids)
    promises = queries.promises(ids, at=at)
    return void(coupon_ids=[one for one in ids if not promises[one].used], actor=UNDONE, at=at)

"""Many coupons at once: ordered now, issued by a job in portions, on from where it stopped."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.loyalty.coupons import offers
from regulars.loyalty.coupons.actions.issuing import NewCoupon, OfferArchived, issue_many
from regulars.loyalty.coupons.batches import KEY
from regulars.loyalty.coupons.rules import MOST_IN_BATCH
from regulars.loyalty.models import CouponBatch, OfferVersion

PORTION = 5000


class NobodyThere(DomainError):
    """There is nobody to issue coupons to."""

    code = "nobody_there"


def order_batch(
    *, offer_id: int, actor: str, at: datetime, customer_ids: Collection[int] | None = None, count: int = 0,
    segment_id: int | None = None,
) -> int:  # fmt: skip
    """Order a coupon for each of these customers, or so many codes for whoever has one; returns the batch's id.

    They are issued on the terms of now, also if the offer is changed meanwhile.

    Args:
        customer_ids: Each gets one, however often they stand here; None for codes.
        segment_id: The segment that they were found in.
    Raises:
        NoOffer, OfferArchived, NobodyThere: As they say.
    """
    ids = None if customer_ids is None else sorted(set(customer_ids))
    wanted = count if ids is None else len(ids)
    if not 0 < wanted <= MOST_IN_BATCH:
        raise NobodyThere(f"A batch issues 1 to {MOST_IN_BATCH:,} coupons; this would be {wanted:,}.")
    terms = offers.offer(offer_id)
    if terms.archived_at is not None:
        raise OfferArchived("This offer was put away; bring it back to issue coupons on it.")
    version_id = OfferVersion.objects.values_list("pk", flat=True).get(offer_id=offer_id, number=terms.version)
    return CouponBatch.objects.create(
        version_id=version_id, segment_id=segment_id, customer_ids=ids, wanted=wanted, created_at=at, created_by=actor
    ).pk


@transaction.atomic
def issue_portion(*, batch_id: int, zone: ZoneInfo, at: datetime, size: int = 0) -> int | None:
    """Issue the next of a batch; returns how many there are by now, None once it has ended.

    An offer that was put away meanwhile ends it: what is issued by then stays good.

    Args:
        size: So many at once; 0 for `PORTION`.
    """
    row = CouponBatch.objects.select_for_update(no_key=True, of=("self",)).defer("customer_ids").filter(
        pk=batch_id, ended_at=None
    ).select_related("version").first()  # fmt: skip
    if row is None:
        return None
    end = min(row.wanted, row.done + (size or PORTION))
    wanted = [
        NewCoupon(f"{KEY}{batch_id}:{place}", customer_id)
        for place, customer_id in enumerate(_next(batch_id, row.done, end), start=row.done)
    ]
    try:
        issue_many(offer_id=row.version.offer_id, version=row.version.number, wanted=wanted, zone=zone, at=at)
    except OfferArchived as error:
        row.problem, row.ended_at = error.code, at
    else:
        row.done, row.ended_at = end, at if end == row.wanted else None
    row.save(update_fields=["problem", "done", "ended_at"])
    return row.done


def _next(batch_id: int, start: int, end: int) -> list[int | None]:
    """Who comes next; nobody in particular, as often as needed, where codes are issued."""
    rows = bulk.run(
        connection, "SELECT customer_ids[%s:%s] FROM loyalty_couponbatch WHERE id = %s", [start + 1, end, batch_id]
    )
    return [None] * (end - start) if rows[0][0] is None else list(rows[0][0])

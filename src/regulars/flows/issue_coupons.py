"""Coupons issued to one member, or ordered for many and issued by a job in portions."""

from collections.abc import Callable, Collection, Generator
from datetime import datetime
from functools import partial

from regulars.flows.settings import programme
from regulars.flows.transactions import again_if_contended
from regulars.insight.segments import queries as segments
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import queries
from regulars.staff import actions as staff
from regulars.staff.rules import Actor, Once


def issue_coupon(*, offer_id: int, customer_id: int, key: str, by: Actor, at: datetime) -> None:
    """Issue one coupon to a member; the same key again changes nothing."""
    _, zone = programme()

    def once() -> None:
        known = queries.of_keys([key])
        coupons.issue(offer_id=offer_id, customer_id=customer_id, key=key, zone=zone, at=at)
        if key not in known:
            staff.record(
                by=by, action="coupons.issue", at=at, subject_kind="customer", subject_id=customer_id,
                detail={"offer": offer_id},
            )  # fmt: skip

    again_if_contended(once)


def order_batch(
    *, offer_id: int, by: Actor, actor: str, at: datetime, once: Once, start: Callable[[int], None],
    customer_ids: Collection[int] | None = None, segment_id: int | None = None, count: int = 0,
) -> int:  # fmt: skip
    """Order coupons for these customers, for everybody in a segment, or codes; `start` queues the job that issues them.

    Returns the id of the batch, of the one that was ordered if a program asks again.
    """

    def order() -> int:
        if made := staff.done_before(by=by, action="coupons.batch", once=once):
            return int(made)
        who = customer_ids if segment_id is None else segments.everybody_in(segment_id)
        batch_id = coupons.order_batch(
            offer_id=offer_id, actor=actor, at=at, customer_ids=who, count=count, segment_id=segment_id
        )
        start(batch_id)
        staff.record(
            by=by, action="coupons.batch", at=at, subject_kind="coupon_batch", subject_id=batch_id, detail=once.detail
        )
        return batch_id

    return again_if_contended(order)


def issue_batch(*, batch_id: int, clock: Callable[[], datetime]) -> Generator[int, None, None]:
    """Issue the coupons of a batch in portions, on from where it stopped; yields how many there are by then."""
    _, zone = programme()

    def portion() -> int | None:
        return coupons.issue_portion(batch_id=batch_id, zone=zone, at=clock())

    yield from iter(partial(again_if_contended, portion), None)

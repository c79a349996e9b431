"""Coupons and their uses by id, as other systems are told of them: without the code, which is as good as the coupon."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.facts.noted import source_names
from regulars.loyalty.coupons.offers import NAME, name_of

COUPONS = f"""
SELECT c.id, c.code, v.offer_id, c.customer_id, c.issued_at, c.expires_at, c.voided_at, {NAME}
FROM loyalty_coupon c JOIN loyalty_offerversion v ON v.id = c.version_id JOIN loyalty_offer o ON o.id = v.offer_id
WHERE c.id = ANY(%b::bigint[])
"""
USES = """
SELECT u.id, u.coupon_id, u.customer_id, u.source_id, u.order_key, u.discount_minor, u.recorded_at, u.undone_at
FROM loyalty_couponuse u WHERE u.id = ANY(%b::bigint[]) AND u.reserved_until IS NULL
"""


class NotedCoupon(NamedTuple):
    """A coupon; `ends` are the last letters of its code."""

    id: int
    ends: str
    offer_id: int
    customer_id: int | None
    issued_at: datetime
    expires_at: datetime
    voided_at: datetime | None
    name: Text


class NotedUse(NamedTuple):
    """A use; `source` and `order_key` are '' while no order is named."""

    id: int
    coupon_id: int
    customer_id: int | None
    source: str
    order_key: str
    discount_minor: int
    recorded_at: datetime
    undone_at: datetime | None


def coupons(coupon_ids: Collection[int]) -> dict[int, NotedCoupon]:
    """These coupons by id."""
    rows = bulk.run(connection, COUPONS, [bulk.Column("bigint", sorted(coupon_ids))])
    return {row[0]: NotedCoupon(*(row[0], row[1][-4:], *row[2:7], name_of(row[7:9]))) for row in rows}


def uses(use_ids: Collection[int]) -> dict[int, NotedUse]:
    """These uses by id; what is only reserved is no use yet."""
    rows = bulk.run(connection, USES, [bulk.Column("bigint", sorted(use_ids))])
    names = source_names() if any(row[3] is not None for row in rows) else {}
    return {row[0]: NotedUse(*(*row[:3], names.get(row[3], ""), *row[4:])) for row in rows}

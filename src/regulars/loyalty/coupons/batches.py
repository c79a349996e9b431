"""Reading batches of coupons, and the coupons of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.loyalty.coupons.queries import CouponView, of_keys

KEY: Final = "batch:"
"""How the keys of these coupons begin: `batch:<batch>:<place>`."""
BATCH = """
SELECT b.id, v.offer_id, v.number, b.segment_id, b.customer_ids IS NOT NULL, b.wanted, b.done, b.created_at,
       b.created_by, b.ended_at, b.problem
FROM loyalty_couponbatch b JOIN loyalty_offerversion v ON v.id = b.version_id
"""


class NoBatch(DomainError):
    """There is no such batch."""

    code = "no_batch"


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch: `done` of `wanted` coupons are issued, to members or to whoever has a code.

    `problem` is the code of the error that ended it early, '' if none did.
    """

    id: int
    offer_id: int
    version: int
    segment_id: int | None
    for_members: bool
    wanted: int
    done: int
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    problem: str


def batch(batch_id: int) -> BatchView:
    """One batch.

    Raises:
        NoBatch: There is none.
    """
    rows = bulk.run(connection, f"{BATCH} WHERE b.id = %s", [batch_id])
    if not rows:
        raise NoBatch("There is no such batch of coupons.")
    return BatchView(*rows[0])


def batches(*, most: int, before: int | None = None, offer_id: int | None = None) -> list[BatchView]:
    """Batches, the newest first, from behind one on; of one offer only, if it is named."""
    rows: Sequence[Any] = bulk.run(
        connection,
        f"""{BATCH} WHERE (%s::bigint IS NULL OR b.id < %s) AND (%s::bigint IS NULL OR v.offer_id = %s)
            ORDER BY b.id DESC LIMIT %s""",
        [before, before, offer_id, offer_id, most],
    )
    return [BatchView(*row) for row in rows]


def coupons(batch_id: int, *, after: int, most: int) -> list[CouponView]:
    """Coupons of a batch in the order in which they were issued, from behind so many on; fewer while it goes on."""
    keys = [f"{KEY}{batch_id}:{place}" for place in range(after, after + most)]
    found = of_keys(keys)
    return [found[key] for key in keys if key in found]

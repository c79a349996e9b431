"""Reading deliveries: what became of a campaign's messages, and of a customer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from regulars.core import bulk
from regulars.outreach.deliveries.tracking import Touched, touched


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery as lists show it. `numbers` are for the words of its reason."""

    id: int
    campaign_id: int | None
    customer_id: int
    channel: str
    purpose: str
    language: str
    state: str
    reason: str
    numbers: dict[str, Any] | None
    tries: int
    queued_at: datetime
    not_before: datetime | None
    admitted_at: datetime | None
    sending_at: datetime | None
    ended_at: datetime | None
    coupon_id: int | None
    actor: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a campaign's messages: by state, and by (state, reason) where there is a reason."""

    states: dict[str, int]
    reasons: dict[tuple[str, str], int]
    touched: Touched
    held_up: int
    """Refused for now, and waiting for their next try."""

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.states.values())

    @property
    def left(self) -> int:
        """Still to go."""
        return sum(self.states.get(state, 0) for state in ("queued", "sending", "shown"))


COLUMNS = """d.id, d.campaign_id, d.customer_id, d.channel, d.purpose, d.language, d.state, d.reason, d.numbers,
d.tries, d.queued_at, d.not_before, d.admitted_at, d.sending_at, d.ended_at, d.coupon_id, d.actor"""


def counts(campaign_id: int) -> Counts:
    """What became of a campaign's messages so far."""
    rows = bulk.run(
        connection,
        """SELECT state, reason, count(*), count(not_before) FROM outreach_delivery WHERE campaign_id = %s
           GROUP BY 1, 2""",
        [campaign_id],
    )
    states: dict[str, int] = {}
    for state, _, number, _ in rows:
        states[state] = states.get(state, 0) + number
    reasons = {(state, reason): number for state, reason, number, _ in rows if reason}
    held_up = sum(later for state, _, _, later in rows if state == "queued")
    return Counts(states, reasons, touched(campaign_id), held_up)


def of_customer(customer_ids: Sequence[int], *, most: int = 100) -> list[DeliveryView]:
    """A customer's messages, the latest first.

    Args:
        customer_ids: Everybody of the customer's group.
    """
    rows = bulk.run(
        connection,
        f"""SELECT {COLUMNS} FROM outreach_delivery d WHERE d.customer_id = ANY(%b::bigint[])
            ORDER BY d.id DESC LIMIT %s""",
        [bulk.Column("bigint", sorted(set(customer_ids))), most],
    )
    return [DeliveryView(*row) for row in rows]


def by_token(token: UUID) -> DeliveryView | None:
    """The delivery that a customer's address names."""
    rows = bulk.run(connection, f"SELECT {COLUMNS} FROM outreach_delivery d WHERE d.token = %s", [token])
    return DeliveryView(*rows[0]) if rows else None

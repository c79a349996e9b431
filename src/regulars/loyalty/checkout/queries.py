"""Reading steps of checkouts, and the holds whose time is over."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.loyalty.checkout.rules import Step
from regulars.loyalty.rules import ItemKind

STEP = """
SELECT k.id, k.kind, k.refers_to_id, k.amount, h.left, h.spendable, k.at, h.ends_at, coalesce(s.code, ''),
       h.digest, k.customer_id
FROM loyalty_checkoutstep h JOIN loyalty_command k ON k.id = h.command_id
LEFT JOIN catalogue_store s ON s.id = h.store_id
"""
# A command takes the time of the last thing in its history if a clock runs ahead, so a hold may stand after its end.
ENDED = """
SELECT k.id, k.customer_id, c.canonical_id,
       greatest(h.ends_at, k.at, (SELECT max(n.at) FROM loyalty_command n WHERE n.refers_to_id = k.id))
FROM loyalty_checkoutstep h JOIN loyalty_command k ON k.id = h.command_id
JOIN customers_customer c ON c.id = k.customer_id
WHERE h.is_open AND h.ends_at <= %s AND (%s::bigint IS NULL OR c.canonical_id = %s)
ORDER BY h.ends_at, k.id LIMIT %s
"""
MOST = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """A step with what tells its request from others, and whose points it was about."""

    step: Step
    digest: bytes
    customer_id: int


@dataclass(frozen=True, slots=True)
class EndedHold:
    """A hold whose time is over and which nobody has released: its own customer, and from when on it is released."""

    hold_id: int
    customer_id: int
    canonical_id: int
    at: datetime


def step_of(key: str) -> Kept | None:
    """The step that was taken with this key."""
    rows = bulk.run(connection, f"{STEP} WHERE k.key = %s", [key])
    if not rows:
        return None
    command_id, kind, *told, digest, customer_id = rows[0]
    return Kept(Step(command_id, ItemKind(kind), *told), bytes(digest), customer_id)


def ended_holds(*, at: datetime, canonical_id: int | None = None, most: int = MOST) -> list[EndedHold]:
    """Holds whose time is over, the first to end first; of everybody, or of one group."""
    rows = bulk.run(connection, ENDED, [at, canonical_id, canonical_id, most])
    return [EndedHold(*row) for row in rows]

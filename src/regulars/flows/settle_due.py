"""Settle what is due: points mature and expire by date; nightly, this posts it for those to whom nothing happened."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from regulars.customers import actions as customers
from regulars.flows.transactions import again_if_contended
from regulars.ledger import actions as ledger

BATCH = 2000
ROUND = 100 * BATCH
"""So many are looked for at a time: finding who is due looks at every lot that may be."""


def settle_due(*, at: datetime) -> Iterator[int]:
    """Post everything due at an instant, a batch of customers at a time; yields how many were settled so far."""
    done = 0
    while due := ledger.due_customers(at=at, most=ROUND):
        for first in range(0, len(due), BATCH):
            batch = due[first : first + BATCH]
            _settle(batch, at)
            done += len(batch)
            yield done


def _settle(customer_ids: Sequence[int], at: datetime) -> None:
    def once() -> None:
        customers.lock_groups(customer_ids)
        ledger.settle(customer_ids=customer_ids, at=at)

    again_if_contended(once)

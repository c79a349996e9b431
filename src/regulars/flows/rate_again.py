"""Rate everybody again after the programme changed: tiers follow its thresholds from the day on which it is live."""

from collections.abc import Iterator
from datetime import datetime

from regulars.customers import actions as customers
from regulars.customers import lookup
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty.rules import Policies

BATCH = 500


def rate_everybody_again(*, policies: Policies, at: datetime) -> Iterator[int]:
    """Fold every customer's history again, a batch at a time; yields how many were done. May run twice."""
    after = done = 0
    while batch := lookup.canonicals_after(after, most=BATCH):

        def once(canonical_ids: list[int] = batch) -> None:
            customers.lock_customers(set(canonical_ids))
            loyalty.fold_again(canonical_ids=canonical_ids, policies=policies, at=at)

        again_if_contended(once)
        after = batch[-1]
        done += len(batch)
        yield done

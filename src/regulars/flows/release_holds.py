"""Release holds whose time is over, for those to whom nothing else happens; coupons, too."""

from collections.abc import Iterator
from datetime import datetime

from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty.checkout.queries import ended_holds
from regulars.loyalty.coupons.actions.reserving import end_overdue
from regulars.loyalty.rules import Policies


def release_holds(*, policies: Policies, at: datetime) -> Iterator[int]:
    """Release what came to its end by an instant, customer by customer; yields how many were looked at so far."""
    done = 0
    while ended := ended_holds(at=at):
        for canonical_id in sorted({hold.canonical_id for hold in ended}):

            def once(customer_id: int = canonical_id) -> None:
                loyalty.release_ended(canonical_id=customer_id, policies=policies, at=at)

            again_if_contended(once)
            done += 1
            yield done
    while again_if_contended(lambda: end_overdue(at=at)):
        pass

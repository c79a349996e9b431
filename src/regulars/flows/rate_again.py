"""Rate everybody again after the programme changed: tiers follow its thresholds from the day on which it is live."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from regulars.customers import actions as customers
from regulars.customers import lookup
from regulars.flows.lanes import Lanes, lanes_for
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty import membership
from regulars.loyalty.actions import retiering
from regulars.loyalty.rules import Policies

BATCH = 500


def rate_everybody_again(
    *, policies: Policies, at: datetime, number: int | None = None, lanes: int | None = None
) -> Iterator[int]:
    """Bring everybody's tiers up to date, a batch at a time; yields how many were done. May run twice.

    Args:
        number: The version that went live; where kept state says all that is needed, no history is folded again.
        lanes: Processes that work side by side; by the number of members otherwise.
    """
    since = retiering.begun_at(policies, number) if number is not None else None
    done = 0
    if since is None:
        after = 0
        while batch := lookup.canonicals_after(after, most=BATCH):
            fold_portion(customer_ids=batch, policies=policies, at=at)
            after, done = batch[-1], done + len(batch)
            yield done
        return
    count = lanes or lanes_for(membership.everybody())
    with Lanes(count) as side_by_side:
        for place, portion in enumerate(retiering.portions()):
            side_by_side.put(
                place % count, retier_portion, customer_ids=portion, policies=policies, since=since, at=at
            )  # fmt: skip
            done += len(portion)
            yield done
        side_by_side.finish()
    rest = retiering.left_over(since)
    for place in range(0, len(rest), BATCH):
        fold_portion(customer_ids=rest[place : place + BATCH], policies=policies, at=at)
        yield done


def fold_portion(*, customer_ids: Sequence[int], policies: Policies, at: datetime) -> None:
    """Fold some customers' histories again."""

    def once() -> None:
        customers.lock_customers(set(customer_ids))
        loyalty.fold_again(canonical_ids=customer_ids, policies=policies, at=at)

    again_if_contended(once)


def retier_portion(*, customer_ids: Sequence[int], policies: Policies, since: datetime, at: datetime) -> int:
    """Work out the tiers of some customers again from the version's first day on; a lane's work."""

    def once() -> int:
        customers.lock_customers(set(customer_ids))
        return retiering.retier(customer_ids=customer_ids, policies=policies, since=since, at=at)

    return again_if_contended(once)

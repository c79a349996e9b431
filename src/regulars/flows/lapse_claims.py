"""Lapse claims: what members claimed and did not collect in time goes back, with its points."""

from collections.abc import Iterator
from datetime import datetime

from regulars.flows.transactions import again_if_contended
from regulars.loyalty.rewards import actions, queries
from regulars.loyalty.rules import Policies

BATCH = 500


def lapse_claims(*, policies: Policies, at: datetime) -> Iterator[int]:
    """Give back what is over by an instant, claim by claim; yields how many were looked at so far."""
    done = 0
    while over := queries.over(at=at, most=BATCH):
        for claim_id in over:

            def once(one: int = claim_id) -> None:
                actions.lapse(claim_id=one, policies=policies, at=at)

            again_if_contended(once)
            done += 1
            yield done

"""Give a member a tier for some time, or end one that was given; decided under the customer's lock."""

from datetime import date, datetime

from regulars.flows.transactions import again_if_contended
from regulars.loyalty.actions import tier_grants
from regulars.loyalty.rules import Policies
from regulars.loyalty.tier_grants_view import GrantView


def give_tier(
    *, customer_id: int, tier: str, until: date | None, key: str, at: datetime, policies: Policies,
    starts: date | None = None, source: str = "manual", reason: str = "", actor: str = "",
) -> GrantView:  # fmt: skip
    """Give a tier; the same key and wish again gives the same answer."""
    return again_if_contended(
        lambda: tier_grants.grant_tier(
            customer_id=customer_id, tier=tier, until=until, key=key, at=at, policies=policies, starts=starts,
            source=source, reason=reason, actor=actor,
        )
    )  # fmt: skip


def end_given_tier(
    *, customer_id: int, grant_id: int, key: str, at: datetime, policies: Policies, reason: str = "", actor: str = ""
) -> GrantView:
    """End a given tier today; the same key and wish again gives the same answer."""
    return again_if_contended(
        lambda: tier_grants.end_tier(
            customer_id=customer_id, grant_id=grant_id, key=key, at=at, policies=policies, reason=reason, actor=actor
        )
    )

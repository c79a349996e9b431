"""One member's tier as people look at it: where they stand, what lies ahead, and what was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from regulars.loyalty import queries, tier_grants_view
from regulars.loyalty.projection import Projection, projection
from regulars.loyalty.refolding import folded
from regulars.loyalty.rules import Grant, Policies
from regulars.loyalty.tier_grants_view import GrantView


@dataclass(frozen=True, slots=True)
class TierView:
    """A member's tier: since when it is theirs, what lies ahead, and the tiers that were given, newest first.

    `since` is None where nothing ever counted. `growth_from` says what growth counts (`Policy.growth_from`);
    `threshold` is the next tier's, None in the highest.
    """

    since: date | None
    ahead: Projection
    growth_from: str
    threshold: int | None
    given: list[GrantView]

    @property
    def tier(self) -> int:
        """Index of the tier that they have today."""
        return self.ahead.tier

    @property
    def growth(self) -> int:
        """The growth that counts today."""
        return self.ahead.growth

    def given_now(self, day: date) -> list[GrantView]:
        """Those of the given tiers that count on this day or will later."""
        return [one for one in self.given if one.is_open(day)]


def tier_view(customer_id: int, policies: Policies, today: date, at: datetime) -> TierView:
    """Where a canonical customer stands in the tiers today, and what lies ahead."""
    growth, grants = _state(customer_id, policies, at)
    ahead = projection(growth, policies, today, grants)
    kept = queries.tier_intervals([customer_id]).get(customer_id, [])
    current = next((one for one in kept if one.from_date <= today and (not one.to_date or today < one.to_date)), None)
    policy = policies.on(today)
    return TierView(
        since=current.from_date if current is not None and current.tier == ahead.tier else None,
        ahead=ahead,
        growth_from=policy.growth_from,
        threshold=policy.tiers[ahead.tier + 1].threshold if ahead.tier + 1 < len(policy.tiers) else None,
        given=tier_grants_view.grants_of(customer_id),
    )


def tiers_today(customer_ids: Sequence[int], today: date) -> dict[int, int]:
    """The tier index of each of these customers today, as it is kept."""
    kept = queries.tier_intervals(customer_ids)
    return {
        customer_id: next(
            (one.tier for one in kept.get(customer_id, ()) if one.from_date <= today < (one.to_date or date.max)),
            0,
        )
        for customer_id in customer_ids
    }


def _state(customer_id: int, policies: Policies, at: datetime) -> tuple[list[tuple[date, int]], list[Grant]]:
    """Growth that counts today or will, and given tiers that last: kept state tells, or the whole history where that
    does not say all."""
    standing = queries.standings([customer_id]).get(customer_id)
    if standing is None:
        return [], []
    if not standing.whole:
        return standing.growth, []
    _, histories = queries.histories([customer_id], policies)
    fold = folded(histories.get(customer_id, []), policies, at)
    return fold.growth, fold.grants

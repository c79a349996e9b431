"""What a campaign could prove, before it starts: told by what its own audience did before.

Best by customers like these who were left alone before, in finished campaigns for the same segment. Else by what these
did in the last stretch as long as the window; and where they were chosen for their silence, so that they bought nothing
in it, by the stretches before: a win-back is looked at because some of them come again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import sqrt
from typing import NamedTuple

from regulars.decisions.rules import Outcome
from regulars.experiments import queries as experiments
from regulars.experiments.power import FEWEST_PEOPLE, Reach, before_launch
from regulars.experiments.sums import ArmSums
from regulars.outreach.campaigns import queries
from regulars.outreach.campaigns.outcomes import past_of
from regulars.outreach.campaigns.previews import Preview
from regulars.outreach.campaigns.rules import CampaignView

MOST_LOOKED_AT = 40_000
"""Of a larger audience every so manieth customer is looked at: enough for a mean and a deviation."""
STRETCHES = 6
"""As many stretches before the last one are looked at, at most."""


class _Spending(NamedTuple):
    """Per customer over a window: mean and standard deviation of net revenue in minor units, share who bought."""

    mean: float
    deviation: float
    conversion: float


def prospect(campaign: CampaignView, preview: Preview) -> Reach:
    """The smallest effect that would show, if customers go on as they did."""
    ids = preview.ids(Outcome.CHOSEN, Outcome.HELD_OUT)
    some = ids[:: 1 + len(ids) // MOST_LOOKED_AT]
    told = _left_alone(campaign) or _lately(some, days=campaign.plan.window_days, at=preview.at)
    return before_launch(
        customers=len(ids),
        share_percent=campaign.plan.held_out_percent,
        mean_minor=told.mean,
        sd_minor=told.deviation,
        conversion=told.conversion,
    )


def _left_alone(campaign: CampaignView) -> _Spending | None:
    """Those held out of finished campaigns for this segment with about as long a window; None if they are too few."""
    plan, alone = campaign.plan, ArmSums()
    if plan.segment_id is None:
        return None
    alike = {
        one.id
        for one in queries.campaigns()
        if one.plan.segment_id == plan.segment_id
        and plan.window_days / 2 <= one.plan.window_days <= plan.window_days * 2
    }
    for outcome in experiments.finished_campaigns():
        if outcome.about_id in alike:
            alone += outcome.sums.held_out
    if alone.customers < FEWEST_PEOPLE:
        return None
    mean = alone.revenue[1, 0] / alone.customers
    variance = alone.revenue[2, 0] / alone.customers - mean * mean
    return _Spending(mean, sqrt(max(variance, 0.0)), alone.buyers / alone.customers)


def _lately(customers: Sequence[int], *, days: int, at: datetime) -> _Spending:
    last = _Spending(*past_of(customers, days=days, at=at))
    if last.conversion or not customers:
        return last
    earlier = [
        _Spending(*past_of(customers, days=days, at=at - timedelta(days=days * back)))
        for back in range(1, min(STRETCHES, 365 // days) + 1)
    ]
    if not earlier:
        return last
    mean = sum(one.mean for one in earlier) / len(earlier)
    square = sum(one.deviation**2 + one.mean**2 for one in earlier) / len(earlier)
    conversion = sum(one.conversion for one in earlier) / len(earlier)
    return _Spending(mean, sqrt(max(square - mean * mean, 0.0)), conversion)

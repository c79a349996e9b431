"""What a campaign could prove, before it starts: told by what its own audience did before."""

from regulars.decisions.rules import Outcome
from regulars.experiments.power import Reach, before_launch
from regulars.outreach.campaigns.outcomes import past_of
from regulars.outreach.campaigns.previews import Preview
from regulars.outreach.campaigns.rules import CampaignView

MOST_LOOKED_AT = 40_000
"""Of a larger audience every so manieth customer is looked at: enough for a mean and a deviation."""


def prospect(campaign: CampaignView, preview: Preview) -> Reach:
    """The smallest effect that would show, if customers go on as in the last days, as many as the window has."""
    ids = preview.ids(Outcome.CHOSEN, Outcome.HELD_OUT)
    some = ids[:: 1 + len(ids) // MOST_LOOKED_AT]
    mean, deviation, conversion = past_of(some, days=campaign.plan.window_days, at=preview.at)
    return before_launch(
        customers=len(ids),
        share_percent=campaign.plan.held_out_percent,
        mean_minor=mean,
        sd_minor=deviation,
        conversion=conversion,
    )

"""A campaign as an experiment: opened with its start, so that whoever is held out can be compared later."""

from datetime import datetime

from regulars.experiments.actions import open_for_campaign
from regulars.outreach.campaigns.rules import CampaignView


def open_trial(campaign: CampaignView, *, at: datetime) -> int:
    """Open the experiment of a campaign that begins now; returns its id. Again it stays as it was begun."""
    return open_for_campaign(
        campaign_id=campaign.id,
        share_percent=campaign.plan.held_out_percent,
        window_days=campaign.plan.window_days,
        salt=campaign.salt,
        at=at,
    )

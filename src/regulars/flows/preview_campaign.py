"""A dry run of a campaign: who would get what and who not, with what it could prove. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime

from regulars.experiments.power import Reach
from regulars.flows.picture_fields import picture_fields
from regulars.outreach.campaigns import audience, previews, prospects, queries, samples
from regulars.outreach.campaigns.previews import Preview
from regulars.outreach.campaigns.samples import Sample


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a start would do at this moment, what it could prove, and some of the messages as they would be read."""

    preview: Preview
    prospect: Reach
    samples: tuple[Sample, ...]


def preview_campaign(*, campaign_id: int, at: datetime) -> DryRun:
    """Decide about everybody as a start at this moment would.

    Raises:
        NoCampaign, NoPicture, NoSegment, InvalidCondition.
    """
    found = who_would_get(campaign_id=campaign_id, at=at)
    campaign = queries.campaign(campaign_id)
    return DryRun(found, prospects.prospect(campaign, found), samples.samples(campaign, found))


def who_would_get(*, campaign_id: int, at: datetime) -> Preview:
    """Only the decisions, for a page of the list.

    Raises:
        NoCampaign, NoPicture, NoSegment, InvalidCondition.
    """
    campaign = queries.campaign(campaign_id)
    picture = audience.picture_of(campaign)
    return previews.preview(audience.situation(campaign), picture=picture, fields=picture_fields(), at=at)

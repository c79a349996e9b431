"""Why did, or didn't, this customer get this campaign?"""

from regulars.core.conditions import Formatter
from regulars.flows.picture_fields import picture_fields
from regulars.outreach.campaigns import audience, queries, trace
from regulars.outreach.campaigns.trace import Answer


def explain_campaign(*, campaign_id: int, customer_id: int, written: Formatter | None = None) -> Answer:
    """The answer in both languages, also for somebody whom the campaign was never meant for.

    Args:
        written: Writes the numbers of conditions that did not hold.
    Raises:
        NoCampaign, NoSegment, InvalidCondition.
    """
    campaign = queries.campaign(campaign_id)
    picture = audience.picture_of(campaign)
    return trace.why(campaign, customer_id, picture=picture, fields=picture_fields(), written=written)

"""Take over the campaigns that came with Complete Journey, and match their redemptions with the orders."""

from regulars.facts.connectors.complete_journey import SOURCE, CompleteJourney
from regulars.outreach.past import actions
from regulars.outreach.past.rules import ToldCampaign, ToldCoupon, ToldRedemption


def load_past_campaigns(*, connector: CompleteJourney) -> None:
    """Keep campaigns, coupons and redemptions of the sample shop; again it does the same. After its orders."""
    actions.take_over(
        source=SOURCE,
        campaigns=[
            ToldCampaign(one.campaign_id, one.kind, one.start_date, one.end_date, one.households)
            for one in connector.campaigns()
        ],
        coupons=[ToldCoupon(*one) for one in connector.coupons()],
        redemptions=[ToldRedemption(*one) for one in connector.redemptions()],
    )

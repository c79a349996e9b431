"""Writing what a campaign decides: the trace for everybody, and a message in the queue for each of the chosen."""

from datetime import datetime
from typing import NamedTuple

from regulars.decisions import actions as decisions
from regulars.decisions import queries as decided
from regulars.decisions.rules import Outcome
from regulars.insight import queries as insight
from regulars.insight.compute.pictures import Picture
from regulars.outreach.campaigns import actions, audience
from regulars.outreach.campaigns.audience import People, Situation, consider
from regulars.outreach.campaigns.rules import CampaignView, about, decide
from regulars.outreach.deliveries.queue import queue_many
from regulars.outreach.deliveries.rules import Queued


class Portion(NamedTuple):
    """How many customers were decided about, and how many of them were chosen."""

    considered: int
    chosen: int

    def plus(self, other: "Portion") -> "Portion":
        """Both together."""
        return Portion(self.considered + other.considered, self.chosen + other.chosen)


def picture_for(campaign: CampaignView) -> Picture | None:
    """The picture that the start looked at; if it was swept away before all were decided, the latest, and noted so."""
    found = audience.picture_of(campaign)
    if found is None and (good := insight.last_good()) is not None:
        actions.look_again(campaign_id=campaign.id, set_name=good.set_name, picture_day=good.day)
        return insight.picture()
    return found


def decided_before(campaign_id: int) -> Portion:
    """What an earlier start, broken off, has decided already."""
    arms = decided.arms(about(campaign_id))
    return Portion(sum(arms.values()), arms[Outcome.CHOSEN])


def decide_portion(people: People, situation: Situation, *, resumed: bool, chosen_before: int, at: datetime) -> Portion:
    """Decide about a portion of the audience, in the caller's transaction: everything of it is written, or nothing.

    Args:
        resumed: Some were perhaps decided about before; they keep that decision.
    """
    campaign = situation.campaign
    if resumed:
        known = decided.found(about(campaign.id), people.ids)
        people = people.only([who not in known for who in people.ids])
    batch = consider(people, situation, at=at)
    made = decide(batch, situation.terms, chosen_before=chosen_before)
    decisions.record_many(about=about(campaign.id), decisions=made, at=at)
    chosen = [
        Queued(known.customer_id, known.language)
        for known, one in zip(batch, made, strict=True)
        if one.outcome is Outcome.CHOSEN
    ]
    queue_many(campaign_id=campaign.id, channel=campaign.plan.channel, people=chosen, at=at)
    return Portion(len(made), len(chosen))

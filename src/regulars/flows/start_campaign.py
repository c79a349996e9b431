"""Start a campaign: it runs, its experiment opens, and then everybody is decided about in portions, once each."""

from collections.abc import Callable, Generator
from datetime import datetime

from django.db import transaction

from regulars.flows.picture_fields import picture_fields
from regulars.flows.transactions import again_if_contended
from regulars.insight import queries as insight
from regulars.outreach.campaigns import actions as campaigns
from regulars.outreach.campaigns import audience, deciding, queries, trial
from regulars.outreach.campaigns.audience import People, Situation
from regulars.outreach.campaigns.deciding import Portion
from regulars.staff import actions as staff
from regulars.staff.rules import Actor


@transaction.atomic
def start_campaign(*, campaign_id: int, by: Actor, key: str, at: datetime) -> None:
    """An approved campaign runs from now on; `queue_campaign`, a job, then decides who gets it.

    Args:
        key: Who does it, as the campaign's moves keep it.
    Raises:
        NoCampaign, NotAllowed.
        NoPicture, NoSegment, InvalidCondition: It is for a segment, which cannot be looked up.
    """
    good = insight.last_good()
    audience.check_readable(queries.campaign(campaign_id), picture=insight.picture(), fields=picture_fields())
    begun = campaigns.begin(
        campaign_id=campaign_id,
        set_name=good.set_name if good else "",
        picture_day=good.day if good else None,
        actor=key,
        at=at,
    )
    trial.open_trial(begun, at=at)
    staff.record(by=by, action="campaigns.start", at=at, subject_kind="campaign", subject_id=campaign_id)


def queue_campaign(*, campaign_id: int, clock: Callable[[], datetime]) -> Generator[int, None, None]:
    """Decide about everybody and queue messages for the chosen; yields how many are decided so far.

    Broken off anywhere, it goes on when called again: who was decided about stays so. It ends early, for later, when
    the campaign is paused, and for good when it is stopped.
    """
    with campaigns.only_one(campaign_id) as alone:
        if not alone or not (campaign := queries.campaign(campaign_id)).is_being_queued:
            return
        situation, fields = audience.situation(campaign), picture_fields()
        before = done = deciding.decided_before(campaign_id)
        picture = deciding.picture_for(campaign)
        for people in audience.portions(campaign, picture=picture, fields=fields, at=clock()):
            portion = _portion(people, situation, before, done, clock())
            if portion is None:
                return
            done = done.plus(portion)
            yield done.considered
        campaigns.note_queued(campaign_id=campaign_id, at=clock())


def _portion(people: People, situation: Situation, before: Portion, done: Portion, at: datetime) -> Portion | None:
    """One portion in one transaction; None, and nothing is written, once the campaign does not run any more."""

    def once() -> Portion | None:
        if not campaigns.keep_running(campaign_id=situation.campaign.id):
            return None
        return deciding.decide_portion(
            people, situation, resumed=before.considered > 0, chosen_before=done.chosen, at=at
        )

    return again_if_contended(once)

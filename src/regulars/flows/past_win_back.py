"""Do the café's past win-back as it was done then: the real actions, at the moments of that day.

Nobody but a demo does this: a campaign's own start looks at the picture of today.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

from regulars.decisions import queries as decisions
from regulars.decisions.rules import Outcome
from regulars.experiments import actions as experiments
from regulars.flows.picture_fields import picture_fields
from regulars.insight.segments import actions as making
from regulars.insight.segments import queries as segments
from regulars.outreach.campaigns import actions as campaigns
from regulars.outreach.campaigns import queries
from regulars.outreach.campaigns.rules import Plan, about
from regulars.outreach.deliveries import by_hand
from regulars.staff import queries as staff

AT_ONCE = 50
EVERYBODY = 100_000
EACH = timedelta(seconds=20)
"""What it takes to paste one message."""


def segment_of(*, preset: str, at: datetime) -> int:
    """The segment that every new shop has; it is made here if nobody was there to do so yet."""
    making.install_presets(fields=picture_fields(), at=at)
    return next(one.id for one in segments.segments() if one.preset == preset)


def begin(*, plan: Plan, picture: Path, day: date, by: str, at: datetime) -> int:
    """Write, approve and start a campaign upon the picture of its day; returns its id.

    Args:
        plan: For a segment. picture: The folder of the set. by: Who does it, as moves keep it.
    """
    assert plan.segment_id is not None
    campaign_id = campaigns.create(plan=plan, actor=by, at=at)
    campaigns.approve(
        campaign_id=campaign_id,
        revision=queries.campaign(campaign_id).revision,
        segment_version=segments.segment(plan.segment_id).version,
        by_another=False,
        actor=by,
        at=at,
    )
    begun = campaigns.begin(campaign_id=campaign_id, set_name=picture.name, picture_day=day, actor=by, at=at)
    experiments.open_for_campaign(
        campaign_id=campaign_id,
        share_percent=plan.held_out_percent,
        window_days=plan.window_days,
        salt=begun.salt,
        at=at,
    )
    return campaign_id


def hand_out(*, campaign_id: int, by: str, at: datetime) -> dict[int, str]:
    """Paste every message of the copy list that is left; returns the code that each customer got on this day."""
    business = staff.business()
    while by_hand.show_next(business=business, at=at, campaign_id=campaign_id, most=AT_ONCE):
        for line in by_hand.lines(business=business, at=at, campaign_id=campaign_id):
            at += EACH
            by_hand.mark_sent(delivery_id=line.delivery_id, actor=by, at=at)
    done = by_hand.done_today(business=business, at=at, campaign_id=campaign_id, most=EVERYBODY)
    return {line.customer_id: line.code for line in done if line.state == "sent"}


def held_out(*, campaign_id: int) -> list[int]:
    """Whom the lot left alone."""
    return [who for portion in decisions.chunks(about(campaign_id), Outcome.HELD_OUT) for who in portion]

"""Bring a campaign into another state: approved or a draft again, paused, resumed, stopped. Each move is audited."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from regulars.insight.segments import queries as segments
from regulars.outreach import queries as outreach
from regulars.outreach.campaigns import actions as campaigns
from regulars.outreach.campaigns import queries
from regulars.outreach.campaigns.rules import State
from regulars.outreach.deliveries import queue
from regulars.staff import actions as staff
from regulars.staff.rules import Actor

ENDED: Final[Mapping[State, str]] = {State.STOPPED: "stopped", State.DONE: "over"}
"""Why a message never left, by how its campaign ended."""


@transaction.atomic
def approve_campaign(*, campaign_id: int, revision: int, by: Actor, key: str, at: datetime) -> None:
    """Say that a draft may run as it stands; whom its segment means is frozen now.

    Args:
        revision: What was looked at. key: Who does it, as the campaign's moves keep it.
    Raises:
        NoCampaign, NotAllowed, CampaignChanged, OwnApproval, NoSegment: As they say.
    """
    segment_id = queries.campaign(campaign_id).plan.segment_id
    campaigns.approve(
        campaign_id=campaign_id,
        revision=revision,
        segment_version=segments.segment(segment_id).version if segment_id is not None else None,
        by_another=outreach.settings().approved_by_another,
        actor=key,
        at=at,
    )
    _record("campaigns.approve", campaign_id, by, at)


@transaction.atomic
def withdraw_campaign(*, campaign_id: int, by: Actor, key: str, at: datetime) -> None:
    """Make an approved campaign that has not started a draft again."""
    campaigns.withdraw(campaign_id=campaign_id, actor=key, at=at)
    _record("campaigns.withdraw", campaign_id, by, at)


@transaction.atomic
def pause_campaign(*, campaign_id: int, by: Actor, key: str, at: datetime, reason: str = "") -> None:
    """Nothing more leaves until somebody resumes it."""
    campaigns.pause(campaign_id=campaign_id, actor=key, at=at, reason=reason)
    _record("campaigns.pause", campaign_id, by, at)


@transaction.atomic
def resume_campaign(*, campaign_id: int, by: Actor, key: str, at: datetime) -> None:
    """Messages leave again; if not everybody was decided about, `queue_campaign` goes on."""
    campaigns.resume(campaign_id=campaign_id, actor=key, at=at)
    _record("campaigns.resume", campaign_id, by, at)


@transaction.atomic
def stop_campaign(*, campaign_id: int, by: Actor, key: str, at: datetime, reason: str = "") -> None:
    """Nothing more leaves, for good; what was decided stays. `close_campaign`, a job, then empties the queue."""
    campaigns.stop(campaign_id=campaign_id, actor=key, at=at, reason=reason)
    _record("campaigns.stop", campaign_id, by, at)


def close_campaign(*, campaign_id: int, clock: Callable[[], datetime]) -> Iterator[int]:
    """Write down of every waiting message of a campaign that has ended why it never left; yields how many so far."""
    done, reason = 0, ENDED.get(queries.campaign(campaign_id).state)
    while reason and (some := queue.close_some(campaign_id=campaign_id, reason=reason, at=clock())):
        done += some
        yield done


def _record(action: str, campaign_id: int, by: Actor, at: datetime) -> None:
    staff.record(by=by, action=action, at=at, subject_kind="campaign", subject_id=campaign_id)

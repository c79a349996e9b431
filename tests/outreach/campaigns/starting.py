"""Approving and starting campaigns of the town, as people and the job would."""

from datetime import datetime
from typing import Any

from regulars.flows import move_campaign, start_campaign
from regulars.staff.rules import SYSTEM
from tests.outreach.campaigns.plans import draft, later
from tests.outreach.campaigns.town import Town


def clock() -> datetime:
    return later(hours=3)


def approved(town: Town, **changes: Any) -> int:
    one = draft(**{"segment_id": town.segment, "customers": None, **changes})
    move_campaign.approve_campaign(campaign_id=one, revision=1, by=SYSTEM, key="user:2", at=later(hours=1))
    return one


def started(town: Town, **changes: Any) -> int:
    one = approved(town, **changes)
    start_campaign.start_campaign(campaign_id=one, by=SYSTEM, key="user:2", at=later(hours=2))
    return one


def run(campaign_id: int) -> list[int]:
    return list(start_campaign.queue_campaign(campaign_id=campaign_id, clock=clock))

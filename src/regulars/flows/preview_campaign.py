"""A dry run of a campaign: who would get what and who not, with what it could prove. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from django.db import transaction

from regulars.core import tabular
from regulars.experiments.power import Reach
from regulars.flows.picture_fields import picture_fields
from regulars.loyalty.membership import number_of
from regulars.outreach.campaigns import audience, previews, prospects, queries, samples
from regulars.outreach.campaigns.previews import Preview
from regulars.outreach.campaigns.samples import Sample
from regulars.staff import actions as staff
from regulars.staff.rules import Actor

LIST = pa.schema(
    [("customer_id", pa.int64()), ("number", pa.string()), ("outcome", pa.string()), ("reason", pa.string())]
)


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


@transaction.atomic
def export_preview(*, campaign_id: int, file: Path, by: Actor, at: datetime) -> int:
    """Write the whole list to a .csv or .parquet file, and record that it was done; returns the number of rows."""
    found = who_would_get(campaign_id=campaign_id, at=at)
    rows = (
        (line.customer_id, number_of(line.customer_id), line.outcome.name.lower(), line.reason)
        for line in found.lines()
    )
    count = tabular.write(file, LIST, rows)
    detail = {"rows": count}
    staff.record(
        by=by, action="campaigns.export", at=at, subject_kind="campaign", subject_id=campaign_id, detail=detail
    )
    return count

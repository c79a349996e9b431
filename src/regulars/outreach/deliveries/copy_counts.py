"""How far the copy list has come today, by campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.core.calendar import business_date, start_of_day, zone
from regulars.outreach.campaigns.queries import name_of
from regulars.outreach.channels.copy_list import CHANNEL
from regulars.outreach.models import Campaign
from regulars.staff.rules import BusinessProfile

# What a paused campaign still holds is not on the list, while what was done for it today stays done.
COUNTS = f"""
SELECT d.campaign_id,
  count(*) FILTER (WHERE d.state = 'queued' AND (c.id IS NULL OR c.state = 'running')),
  count(*) FILTER (WHERE d.state = 'shown' AND (c.id IS NULL OR c.state = 'running')),
  count(*) FILTER (WHERE d.state = 'sent' AND d.ended_at >= %s),
  count(*) FILTER (WHERE d.state = 'skipped' AND d.ended_at >= %s)
FROM outreach_delivery d LEFT JOIN outreach_campaign c ON c.id = d.campaign_id
WHERE d.channel = '{CHANNEL.code}' AND (
  d.state IN ('queued', 'shown') OR (d.state IN ('sent', 'skipped') AND d.ended_at >= %s))
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class DayOfList:
    """A campaign's part of today's copy list; `campaign_id` None: single messages. `name` in both languages."""

    campaign_id: int | None
    name: Text
    waiting: int
    shown: int
    sent: int
    skipped: int

    @property
    def left(self) -> int:
        """Still to be done."""
        return self.waiting + self.shown

    @property
    def done(self) -> int:
        """Answered today."""
        return self.sent + self.skipped


def today(*, business: BusinessProfile, at: datetime) -> list[DayOfList]:
    """The campaigns that have, or had today, somebody on the copy list; the oldest first."""
    in_zone = zone(business.time_zone)
    began = start_of_day(business_date(at, in_zone), in_zone)
    rows = [row for row in bulk.run(connection, COUNTS, [began, began, began]) if any(row[1:])]
    names = names_of([row[0] for row in rows if row[0] is not None])
    return [DayOfList(row[0], names.get(row[0], Text("", "")), *row[1:]) for row in rows]


def names_of(campaign_ids: Sequence[int]) -> dict[int, Text]:
    """Campaigns' names by id."""
    rows = Campaign.objects.filter(pk__in=set(campaign_ids)).values_list("pk", "names")
    return {pk: name_of(names) for pk, names in rows}

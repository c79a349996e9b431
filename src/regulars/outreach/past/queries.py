"""Reading campaigns of other systems, and how their redemptions fit."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from regulars.core import bulk
from regulars.outreach.past.rules import Match, PastView

VIEWS = """
SELECT p.key, p.kind, p.start_date, p.end_date,
  (SELECT count(DISTINCT k.canonical_id) FROM outreach_pastreach h JOIN customers_identity i ON i.id = h.identity_id
   JOIN customers_customer k ON k.id = i.customer_id WHERE h.campaign_id = p.id),
  (SELECT count(*) FROM outreach_pastcoupon c WHERE c.campaign_id = p.id),
  (SELECT count(DISTINCT k.canonical_id) FROM outreach_pastredemption r
   JOIN customers_identity i ON i.id = r.identity_id JOIN customers_customer k ON k.id = i.customer_id
   WHERE r.source = p.source AND r.campaign_key = p.key)
FROM outreach_pastcampaign p WHERE p.source = %s ORDER BY p.start_date, p.key
"""
COUNTS = """
SELECT campaign_key, match, count(*) FROM outreach_pastredemption WHERE source = %s GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class RedemptionView:
    """A redemption. `customer_id` stands for the group, None if nobody is known; `fact_id` is the order it matched."""

    id: int
    campaign_key: str
    code: str
    customer_id: int | None
    on: date
    match: Match
    fact_id: int | None


def sources() -> list[str]:
    """Systems whose campaigns are known."""
    rows = bulk.run(connection, "SELECT DISTINCT source FROM outreach_pastcampaign ORDER BY 1")
    return [row[0] for row in rows]


def past_campaigns(source: str) -> list[PastView]:
    """A system's campaigns, the earliest first."""
    counted: dict[str, dict[Match, int]] = {}
    for key, match, count in bulk.run(connection, COUNTS, [source]):
        counted.setdefault(key, {})[Match(match)] = count
    return [
        PastView(
            row[0], row[1], row[2], row[3], row[4], row[5], sum(counted.get(row[0], {}).values()), row[6],
            counted.get(row[0], {}),
        )
        for row in bulk.run(connection, VIEWS, [source])
    ]  # fmt: skip


def by_match(source: str) -> dict[Match, int]:
    """How many of a system's redemptions fit in which way; all of `Match`, those of no known campaign included."""
    rows = bulk.run(
        connection, "SELECT match, count(*) FROM outreach_pastredemption WHERE source = %s GROUP BY 1", [source]
    )
    return dict.fromkeys(Match, 0) | {Match(row[0]): row[1] for row in rows}


def redemptions(
    source: str, *, most: int, after: int = 0, campaign_key: str | None = None, match: Match | None = None
) -> list[RedemptionView]:
    """The next redemptions by id, all or those of a campaign or of a way to fit."""
    rows = bulk.run(
        connection,
        """SELECT r.id, r.campaign_key, r.code, k.canonical_id, r.on_date, r.match, r.fact_id
           FROM outreach_pastredemption r LEFT JOIN customers_identity i ON i.id = r.identity_id
           LEFT JOIN customers_customer k ON k.id = i.customer_id
           WHERE r.source = %s AND r.id > %s AND (%s::text IS NULL OR r.campaign_key = %s)
             AND (%s::text IS NULL OR r.match = %s) ORDER BY r.id LIMIT %s""",
        [source, after, campaign_key, campaign_key, match, match, most],
    )
    return [RedemptionView(*(*row[:5], Match(row[5]), row[6])) for row in rows]

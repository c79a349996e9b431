"""What lists of campaigns say beside each: its name, and what became of its messages."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.outreach.campaigns.queries import name_of
from regulars.outreach.models import Campaign


@dataclass(frozen=True, slots=True)
class Sent:
    """Messages of a campaign: all of them, those that left (or may have), those that wait."""

    messages: int = 0
    sent: int = 0
    waiting: int = 0


SENT = """
SELECT d.campaign_id, count(*), count(*) FILTER (WHERE d.state IN ('sent', 'unknown')),
       count(*) FILTER (WHERE d.state IN ('queued', 'sending', 'shown'))
FROM outreach_delivery d WHERE d.campaign_id = ANY(%b::bigint[]) GROUP BY 1
"""


def sent(campaign_ids: Collection[int]) -> dict[int, Sent]:
    """campaign id → its messages; one without messages is left out."""
    rows = bulk.run(connection, SENT, [bulk.Column("bigint", sorted(set(campaign_ids)))])
    return {row[0]: Sent(*row[1:]) for row in rows}


def names(campaign_ids: Collection[int]) -> dict[int, Text]:
    """campaign id → its name; one that does not exist is left out."""
    rows = Campaign.objects.filter(pk__in=set(campaign_ids)).values_list("id", "names")
    return {campaign_id: name_of(told) for campaign_id, told in rows}


def shares(campaign_ids: Collection[int]) -> dict[int, str]:
    """campaign id → how many percent were to be held out, as people write it."""
    rows = Campaign.objects.filter(pk__in=set(campaign_ids)).values_list("id", "held_out_percent")
    return {campaign_id: f"{percent.normalize():f}" for campaign_id, percent in rows}


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a customer's message: its state, and why it never arrived, with numbers for the words."""

    state: str
    reason: str
    numbers: dict[str, Any] | None


BECAME = """
SELECT d.customer_id, d.state, d.reason, d.numbers FROM outreach_delivery d
WHERE d.campaign_id = %s AND d.customer_id = ANY(%b::bigint[])
"""


def became(campaign_id: int, customer_ids: Collection[int]) -> dict[int, Became]:
    """customer id → what became of their message; who was sent none is left out."""
    rows = bulk.run(connection, BECAME, [campaign_id, bulk.Column("bigint", sorted(set(customer_ids)))])
    return {row[0]: Became(*row[1:]) for row in rows}

"""Opens and clicks, with people told from the scanners that follow every link before them.

Links lead to an address of ours that names the message and the link's place; where it goes on to stands in the
campaign's own words, so nobody can use us to send people elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from regulars.core import bulk
from regulars.outreach.deliveries.rules import links_in
from regulars.outreach.models import Delivery, Touch

MOST_KEPT: Final = 30
"""Touches of one message; more say nothing new."""
HASTE: Final = timedelta(seconds=5)
"""Nobody reads a message and follows a link within so little time after it left."""
SWEEP: Final = timedelta(seconds=2)
"""Several links of one message within so little time are a scanner's doing."""
MACHINES: Final = (
    "bot", "crawl", "spider", "scan", "preview", "proofpoint", "mimecast", "barracuda", "safelinks", "fireeye",
    "symantec", "trendmicro", "sophos", "curl", "wget", "python", "java/", "go-http", "okhttp",
    "httpclient", "headless",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Touched:
    """How many messages of a campaign were opened or clicked, by people and by machines alone."""

    opened: int
    opened_by_machines: int
    clicked: int
    clicked_by_machines: int


def machine_of(*, method: str, agent: str, since_sent: timedelta | None) -> str:
    """What gives a scanner away: 'head', 'agent' or 'haste'; '' for what looks like a person.

    Args:
        agent: What the program calls itself; people's browsers always say something.
        since_sent: How long ago the message left.
    """
    if method == "HEAD":
        return "head"
    if not agent.strip() or any(sign in agent.lower() for sign in MACHINES):
        return "agent"
    return "haste" if since_sent is None or since_sent < HASTE else ""


@transaction.atomic
def click(*, token: UUID, link: int, method: str, agent: str, at: datetime) -> str | None:
    """Count a click; the address that the link leads to, None if there is no such message or link."""
    one = Delivery.objects.select_for_update(no_key=True).filter(token=token).first()
    if one is None:
        return None
    links = _links(one)
    if not 0 <= link < len(links):
        return None
    if _room(one):
        machine = machine_of(method=method, agent=agent, since_sent=_since(one, at))
        lately = Touch.objects.filter(delivery=one, kind="click", at__gt=at - SWEEP).exclude(link=link)
        if not machine and lately.exists():
            machine = "sweep"
        if machine == "sweep":
            lately.filter(machine="").update(machine=machine)
        Touch.objects.create(delivery=one, kind="click", link=link, at=at, machine=machine)
    return links[link]


@transaction.atomic
def open_(*, token: UUID, method: str, agent: str, at: datetime) -> bool:
    """Count an open; False if there is no such message."""
    one = Delivery.objects.select_for_update(no_key=True).filter(token=token).first()
    if one is None:
        return False
    if _room(one):
        machine = machine_of(method=method, agent=agent, since_sent=_since(one, at))
        Touch.objects.create(delivery=one, kind="open", at=at, machine=machine)
    return True


def touched(campaign_id: int) -> Touched:
    """What readers of a campaign did. A message that a person touched counts for people, whatever scanners did too."""
    rows = bulk.run(
        connection,
        """SELECT count(*) FILTER (WHERE o > 0), count(*) FILTER (WHERE o = 0 AND mo > 0),
                  count(*) FILTER (WHERE k > 0), count(*) FILTER (WHERE k = 0 AND mk > 0)
           FROM (SELECT count(*) FILTER (WHERE t.kind = 'open' AND t.machine = '') AS o,
                        count(*) FILTER (WHERE t.kind = 'open' AND t.machine <> '') AS mo,
                        count(*) FILTER (WHERE t.kind = 'click' AND t.machine = '') AS k,
                        count(*) FILTER (WHERE t.kind = 'click' AND t.machine <> '') AS mk
                 FROM outreach_touch t JOIN outreach_delivery d ON d.id = t.delivery_id
                 WHERE d.campaign_id = %s GROUP BY d.id) one""",
        [campaign_id],
    )
    return Touched(*rows[0])


def _links(one: Delivery) -> Sequence[str]:
    content: Any = one.content
    if content is None and one.campaign is not None:
        content = one.campaign.content
    told = (content or {}).get(one.language) or {}
    return links_in(told.get("body", ""))


def _room(one: Delivery) -> bool:
    return Touch.objects.filter(delivery=one).count() < MOST_KEPT


def _since(one: Delivery, at: datetime) -> timedelta | None:
    return None if one.sending_at is None else at - one.sending_at

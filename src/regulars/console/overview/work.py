"""What the overview says about the work at hand: an alarm, tasks that are due, campaigns that are under way."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse

from regulars.console import task_cards
from regulars.console.access import StaffRequest
from regulars.console.coupons.guesses import alarm
from regulars.console.reader import said
from regulars.outreach.campaigns import queries as campaigns
from regulars.outreach.campaigns.rules import State
from regulars.outreach.campaigns.words import STATES
from regulars.playbooks import queries as playbooks

FIRST = 3
TONES = {State.RUNNING: "ok", State.PAUSED: "warn", State.APPROVED: "info"}


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign under way, with its state in words."""

    name: str
    state: str
    tone: str
    icon: str
    since: datetime
    url: str


def work(request: StaffRequest) -> dict[str, object]:
    """This person's tasks (everybody's for who leads), and the campaigns under way; each for those who may see it.

    Wrong coupon codes come before both, when they are more than typing errors.
    """
    found: dict[str, object] = {"guess_alarm": alarm(request)}
    if "tasks.do" in request.capabilities:
        desk, whose = task_cards.desk(request), task_cards.whose(request)
        counts = playbooks.todo_counts(today=desk.today, today_from=desk.began, owner_id=whose)
        first = playbooks.todo(today=desk.today, owner_id=whose, most=FIRST) if counts.open else []
        found |= {"todo_counts": counts, "todo": desk.cards(first) if first else [], "todo_of_all": whose is None}
    if "campaigns.view" in request.capabilities:
        under_way = campaigns.campaigns(states=TONES.keys(), most=FIRST)
        found["under_way"] = [
            CampaignLine(
                said(one.plan.name), said(STATES[one.state]), TONES[one.state],
                "clipboard-list" if one.plan.channel == "copy_list" else "mail", one.started_at or one.created_at,
                _url(one.id),
            )
            for one in under_way
        ]  # fmt: skip
    return found


def _url(campaign_id: int) -> str:
    try:
        return reverse("campaign", args=[campaign_id])
    except NoReverseMatch:
        return ""

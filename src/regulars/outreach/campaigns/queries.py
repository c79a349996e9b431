"""Reading campaigns and who moved them on."""

from collections.abc import Collection
from typing import Any

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.outreach.campaigns.rules import CampaignView, Message, Move, Plan, State
from regulars.outreach.models import Campaign, CampaignMove

KEPT_AS_IS = (
    "goal", "channel", "segment_id", "offer_id", "held_out_percent", "no_hold_out_reason", "window_days",
    "most_messages", "most_coupons", "pace_per_hour", "sends_from", "sends_until",
)  # fmt: skip
BESIDES = (
    "revision", "segment_version", "offer_version", "salt", "created_at", "created_by", "changed_at", "changed_by",
    "copied_from_id", "started_at", "queued_at", "set_name", "picture_day",
)  # fmt: skip


class NoCampaign(DomainError):
    """There is no such campaign."""

    code = "no_campaign"


def campaigns(*, states: Collection[str] | None = None, most: int = 200) -> list[CampaignView]:
    """Campaigns, the latest first, perhaps only those in some states."""
    rows = Campaign.objects.order_by("-id")
    if states is not None:
        rows = rows.filter(state__in=[str(state) for state in states])
    return [view_of(row) for row in rows[:most]]


def campaign(campaign_id: int) -> CampaignView:
    """One campaign.

    Raises:
        NoCampaign: There is none.
    """
    row = Campaign.objects.filter(pk=campaign_id).first()
    if row is None:
        raise NoCampaign("There is no such campaign.")
    return view_of(row)


def moves(campaign_id: int) -> list[Move]:
    """How a campaign came to its state, oldest first."""
    rows = CampaignMove.objects.filter(campaign_id=campaign_id).order_by("id")
    return [Move(one.from_state, one.to_state, one.at, one.by, one.reason) for one in rows]


def view_of(row: Any) -> CampaignView:
    """A kept campaign as rooms above see it."""
    content = {language: Message(told["subject"], told["body"]) for language, told in row.content.items()}
    customers = tuple(row.customers) if row.customers is not None else None
    kept = {name: getattr(row, name) for name in KEPT_AS_IS}
    plan = Plan(name=name_of(row.names), content=content, customers=customers, **kept)
    return CampaignView(row.pk, plan, State(row.state), *(getattr(row, name) for name in BESIDES))


def name_of(names: dict[str, str]) -> Text:
    """A name in both languages; where one is missing, the other stands in for it."""
    either = names.get("zh") or names.get("en") or ""
    return Text(names.get("zh") or either, names.get("en") or either)

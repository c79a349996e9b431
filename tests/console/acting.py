"""A shop whose pages of action have something to act on: guests on the copy list, coupons, tasks."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from regulars.core.bilingual import Text
from regulars.facts.connectors.complete_journey import SOURCE
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.outreach.deliveries.queue import queue_many
from regulars.outreach.deliveries.rules import Queued
from regulars.outreach.models import Campaign
from regulars.outreach.past import actions as past
from regulars.outreach.past.rules import ToldCampaign, ToldCoupon, ToldRedemption
from regulars.playbooks import actions as playbooks
from regulars.playbooks import queries
from regulars.playbooks.rules import Endangered
from regulars.staff import queries as staff
from tests.flows.world import SHANGHAI, query

WORDS = {
    "zh": {"subject": "回来坐坐", "body": "{{name}}，好久不见！{{offer}}，券码 {{code}}，{{expires}} 前有效。"},
    "en": {"subject": "Come back", "body": "{{name}}, we miss you. {{offer}}: {{code}}, until {{expires}}."},
}
HX = {"HX-Request": "true"}


def noon() -> datetime:
    """Twelve o'clock today where the shop is: within the hours of sending."""
    return timezone.localtime(timezone=SHANGHAI).replace(hour=12, minute=0, second=0, microsecond=0)


def an_offer(value: int = 1000, least: int = 3000, kind: OfferKind = OfferKind.AMOUNT_OFF, days: int = 14) -> int:
    """¥10 off from ¥30, if nothing else is said."""
    gift = Text("美式一杯", "a coffee") if kind is OfferKind.GIFT else Text("", "")
    terms = Terms(kind, value=value, gift=gift, min_spend_minor=least, days_valid=days)
    return coupons.create(name=Text("回归券", "Welcome back"), terms=terms, actor="test", at=timezone.now())


def a_coupon(offer_id: int, customer_id: int | None = None, key: str = "test:1", at: datetime | None = None) -> str:
    """A code on an offer."""
    return coupons.issue(
        offer_id=offer_id, key=key, zone=SHANGHAI, at=at or timezone.now(), customer_id=customer_id
    ).code


def members() -> dict[str, int]:
    """Customers by name."""
    return {row[1]: row[0] for row in query("SELECT id, name FROM customers_customer WHERE id = canonical_id")}


def a_copy_list(people: list[int], **more: Any) -> int:
    """A running campaign by hand for these."""
    now = timezone.now()
    more |= {"offer_version": 1} if "offer_id" in more else {}
    made = Campaign.objects.create(
        names={"zh": "请回来", "en": "Come back"}, customers=people, channel="copy_list", content=WORDS,
        state="running", created_at=now, changed_at=now, started_at=now, salt="salt", **more,
    )  # fmt: skip
    queue_many(campaign_id=made.pk, channel="copy_list", people=[Queued(one, "") for one in people], at=now)
    return made.pk


def past_campaigns(*buyers: str) -> None:
    """Two campaigns of another system, with redemptions of these, who are known by its numbers, and of a stranger."""
    day = timezone.localdate() - timedelta(days=40)
    week = timedelta(days=7)
    past.take_over(
        source=SOURCE,
        campaigns=[
            ToldCampaign("18", "TypeA", day - week, day + week, buyers),
            ToldCampaign("19", "TypeB", day - 3 * week, day - 2 * week, buyers),
        ],
        coupons=[ToldCoupon("1001", "P1", "18"), ToldCoupon("1002", "P2", "19")],
        redemptions=[ToldRedemption(who, "1001", "18", day) for who in (*buyers, "stranger")],
    )


WHY = {"feature": "silence_ratio", "direction": "raises", "effect": 1.2, "value": 20.0, "usual": 6.0, "companion": 4.0,
       "choice": "own"}  # fmt: skip


def alerts(*people: int, days_ago: int = 0) -> None:
    """Tasks of whoever may have them, because these seem to be leaving."""
    at = timezone.now() - timedelta(days=days_ago)
    playbooks.install_presets(at=at)
    book = queries.playbooks()[0]
    told = {"spent_365_minor": 238_000, "recency_days": 32, "usual_gap_days": 5.0, "churn_risk": 0.78}
    playbooks.raise_many(
        playbook_id=book.id, day=timezone.localdate(at), zone=SHANGHAI, at=at, floor_minor=1,
        found=[Endangered(one, 0.78, 238_000 - one, None, told) for one in people],
        tell=lambda ids: {one: {"reasons": [WHY]} for one in ids},
    )  # fmt: skip


def me(client: Client) -> int:
    """The id of whoever is signed in."""
    user = staff.member(int(client.session["_auth_user_id"]))
    assert user is not None
    return user.id

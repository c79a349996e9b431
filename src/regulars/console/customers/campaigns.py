"""A card of a customer's page: campaigns that considered them and why, their coupons, their messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.console.access import StaffRequest
from regulars.console.campaigns.trace import DELIVERY_TONES, OUTCOMES, WAS_CHOSEN
from regulars.console.campaigns.words import channel, terms
from regulars.console.context import business_of
from regulars.console.coupons.words import code_for
from regulars.console.reader import said
from regulars.core.bilingual import Text
from regulars.customers import consents
from regulars.decisions.queries import DecisionView
from regulars.decisions.rules import Outcome
from regulars.loyalty.coupons import queries as coupons
from regulars.loyalty.coupons.queries import CouponView
from regulars.outreach.campaigns import listing, trace, words
from regulars.outreach.deliveries import queries as deliveries
from regulars.outreach.deliveries import words as delivery_words
from regulars.outreach.deliveries.queries import DeliveryView

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Considered:
    """A campaign that looked at the customer, with what became of the message if there was one."""

    url: str
    name: str
    outcome: str
    tone: str
    why: str
    at: datetime
    message: str
    message_tone: str
    message_why: str


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon; `state` in a word or two, `last_day` the last on which it is good."""

    name: str
    code: str
    state: str
    tone: str
    last_day: date


@dataclass(frozen=True, slots=True)
class Note:
    """A message that belongs to no campaign that considered them."""

    channel: str
    state: str
    tone: str
    at: datetime


def campaigns_card(request: StaffRequest, customer_id: int) -> dict[str, object]:
    """For the page's template; empty for those who may not see campaigns."""
    if "campaigns.view" not in request.capabilities:
        return {}
    group = consents.group(customer_id)
    decided = trace.of_customer(customer_id, most=2 * SHOWN)
    sent = deliveries.of_customer(group, most=4 * SHOWN)
    by_campaign = {one.campaign_id: one for one in reversed(sent) if one.campaign_id is not None}
    known = listing.names({one.about.id for one in decided})
    shares = listing.shares({one.about.id for one in decided})
    return {
        "campaigns": {
            "considered": [
                _considered(one, known, shares, by_campaign.get(one.about.id)) for one in decided[:SHOWN]
            ],
            "coupons": [_coupon(request, one) for one in coupons.of_customer(group, most=SHOWN)],
            "notes": _notes(sent, {one.about.id for one in decided}),
        }
    }  # fmt: skip


def _considered(
    one: DecisionView, known: dict[int, Text], shares: dict[int, str], message: DeliveryView | None
) -> Considered:
    label, tone = OUTCOMES[one.outcome]
    reason = said(delivery_words.said(message.reason, message.numbers)) if message and message.reason else ""
    name = known.get(one.about.id)
    return Considered(
        url=reverse("campaign", args=[one.about.id]),
        name=said(name) if name else "",
        outcome=said(WAS_CHOSEN if one.outcome is Outcome.CHOSEN else label),
        tone=tone,
        why=said(words.sentence_of(one.reason, {"percent": shares.get(one.about.id, "?"), **one.numbers})),
        at=one.decided_at,
        message=said(delivery_words.STATES[message.state]) if message else "",
        message_tone=DELIVERY_TONES.get(message.state, "mute") if message else "",
        message_why=reason,
    )


def _coupon(request: StaffRequest, one: CouponView) -> Coupon:
    now = timezone.now()
    if one.voided_at is not None:
        state, tone = _("taken back"), "mute"
    elif one.used >= one.terms.uses_most:
        state, tone = _("used"), "ok"
    elif one.expires_at <= now:
        state, tone = _("expired"), "mute"
    else:
        state, tone = _("good"), "pri"
    return Coupon(
        name=terms(one.terms, business_of(request).currency),
        code=code_for(request, one.code),
        state=state,
        tone=tone,
        last_day=timezone.localtime(one.expires_at - timedelta(microseconds=1)).date(),
    )


def _notes(sent: Sequence[DeliveryView], considered: set[int]) -> list[Note]:
    """Messages of which no decision above tells."""
    found = [one for one in sent if one.campaign_id is None or one.campaign_id not in considered]
    return [
        Note(
            channel(one.channel), said(delivery_words.STATES[one.state]), DELIVERY_TONES.get(one.state, "mute"),
            one.ended_at or one.queued_at,
        )
        for one in found[:SHOWN]
    ]  # fmt: skip

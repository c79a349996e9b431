"""Guests of a café with e-mail addresses and consent, campaigns that run, and one run of the worker."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from regulars.customers import actions as customers
from regulars.customers.actions import Word
from regulars.customers.actions.arrivals import Arrival
from regulars.customers.identities import Identity, IdentityKind
from regulars.flows.send_messages import send_messages
from regulars.outreach.deliveries.queue import queue_many
from regulars.outreach.deliveries.rules import Queued, Tally
from regulars.outreach.models import Campaign, Delivery
from regulars.staff import actions as staff
from regulars.staff import queries
from regulars.staff.rules import SYSTEM, BusinessProfile

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""Twelve o'clock in Shanghai."""
WORDS = {
    "zh": {"subject": "{{name}}，好久不见", "body": "{{name}}，来喝杯咖啡吧。\n\n菜单：https://cafe.example/menu"},
    "en": {"subject": "{{name}}, we miss you", "body": "Come back, {{name}}.\n\nMenu: https://cafe.example/menu"},
}


def business(language: str = "zh-hans") -> BusinessProfile:
    """The café."""
    staff.change_business(by=SYSTEM, at=NOON, name="山茶咖啡", language=language, time_zone="Asia/Shanghai")
    return queries.business()


def guests(*addresses: str, consent: bool | None = True, named: bool = True) -> list[int]:
    """New customers with these e-mail addresses ('' has none); by default all agreed to promotions by e-mail."""
    arrivals = [
        Arrival(
            (Identity(IdentityKind.MEMBER_NUMBER, "", f"{address or 'x'}-{place}"),)
            + ((Identity(IdentityKind.EMAIL, "", address),) if address else ()),
            {"name": f"客{place}"} if named else {},
            date(2026, 1, 1),
        )
        for place, address in enumerate(addresses, start=1)
    ]
    found = customers.identify(arrivals=arrivals, at=NOON - timedelta(days=90))
    ids = [found.owners[identity or 0][1] for identity in found.ids]
    if consent is not None:
        say(*ids, granted=consent)
    return ids


def say(*ids: int, granted: bool, channel: str = "email", purpose: str = "promotion", days: int = -30) -> None:
    """They allow or forbid messages."""
    at = NOON + timedelta(days=days)
    customers.record_consents([Word(one, purpose, channel, granted, at, "staff", "test") for one in ids])


def campaign(people: Sequence[int], *, channel: str = "email", state: str = "running", **more: Any) -> int:
    """A campaign with a message in the queue for each of these; returns its id."""
    if "offer_id" in more:
        more["offer_version"] = 1
    made = Campaign.objects.create(
        names={"zh": "召回"}, customers=list(people), channel=channel, content=more.pop("content", WORDS), state=state,
        created_at=NOON, changed_at=NOON, started_at=NOON, salt="salt", **more,
    )  # fmt: skip
    queue_many(campaign_id=made.pk, channel=channel, people=[Queued(one, "zh") for one in people], at=NOON)
    return made.pk


def work(at: datetime = NOON, *, stop: Callable[[], bool] = lambda: False) -> Tally:
    """One run of the worker at a moment that stands still."""
    return send_messages(clock=lambda: at, stop=stop)


def ends(campaign_id: int) -> Counter[tuple[str, str]]:
    """How many messages ended how: (state, reason)."""
    return Counter(Delivery.objects.filter(campaign_id=campaign_id).values_list("state", "reason"))


def one(campaign_id: int, customer_id: int) -> Delivery:
    """The message of a campaign to a customer."""
    return Delivery.objects.get(campaign_id=campaign_id, customer_id=customer_id)


def hour(value: int) -> time:
    """A time of day."""
    return time(value)

"""Following both feeds: what was recorded becomes messages, and each waits for the endpoints that want it.

Messages, deliveries and both bounds are written in one transaction: nothing is told twice or missed, whenever a worker
ends. While no endpoint is there, nobody follows, and rooms note no changes.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import orjson
from django.db import connection, transaction

from regulars.changes import actions as changes
from regulars.changes import queries as change_feed
from regulars.core import bulk
from regulars.core.calendar import business_date, zone
from regulars.customers import noted as customers
from regulars.customers import queries as customer_queries
from regulars.facts import noted as facts
from regulars.facts import queries as fact_feed
from regulars.loyalty import queries as loyalty
from regulars.loyalty.membership import number_of
from regulars.staff import queries as staff
from regulars.webhooks.events import making
from regulars.webhooks.events.catalogue import CHOICES, OF_FACTS
from regulars.webhooks.events.making import Told
from regulars.webhooks.models import Bound, Endpoint
from regulars.webhooks.rules import Event, new_token

FOLLOWER: Final = "webhooks"
BATCH: Final = 2000
MESSAGE: Final = ("text", "text", "timestamptz", "text", "text")
WRITE = f"""
WITH made AS (
  INSERT INTO webhooks_message (token, kind, at, data, who, made_at)
  SELECT token, kind, at, data::jsonb, who::jsonb, %s FROM {bulk.unnest(*MESSAGE)} AS n (token, kind, at, data, who)
  RETURNING id, kind
)
INSERT INTO webhooks_delivery (message_id, endpoint_id, state, tries, begun_at, due_at, trouble)
SELECT m.id, e.id, 'waiting', 0, %s, %s, '' FROM made m
JOIN webhooks_endpoint e ON e.removed_at IS NULL AND e.off_at IS NULL
  AND (e.events = '{{}}' OR m.kind = ANY(e.events))
ORDER BY m.id, e.id
"""


class _Hearers(NamedTuple):
    """What all endpoints together want to hear, and the sources whose ids they may."""

    kinds: frozenset[str]
    sources: frozenset[str]


def follow(*, at: datetime) -> bool:
    """Make messages of what is new in the feeds, a batch; whether there may be more. One at a time: others leave.

    Until the programme is set up, everything waits.
    """
    if not loyalty.has_programme():
        return False
    with transaction.atomic():
        bound = Bound.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=1).first()
        if bound is None:
            return False
        # Read once the bound is locked: whoever makes an endpoint locks it first.
        hearers = _hearers()
        if hearers is None:
            bound.delete()
            changes.unfollow(FOLLOWER)
            return False
        return _follow(bound, hearers, at)


def begin(*, at: datetime) -> None:
    """Follow from now on, unless it is followed already. To be called in the transaction that makes an endpoint."""
    if Bound.objects.select_for_update(no_key=True).filter(pk=1).exists():
        return
    epoch, xid = facts.end_of_feed()
    changes.follow(FOLLOWER)
    today = business_date(at, zone(staff.business().time_zone))
    Bound.objects.get_or_create(id=1, defaults={"fact_epoch": epoch, "fact_xid": xid, "tiers_day": today})


def _follow(bound: Bound, hearers: _Hearers, at: datetime) -> bool:
    business = staff.business()
    in_zone = zone(business.time_zone)
    told = Told(loyalty.policies(in_zone), business.currency)
    today = business_date(at, in_zone)
    made, more = _new_facts(bound, hearers.kinds)
    after = change_feed.bound(FOLLOWER)
    assert after is not None, "it begins and ends together with the bound"
    found = change_feed.feed(after=after, most=BATCH)
    made += making.of_changes(found, kinds=hearers.kinds, told=told)
    if found:
        changes.advance(FOLLOWER, (found[-1].epoch, found[-1].xid))
        changes.sweep()
    made += _new_days(bound, today, hearers.kinds, at, told)
    _write(made, hearers.sources, at)
    bound.save()
    return more or len(found) >= BATCH


def _new_facts(bound: Bound, kinds: Collection[str]) -> tuple[list[Event], bool]:
    """Events of facts, and whether more wait. If nobody wants to hear of orders, they are not even read."""
    wanted = frozenset(kinds).intersection(OF_FACTS.values())
    if not wanted:
        bound.fact_epoch, bound.fact_xid = facts.end_of_feed()
        return [], False
    fed = fact_feed.feed(after=(bound.fact_epoch, bound.fact_xid), most=BATCH)
    if fed:
        bound.fact_epoch, bound.fact_xid = fed[-1].epoch, fed[-1].xid
    return making.of_facts(fed, kinds=wanted), len(fed) >= BATCH


def _new_days(bound: Bound, today: date, kinds: Collection[str], at: datetime, told: Told) -> list[Event]:
    if bound.tiers_day >= today:
        return []
    after, bound.tiers_day = bound.tiers_day, today
    return making.of_days(after=after, upto=today, at=at, told=told) if "tier.changed" in kinds else []


def _write(made: Sequence[Event], sources: Collection[str], at: datetime) -> None:
    if not made:
        return
    named = _Named(made, sources)
    rows = [(new_token(), event.kind, event.at, *named.told(event)) for event in made]
    bulk.run(connection, WRITE, [at, *bulk.columns(rows, MESSAGE), at, at])


class _Named:
    """How the customers of events are called: by member number, and by the ids of each source."""

    def __init__(self, made: Sequence[Event], sources: Collection[str]) -> None:
        self._groups = customer_queries.canonicals({one for event in made for one in event.customers.values()})
        merged = {event.customers["merged"] for event in made if "merged" in event.customers}
        self._ids: dict[int, dict[str, list[str]]] = {}
        self._own: dict[int, dict[str, list[str]]] = {}
        if sources:
            self._ids = customers.external_ids(set(self._groups.values()), sources)
            self._own = customers.external_ids(merged, sources, whole_group=False) if merged else {}

    def told(self, event: Event) -> tuple[str, str]:
        """(data, ids by source) of an event, as JSON."""
        data: dict[str, Any] = {"customer": None, **event.data}
        who: dict[str, dict[str, list[str]]] = {}
        for name, customer_id in event.customers.items():
            # The one that was merged away goes by the number that it had.
            one = customer_id if name == "merged" else self._groups.get(customer_id, customer_id)
            data[name] = {"number": number_of(one)}
            who[name] = (self._own if name == "merged" else self._ids).get(one, {})
        return orjson.dumps(data).decode(), orjson.dumps(who).decode()


def _hearers() -> _Hearers | None:
    """What is wanted, also by endpoints that are off: what they miss can be replayed. None if there is none."""
    rows = list(Endpoint.objects.filter(removed_at=None).values_list("events", "source"))
    if not rows:
        return None
    everything = any(not events for events, _ in rows)
    kinds = CHOICES if everything else frozenset(kind for events, _ in rows for kind in events)
    return _Hearers(kinds, frozenset(source for _, source in rows if source))

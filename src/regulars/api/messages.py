"""A message in Segment's shape turned into a fact: which key, which time, about whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

import orjson

from regulars.api.bodies import Json
from regulars.api.people import Notice, Person, child, read_person
from regulars.api.situation import Situation
from regulars.core.calendar import business_date
from regulars.core.money import LARGEST_MINOR
from regulars.customers.actions import Arrival
from regulars.facts.kinds import (
    CODES_BY_NAME,
    FACT_KINDS,
    contract_ended,
    contract_started,
    contract_updated,
    custom,
    fields,
    marks,
    order_cancelled,
    order_completed,
    order_refunded,
)
from regulars.facts.rules import Body, MalformedFact, NewFact

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LATEST_AHEAD: Final = timedelta(days=1)
"""Clocks run fast, and a day of Kiribati begins before one of Hawaii; more than a day ahead is a mistake."""
TIMES: Final = ("timestamp", "originalTimestamp", "sentAt")
LONGEST_SOURCE: Final = 100
LONGEST_STORE: Final = 100
NO_KEYS: Final = frozenset({"null", "none", "undefined", "nan"})
ABOUT_ORDERS: Final = (order_refunded.CODE, order_cancelled.CODE)
OF_OTHERS: Final = (*ABOUT_ORDERS, contract_updated.CODE, contract_ended.CODE)
"""Kinds that need name nobody: they belong to whoever placed the order, or holds the contract."""
_CODES: Final = {name.casefold(): code for name, code in CODES_BY_NAME.items()}


class BadTimestamp(MalformedFact):
    """No time, one without an offset, or one that cannot be meant."""

    code = "bad_timestamp"


class Nobody(MalformedFact):
    """An identify names nobody who can be told from others."""

    code = "nobody"


@dataclass(frozen=True, slots=True)
class Background:
    """What messages are read against; `source` numbers whatever names no source itself."""

    source: str
    situation: Situation
    now: datetime


@dataclass(slots=True)
class Track:
    """A message that tells of something that happened."""

    fact: NewFact
    warnings: list[Notice] = field(default_factory=list)


@dataclass(slots=True)
class Identify:
    """A message that tells who somebody is."""

    arrival: Arrival
    warnings: list[Notice] = field(default_factory=list)


def read_track(message: Json, background: Background) -> Track:
    """The fact that a track message tells.

    Raises:
        MalformedFact: A field is missing or wrong; the context names it.
    """
    event = fields.text(message, "event", required=True)
    occurred_at = time_of(message, background.now)
    source = _source(message, background.source)
    person = _person(message, source, background)
    properties = child(message, "properties")
    kind = _CODES.get(" ".join(event.replace("_", " ").split()).casefold(), custom.CODE)
    body = _body(kind, properties, background.situation.currency)
    if kind == custom.CODE:
        body["event"] = event
    if kind == order_completed.CODE and (device := marks.device_of(child(message, "context"))):
        body["device"] = device
    subject = fields.text(properties, "order_id") if kind in ABOUT_ORDERS else None
    amount = _amount(kind, body, properties, background.situation.currency)
    _check_sums(amount or 0, body)
    fact = NewFact(
        source=source,
        kind=kind,
        key=_key(kind, message, properties, (event, occurred_at, body, amount)),
        occurred_at=occurred_at,
        body=body,
        identities=person.identities,
        subject=subject,
        amount=amount,
        store=_store(properties),
        profile=person.profile,
    )
    if not person.identities and kind not in OF_OTHERS:
        why = "No userId, anonymousId or contact names a customer, so this earns nothing."
        person.warnings.append(Notice("userId", "nobody", why))
    return Track(fact, person.warnings)


def read_identify(message: Json, background: Background) -> Identify:
    """Who an identify message is about.

    Raises:
        MalformedFact: A field is wrong, or nobody is named.
    """
    told = any(message.get(name) is not None for name in TIMES)
    at = time_of(message, background.now) if told else background.now
    source = _source(message, background.source)
    person = _person(message, source, background)
    if not person.identities:
        why = " ".join(warning.detail for warning in person.warnings)
        raise Nobody(f"Name somebody: a userId, an anonymousId or a contact in traits. {why}".strip(), field="userId")
    day = business_date(at, background.situation.zone)
    return Identify(Arrival(person.identities, person.profile, day), person.warnings)


def _person(message: Json, source: str, background: Background) -> Person:
    return read_person(message, source=source, today=business_date(background.now, background.situation.zone))


def _body(kind: int, properties: Json, currency: str) -> Body:
    try:
        return FACT_KINDS[kind][1](properties, currency)
    except MalformedFact as error:
        where = str(error.context.get("field") or "")
        path = where if where in ("", "properties") else f"properties.{where}"
        raise MalformedFact(str(error), field=path) from error


def _amount(kind: int, body: Body, properties: Json, currency: str) -> int | None:
    """What was paid or given back; None for a refund of everything that is left."""
    if kind == order_completed.CODE:
        return int(body["paid"])
    if kind != order_refunded.CODE:
        return None
    if body["lines"]:
        return sum(int(amount) for _, amount in body["lines"])
    try:
        return fields.money(properties, "total", currency)
    except MalformedFact as error:
        raise MalformedFact(str(error), field="properties.total") from error


def _check_sums(amount: int, body: Body) -> None:
    """Single amounts were checked when they were read; quantity times price and the sum of lines were not."""
    if max(amount, *(line[-1] for line in body.get("lines", ())), 0) > LARGEST_MINOR:
        why = "products come to more than any order does: check quantity, price and total."
        raise MalformedFact(why, field="properties.products")


def _key(kind: int, message: Json, properties: Json, told: tuple[Any, ...]) -> str:
    """The source's own number for the fact, or a hash of what it tells."""
    if kind in (order_completed.CODE, order_cancelled.CODE):
        return _number(properties, "order_id", "properties.", required=True)
    if kind in (contract_started.CODE, contract_ended.CODE):
        return _number(properties, "contract_id", "properties.", required=True)
    order = _number(properties, "order_id", "properties.", required=True) if kind == order_refunded.CODE else ""
    if order:
        own, parts = _number(properties, "refund_id", "properties."), (order, *told)
    else:
        own, parts = _number(message, "messageId", ""), (*told, message.get("userId"), message.get("anonymousId"))
    return own or "#" + blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _number(values: Mapping[str, Any], name: str, where: str, *, required: bool = False) -> str:
    try:
        found = fields.text(values, name, required=required)
    except MalformedFact as error:
        raise MalformedFact(str(error), field=where + name) from error
    if found.lower() in NO_KEYS:
        raise MalformedFact(f"{name} is {found!r}, which is no number; one that stands for many.", field=where + name)
    return found


def _source(message: Json, otherwise: str) -> str:
    source = fields.text(message, "source") or fields.text(child(message, "context"), "source") or otherwise
    if len(source) > LONGEST_SOURCE:
        raise MalformedFact(f"source is longer than {LONGEST_SOURCE} characters.", field="source")
    return source


def _store(properties: Json) -> str | None:
    store = fields.text(properties, "store")
    if len(store) > LONGEST_STORE:
        raise MalformedFact(f"store is longer than {LONGEST_STORE} characters.", field="properties.store")
    return store or None


def time_of(message: Json, now: datetime) -> datetime:
    """When it happened, in UTC; a time is never guessed, since the same order sent again must be the same fact."""
    name = next((name for name in TIMES if message.get(name) is not None), None)
    if name is None:
        raise BadTimestamp(
            "timestamp is missing: say when it happened, such as 2026-03-01T09:30:00+08:00.", field=TIMES[0]
        )
    try:
        told = datetime.fromisoformat(message[name])
    except (ValueError, TypeError) as error:
        raise BadTimestamp(f"{name} must be an ISO 8601 text such as 2026-03-01T09:30:00+08:00.", field=name) from error
    if told.tzinfo is None:
        raise BadTimestamp(f"{name} has no offset: end it with Z or the offset, such as +08:00.", field=name)
    try:
        at = told.astimezone(UTC)
    except OverflowError:
        at = EARLIEST - LATEST_AHEAD
    if not EARLIEST <= at <= now + LATEST_AHEAD:
        raise BadTimestamp(f"{name} lies before 1990 or more than a day ahead.", field=name)
    return at

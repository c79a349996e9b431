"""Endpoints, deliveries and when to try again: pure decisions."""

import base64
import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from regulars.core.errors import DomainError

VERSION: Final = "1"
"""Of what is told. Members are only ever added to it."""
DELAYS: Final = tuple(
    timedelta(seconds=s) for s in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 20 * 3600)
)
"""After each try, as the Standard Webhooks specification proposes them; nearly three days together."""
LONGEST: Final = timedelta(days=3)
JITTER: Final = 0.1
"""Delays grow by up to this part, so that what failed together does not come back together."""
OLD_SECRET_LASTS: Final = timedelta(hours=24)
OWN_TURN: Final = timedelta(seconds=20)
"""How long workers leave a test to whoever asked for it and waits."""
FAILS_AT_MOST: Final = timedelta(days=5)
"""An endpoint that has taken nothing for so long is switched off."""
KEPT: Final = timedelta(days=30)
"""Messages and what became of them."""
MOST_ENDPOINTS: Final = 20
LONGEST_URL: Final = 500
LONGEST_NAME: Final = 100
LONGEST_SOURCE: Final = 100
GONE: Final = 410


class BadEndpoint(DomainError):
    """An endpoint cannot be kept like this; `field` in the context says what to correct."""

    code = "bad_endpoint"


class NoEndpoint(DomainError):
    """There is no such endpoint."""

    code = "no_endpoint"


class NoDelivery(DomainError):
    """There is no such delivery."""

    code = "no_delivery"


class EndpointOff(DomainError):
    """The endpoint is switched off, so nothing is sent to it."""

    code = "endpoint_off"


class State(StrEnum):
    """What became of a delivery: `dead` after the last try failed."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Off(StrEnum):
    """Why an endpoint is off."""

    STAFF = "staff"
    FAILING = "failing"
    GONE = "gone"


class Event(NamedTuple):
    """Something to be told. `customers` says who is meant by a name in `data`, by id: {'customer': 7}."""

    kind: str
    at: datetime
    data: Mapping[str, Any]
    customers: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants an endpoint to be. No `events`: all kinds, also those to come."""

    name: str
    url: str
    events: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An endpoint as it can be shown; its secret is not. `waiting` and `dead` are counts of deliveries."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    source: str
    old_until: datetime | None
    failing_since: datetime | None
    off_at: datetime | None
    off_why: str
    created_at: datetime
    waiting: int = 0
    dead: int = 0
    last_delivered_at: datetime | None = None

    @property
    def is_on(self) -> bool:
        """Whether it is sent anything."""
        return self.off_at is None

    @property
    def is_off_by_itself(self) -> bool:
        """Whether nobody switched it off: it failed too long, or said that it is gone."""
        return self.off_why in (Off.FAILING, Off.GONE)


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try: an HTTP status, or why there is none; the first letters of the answer."""

    at: datetime
    status: int | None
    trouble: str
    took_ms: int
    answer: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A message on its way to an endpoint."""

    id: int
    endpoint_id: int
    token: str
    kind: str
    at: datetime
    state: State
    tries: int
    due_at: datetime
    status: int | None
    trouble: str
    ended_at: datetime | None
    attempts: Sequence[AttemptView] = field(default=())


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one try. `status` is None if no answer came, and `trouble` says why."""

    at: datetime
    took_ms: int
    status: int | None = None
    trouble: str = ""
    answer: str = ""
    retry_after_s: int | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it: any 2xx. A redirect is none; it is not followed."""
        return self.status is not None and 200 <= self.status < 300


def checked(wanted: Wanted, *, kinds: frozenset[str], internal: bool) -> Wanted:
    """The wish itself, tidied, if it can be kept.

    Args:
        kinds: Events that exist.
        internal: Whether plain HTTP and private addresses are allowed here.
    Raises:
        BadEndpoint: With the field that is wrong.
    """
    name, url, source = " ".join(wanted.name.split()), wanted.url.strip(), wanted.source.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadEndpoint(f"Give the endpoint a name of 1 to {LONGEST_NAME} letters.", field="name")
    if len(source) > LONGEST_SOURCE:
        raise BadEndpoint("There is no such source.", field="source")
    if unknown := sorted(set(wanted.events) - kinds):
        raise BadEndpoint(f"There are no such events: {', '.join(unknown)}.", field="events")
    check_url(url, internal=internal)
    return Wanted(name, url, tuple(sorted(set(wanted.events))), source)


def check_url(url: str, *, internal: bool) -> None:
    """Refuse what is no address of a receiver; where its name leads is looked at on every try.

    Raises:
        BadEndpoint: The field is `url`.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadEndpoint("This is no address: write it like https://shop.example.com/hooks.", field="url") from error
    if len(url) > LONGEST_URL or not url.isascii() or any(not 32 < ord(letter) < 127 for letter in url):
        raise BadEndpoint(f"An address is plain ASCII, at most {LONGEST_URL} letters.", field="url")
    if parts.scheme != "https" and not (internal and parts.scheme == "http"):
        raise BadEndpoint("The address must begin with https://.", field="url")
    if not host or port == 0 or parts.username is not None or parts.password is not None or parts.fragment:
        raise BadEndpoint("An address has a host, and neither a password nor a #.", field="url")
    if not internal and is_address(host) and not is_public(host):
        raise BadEndpoint("This address is inside a network, where nothing is sent to.", field="url")


def is_address(host: str) -> bool:
    """Whether a host is written as an IP address."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an IP address is out on the internet: not private, loopback, link-local, metadata or the like.

    IPv6 addresses that carry an IPv4 one (mapped, 6to4, Teredo, NAT64) are looked at by that one.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour
        if found.teredo is not None:
            carried = found.teredo[1]
        if any(found in network for network in NAT64):
            carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(str(carried))
    if isinstance(found, ipaddress.IPv4Address) and found in ASSIGNED:
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
ASSIGNED: Final = ipaddress.IPv4Network("192.0.0.0/24")
"""IETF protocol assignments: one cloud's metadata is there, and older Pythons call most of it global."""


def next_try(
    *, tries: int, begun_at: datetime, at: datetime, chance: float, retry_after_s: int | None = None
) -> datetime | None:
    """When to try again after this many failed tries; None when three days are over.

    Args:
        begun_at: When the message was first to leave.
        chance: In [0, 1), for the jitter.
        retry_after_s: What the receiver asked for, if it did: never earlier.
    """
    if tries > len(DELAYS):
        return None
    delay = DELAYS[tries - 1] * (1 + JITTER * chance)
    if retry_after_s is not None:
        delay = max(delay, timedelta(seconds=min(retry_after_s, int(LONGEST.total_seconds()))))
    again = at + delay
    return again if again <= begun_at + LONGEST * (1 + JITTER) else None


def fails_too_long(failing_since: datetime | None, at: datetime) -> bool:
    """Whether an endpoint has taken nothing for so long that it is switched off."""
    return failing_since is not None and at - failing_since >= FAILS_AT_MOST


def new_secret() -> str:
    """A fresh signing secret of 256 random bits, as the specification writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def new_token() -> str:
    """A fresh webhook-id."""
    return f"msg_{secrets.token_hex(12)}"


def told(kind: str, at: datetime, data: Mapping[str, Any], who: Mapping[str, Mapping[str, Any]], source: str) -> Any:
    """The body as an endpoint gets it: with the ids that its own source has for the customers, and no other's.

    The same message and endpoint always give the same body.
    """
    named = {
        name: {**data[name], "user_ids": ids.get(source, [])} for name, ids in who.items() if data.get(name) is not None
    }
    return {
        "type": kind,
        "timestamp": at.isoformat(timespec="milliseconds"),
        "version": VERSION,
        "data": {**data, **named},
    }

"""What a delivery is, when it may leave, and how its end is written down. Knows no clock and no tables."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil
from typing import Any, Final, NamedTuple
from uuid import UUID

BATCH: Final = 100
"""Claimed and looked at together; as many as a mail server takes over one connection without a word."""

TRY_AGAIN_AFTER: Final = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=45), timedelta(hours=4))
"""How long a message waits that was refused for now: the first time, the second, … After the last it is given up."""

LINK: Final = re.compile(r"https?://[^\s<>\"'，。；、！？（）《》【】「」]+")
NOT_ITS_END: Final = ".,;:!?)"


class Queued(NamedTuple):
    """Somebody who is to get a campaign's message; a tuple, since there can be a million."""

    customer_id: int
    language: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that a worker holds. What is written, by language, and offered is the campaign's or its own."""

    id: int
    campaign_id: int | None
    customer_id: int
    purpose: str
    language: str
    tries: int
    admitted_at: datetime | None
    coupon_id: int | None
    offer_id: int | None
    offer_version: int | None
    content: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Ready:
    """A delivery that may leave: everything was looked at, taken and issued.

    Attributes:
        customer_id: Who stands for the group by now.
        token: Stands for the message in addresses that the customer gets; given when it is written down.
        address: Where it goes: an e-mail address, or the name to look for.
        subject, body: The campaign's words, filled in; links: the addresses in them that clicks are counted on.
    """

    id: int
    campaign_id: int | None
    customer_id: int
    purpose: str
    language: str
    tries: int
    admitted_at: datetime
    token: UUID | None
    identity_id: int
    address: str
    subject: str
    body: str
    code: str = ""
    links: tuple[str, ...] = ()
    coupon_id: int | None = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Why a delivery may not leave, with the numbers for the words."""

    reason: str
    numbers: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the deliveries that a run looked at."""

    sent: int = 0
    refused: int = 0
    later: int = 0
    unknown: int = 0
    suppressed: int = 0
    trouble: str = ""

    @property
    def moved(self) -> int:
        """How many deliveries came further, in whatever way."""
        return self.sent + self.refused + self.later + self.unknown + self.suppressed

    def __add__(self, other: "Tally") -> "Tally":
        """Both together; the later trouble counts."""
        return Tally(
            self.sent + other.sent, self.refused + other.refused, self.later + other.later,
            self.unknown + other.unknown, self.suppressed + other.suppressed, other.trouble or self.trouble,
        )  # fmt: skip


def is_open(now: time, *windows: tuple[time, time]) -> bool:
    """Whether a moment of the business's day lies in all of these windows, each from … until, half open."""
    return all(begin <= now < end for begin, end in windows)


def room_at(pace_per_hour: int | None, *, last_hour: int, last_minute: int, most: int) -> int:
    """How many messages may leave at this moment, so that a pace is kept and not used up in its first minute.

    Args:
        pace_per_hour: None is as fast as the channel can.
        last_hour: So many left within the last hour; last_minute: within the last minute.
        most: Never more than this.
    """
    if pace_per_hour is None:
        return most
    return max(0, min(most, pace_per_hour - last_hour, ceil(pace_per_hour / 60) - last_minute))


def next_try(tries: int, at: datetime) -> datetime | None:
    """When a message that was refused for now goes again, after so many tries; None gives it up."""
    return at + TRY_AGAIN_AFTER[tries - 1] if tries <= len(TRY_AGAIN_AFTER) else None


def chosen_language(content: Iterable[str], *told: str) -> str:
    """The first of these languages ('zh-hans', 'en', …) in which there is content, as the content calls it."""
    known = list(content)
    for language in told:
        if (short := language[:2].lower()) in known:
            return short
    return next((language for language in ("zh", "en") if language in known), "")


def links_in(body: str) -> tuple[str, ...]:
    """The web addresses in a text as it was written, each once, in their order.

    One with a customer's data in it is left out: it leads where it leads, uncounted, and is known to nobody else.
    """
    found = (match.group().rstrip(NOT_ITS_END) for match in LINK.finditer(body))
    return tuple(dict.fromkeys(one for one in found if "{" not in one))

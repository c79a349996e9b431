"""What signing in takes: times, tries, and what a device is called. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LINK_LASTS: Final = timedelta(minutes=5)
CODE_LASTS: Final = timedelta(minutes=10)
TRIES: Final = 5
"""So many wrong codes, and the right one is refused, too."""
SESSION_LASTS: Final = timedelta(days=90)
"""A device on which nobody looked for so long is signed out."""
SEEN_EVERY: Final = timedelta(hours=1)
"""How exactly 'last seen' is kept: writing it with each page would turn every read into a write."""
DIGITS: Final = 6
SIGN_IN: Final = "sign_in"
JOIN: Final = "join"
BY_QR: Final = "qr"
BY_CODE: Final = "code"
BY_JOINING: Final = "joined"

_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
_PROGRAMS: Final = (
    ("MicroMessenger", "WeChat"), ("AlipayClient", "Alipay"), ("Edg", "Edge"), ("Firefox", "Firefox"),
    ("HuaweiBrowser", "Huawei"), ("MiuiBrowser", "Mi"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_CODE: Final = re.compile(r"\d{6}")


@dataclass(frozen=True, slots=True)
class Issued:
    """A code on its way: where it goes, the digits, in which language, and for what."""

    address: str
    code: str
    language: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody who asked for a code is told: the same for every address. `attempt` goes into their cookie."""

    id: int
    attempt: str


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody has the mailbox of this address."""

    address: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Session:
    """A device on which somebody is signed in; `customer_id` is for whom it was, `canonical_id` who stands for them."""

    id: int
    customer_id: int
    canonical_id: int
    device: str
    way: str
    opened_at: datetime
    seen_at: datetime


def device_name(agent: str) -> str:
    """What a browser's description comes to, for its owner to know it again: 'iPhone · WeChat'; '' if unknown."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (_SYSTEMS, _PROGRAMS)]
    return " · ".join(one for one in found if one)[:60]


def read_code(told: str) -> str:
    """The six digits that somebody typed, with spaces and full-width digits forgiven; '' if they are not six."""
    digits = "".join(str(int(ch)) for ch in told[:40] if ch.isdecimal())
    return digits if _CODE.fullmatch(digits) else ""

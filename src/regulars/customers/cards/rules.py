"""What a card shows: a token of its number, a span of time, and a signature that only this instance can make.

A token looks like R1-2S-1Z141Z3-6KQ0M1W3TB8V2H4N: letters and digits that a QR holds densely, that a keyboard scanner
types on any layout, and that say nothing about who somebody is.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from regulars.core.errors import DomainError

WINDOW_S: Final = 30
"""A token is shown for so many seconds."""
DRIFT: Final = 1
"""So many windows before and after this one count, too: clocks differ, and a scan takes a moment."""
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SIGNED: Final = 16
"""Letters of the signature: 80 bits."""
_TOKEN: Final = re.compile(rf"R1-([{_LETTERS}]{{1,13}})-([{_LETTERS}]{{1,13}})-([{_LETTERS}]{{{_SIGNED}}})")


class NotACard(DomainError):
    """What was scanned is no member's card of this instance."""

    code = "not_a_card"


class CardTokenOld(DomainError):
    """The code is of another moment: a photograph, or a clock that is wrong. The member shows a new one."""

    code = "card_token_old"


class CardTokenUsed(DomainError):
    """The code was scanned before. The member shows the next one."""

    code = "card_token_used"


@dataclass(frozen=True, slots=True)
class Token:
    """Which card shows it, and in which span of time."""

    card_id: int
    window: int


def window_of(at: datetime) -> int:
    """The number of the span in which an instant lies."""
    return int(at.timestamp()) // WINDOW_S


def ends_at(window: int) -> datetime:
    """When a span is over."""
    return datetime.fromtimestamp((window + 1) * WINDOW_S, UTC)


def seconds_left(at: datetime) -> int:
    """Whole seconds until the next token, from 1."""
    return max(1, int((ends_at(window_of(at)) - at) / timedelta(seconds=1)))


def written(token: Token, key: bytes) -> str:
    """The token as a card shows it."""
    return f"R1-{_number(token.card_id)}-{_number(token.window)}-{_signature(token, key)}"


def read(told: str, key: bytes, at: datetime) -> Token:
    """The token behind what was scanned or typed.

    Raises:
        NotACard: It is none of ours.
        CardTokenOld: It is, but of another moment.
    """
    parts = _TOKEN.fullmatch("".join(told.split()).upper()[:60])
    if parts is None:
        raise NotACard("This is no member's card.")
    token = Token(_read_number(parts[1]), _read_number(parts[2]))
    if not hmac.compare_digest(parts[3], _signature(token, key)):
        raise NotACard("This is no member's card.")
    if abs(token.window - window_of(at)) > DRIFT:
        raise CardTokenOld("This code is over; the card shows a new one.")
    return token


def _signature(token: Token, key: bytes) -> str:
    digest = hmac.new(key, f"card {token.card_id} {token.window}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:10], "big")
    return "".join(_LETTERS[number >> 5 * place & 31] for place in reversed(range(_SIGNED)))


def _number(value: int) -> str:
    letters = ""
    while value:
        value, place = divmod(value, 32)
        letters = _LETTERS[place] + letters
    return letters or "0"


def _read_number(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * 32 + _LETTERS.index(letter)
    return value

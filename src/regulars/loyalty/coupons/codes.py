"""Codes of coupons: twelve of 31 letters and digits, made by chance, read as people type them."""

import secrets
import unicodedata
from typing import Final

from regulars.core.errors import DomainError

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and capitals without those that look alike: 0 and O, 1, I and L. 31¹² codes: 59 bits."""

LENGTH: Final = 12
GROUP: Final = 4
LONGEST_TOLD: Final = 64
SHORTEST_OLD, LONGEST_OLD = 4, 40
"""How long codes may be that coupons bring along from another programme."""
_LETTERS: Final = frozenset(ALPHABET)
# A random byte below 248 = 8 × 31 falls on each letter equally often; the others are thrown away.
_FAIR: Final = len(ALPHABET) * (256 // len(ALPHABET))
_TO_LETTER: Final = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_UNFAIR: Final = bytes(range(_FAIR, 256))
_NOT_READ: Final = frozenset({"Cc", "Cf", "Pd", "Zs", "Zl", "Zp"})
"""Categories of characters that people put between letters: spaces, dashes, line ends, what cannot be seen."""


class MalformedCode(DomainError):
    """Not a code at all, so nothing was looked up and it counts as no guess."""

    code = "malformed_code"


def new_codes(count: int) -> list[str]:
    """So many new codes, each letter by chance of the operating system; nothing about one tells another."""
    letters = b""
    while len(letters) < count * LENGTH:
        letters += secrets.token_bytes(count * LENGTH + 32).translate(_TO_LETTER, _UNFAIR)
    text = letters.decode("ascii")
    return [text[start : start + LENGTH] for start in range(0, count * LENGTH, LENGTH)]


def read(told: str, *, length: int = LENGTH) -> str:
    """The code that somebody typed, as it is kept: capitals without dashes.

    Small letters, spaces, dashes of every kind and full-width letters (ＡＢ２３) are taken.

    Args:
        length: How many letters and digits it has; those of rewards are shorter.

    Raises:
        MalformedCode: It has another length, or a letter that no code has.
    """
    letters = _plain(told)
    if strange := sorted(set(letters) - _LETTERS):
        raise MalformedCode(f"No code has {strange[0]!r} in it; codes are letters and digits without 0, O, 1, I, L.")
    if len(letters) != length or len(told) > LONGEST_TOLD:
        raise MalformedCode(f"A code has {length} letters and digits; this one has {len(letters)}.")
    return letters


def read_old(told: str) -> str:
    """A code of another programme as it is kept: the letters and digits of its paper, capitals without dashes.

    Raises:
        MalformedCode: It is too short or too long, or has something else in it.
    """
    letters = _plain(told)
    if not letters.isascii() or not letters.isalnum():
        raise MalformedCode("An old code has letters and digits only; spaces and dashes between them are left out.")
    if not SHORTEST_OLD <= len(letters) <= LONGEST_OLD or len(told) > LONGEST_TOLD:
        raise MalformedCode(f"An old code has {SHORTEST_OLD} to {LONGEST_OLD} letters and digits.")
    return letters


def _plain(told: str) -> str:
    plain = unicodedata.normalize("NFKC", told[:LONGEST_TOLD]).upper()
    return "".join(ch for ch in plain if unicodedata.category(ch) not in _NOT_READ and ch != "_")


def shown(code: str) -> str:
    """A code as people see it: XXXX-XXXX-XXXX; an old one of another programme in one piece."""
    if len(code) % GROUP or len(code) > LENGTH or not _LETTERS.issuperset(code):
        return code
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))

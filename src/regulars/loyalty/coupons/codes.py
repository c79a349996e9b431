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
    plain = unicodedata.normalize("NFKC", told[:LONGEST_TOLD]).upper()
    letters = "".join(ch for ch in plain if unicodedata.category(ch) not in _NOT_READ and ch != "_")
    if strange := sorted(set(letters) - _LETTERS):
        raise MalformedCode(f"No code has {strange[0]!r} in it; codes are letters and digits without 0, O, 1, I, L.")
    if len(letters) != length or len(told) > LONGEST_TOLD:
        raise MalformedCode(f"A code has {length} letters and digits; this one has {len(letters)}.")
    return letters


def shown(code: str) -> str:
    """A code as people see it: XXXX-XXXX-XXXX."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))

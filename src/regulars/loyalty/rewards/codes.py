"""Codes with which rewards are collected: eight letters and digits, of the same alphabet as those of coupons."""

from typing import Final

from regulars.loyalty.coupons import codes

LENGTH: Final = 8
"""31⁸ codes: 40 bits. Nobody tries more than five wrong ones in five minutes, and one is good for one item."""


def new_code() -> str:
    """A new code, by chance of the operating system."""
    [whole] = codes.new_codes(1)
    return whole[:LENGTH]


def read(told: str) -> str:
    """The code that somebody typed, as it is kept.

    Raises:
        MalformedCode: Not a code of a claim.
    """
    return codes.read(told, length=LENGTH)


def is_one(told: str) -> bool:
    """Whether what somebody typed has the length of a claim's code, and so is not a coupon's."""
    return sum(ch.isalnum() for ch in told) == LENGTH


def shown(code: str) -> str:
    """A code as people see it: XXXX-XXXX."""
    return codes.shown(code)

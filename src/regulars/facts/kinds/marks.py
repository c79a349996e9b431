"""Marks: what an order was placed from and where it went, hashed: who shares a device or an address, not which one.

The hash is the same wherever an order is read, so that it joins orders; it is no secret: who has the database and an
address can tell whether it was used.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

PARTS: Final = (
    "country", "state", "province", "city", "district", "street", "address", "line1", "line2", "postal_code",
)  # fmt: skip
"""What of an address counts; the receiver's name and phone do not."""
SHORTEST: Final = 6
"""A text as short as "home" or "N/A" is nobody's address, and no device's number."""
NONE: Final = frozenset("0-")
"""Devices that do not tell their number send one of nothing but these."""


def mark_of(kind: str, text: str) -> str:
    """16 hex digits for a device or an address as somebody wrote it; '' for what names none.

    Capitals, spaces and punctuation make no difference.
    """
    bare = "".join(letter for letter in text.casefold() if letter.isalnum())
    if len(bare) < SHORTEST or set(bare) <= NONE:
        return ""
    return blake2b(f"{kind}|{bare}".encode(), digest_size=8).hexdigest()


def device_of(context: Mapping[str, Any]) -> str:
    """The mark of Segment's `context.device.id`; '' if it is not told. What it is never makes an order refused."""
    device = context.get("device")
    return mark_of("device", _text(device.get("id"))) if isinstance(device, Mapping) else ""


def address_of(properties: Mapping[str, Any]) -> str:
    """The mark of `shipping_address`, a text or an object; '' if it is neither."""
    told = properties.get("shipping_address")
    if isinstance(told, Mapping):
        return mark_of("address", "".join(_text(told.get(part)) for part in PARTS))
    return mark_of("address", _text(told))


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""

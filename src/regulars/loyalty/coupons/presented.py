"""Codes as they are presented: this programme's own, or one that a coupon brought along from another."""

from collections.abc import Collection

from django.db import connection

from regulars.core import bulk
from regulars.loyalty.coupons import codes

IS_OLD = "code !~ '^[2-9A-HJKMNP-Z]{12}$'"
"""As the condition of the index on old codes says it."""


def read(told: str) -> str:
    """The code that somebody presents, as it is kept. Old codes are read only where there are any.

    Raises:
        MalformedCode: Nobody has a code like this, so nothing need be looked up.
    """
    try:
        return codes.read(told)
    except codes.MalformedCode:
        old = _old(told)
        if not old or not has_old():
            raise
        return old


def is_old(told: str) -> bool:
    """Whether there is a coupon of another programme with this code."""
    old = _old(told)
    return bool(old) and has_old() and old in existing([old])


def has_old() -> bool:
    """Whether any coupon has a code of another programme."""
    return bool(bulk.run(connection, f"SELECT 1 FROM loyalty_coupon WHERE {IS_OLD} LIMIT 1"))


def existing(kept: Collection[str]) -> dict[str, int | None]:
    """Those of these codes that coupons have → whose the coupon is."""
    rows = bulk.run(
        connection,
        "SELECT code, customer_id FROM loyalty_coupon WHERE code = ANY(%b::text[])",
        [bulk.Column("text", sorted(kept))],
    )
    return {row[0]: row[1] for row in rows}


def _old(told: str) -> str:
    try:
        return codes.read_old(told)
    except codes.MalformedCode:
        return ""

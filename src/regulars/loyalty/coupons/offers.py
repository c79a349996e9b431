"""Reading offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.loyalty.coupons.rules import OfferKind, Terms

TERMS = (
    "v.kind, v.value, v.gift ->> 'zh', v.gift ->> 'en', v.min_spend_minor, v.unit_cost_minor, v.days_valid, v.uses_most"
)
NAME = "o.names ->> 'zh', o.names ->> 'en'"
OFFER = f"""
SELECT o.id, {NAME}, v.number, {TERMS}, o.created_at, o.created_by, v.created_at, o.archived_at
FROM loyalty_offer o JOIN loyalty_offerversion v ON v.offer_id = o.id
"""
LATEST = "v.number = (SELECT max(w.number) FROM loyalty_offerversion w WHERE w.offer_id = o.id)"


class NoOffer(DomainError):
    """There is no such offer, or no such version of it."""

    code = "no_offer"


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer on the terms of one of its versions. `changed_at` is when this version was made."""

    id: int
    name: Text
    version: int
    terms: Terms
    created_at: datetime
    created_by: str
    changed_at: datetime
    archived_at: datetime | None


def offers(*, archived: bool = False) -> list[OfferView]:
    """Every offer on its latest terms, in the order in which they were made."""
    rows = bulk.run(connection, f"{OFFER} WHERE {LATEST} AND (%s OR o.archived_at IS NULL) ORDER BY o.id", [archived])
    return [_offer(row) for row in rows]


def offer(offer_id: int, *, version: int | None = None) -> OfferView:
    """One offer, also one put away, on its latest terms or on those of a version.

    Raises:
        NoOffer: There is none.
    """
    rows = bulk.run(
        connection,
        f"{OFFER} WHERE o.id = %s AND CASE WHEN %s::int IS NULL THEN {LATEST} ELSE v.number = %s END",
        [offer_id, version, version],
    )
    if not rows:
        raise NoOffer("There is no such offer.")
    return _offer(rows[0])


def name_of(names: Sequence[str | None]) -> Text:
    """A name in both languages; where one is missing, the other stands in for it."""
    zh, en = names
    return Text(zh or en or "", en or zh or "")


def terms_of(row: Sequence[Any]) -> Terms:
    """The columns TERMS as terms."""
    return Terms(OfferKind(row[0]), row[1], Text(row[2] or "", row[3] or ""), *row[4:8])


def _offer(row: Sequence[Any]) -> OfferView:
    return OfferView(row[0], name_of(row[1:3]), row[3], terms_of(row[4:12]), *row[12:16])

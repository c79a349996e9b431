"""Issuing coupons and taking them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.customers import queries as customers
from regulars.customers.actions import Contended
from regulars.facts.rules import KeyReused
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import codes, offers
from regulars.loyalty.coupons.rules import end_of
from regulars.loyalty.models import OfferVersion

NEW = ("text", "bigint", "text")
INSERT = f"""
INSERT INTO loyalty_coupon (code, version_id, customer_id, key, issued_at, valid_from, expires_at, voided_by)
SELECT code, %s, customer, key, %s, %s, %s, '' FROM {bulk.unnest(*NEW)} AS n (code, customer, key)
ON CONFLICT DO NOTHING RETURNING id
"""
FIND = """
SELECT c.key, c.id, c.code, c.customer_id, c.expires_at, v.offer_id
FROM loyalty_coupon c JOIN loyalty_offerversion v ON v.id = c.version_id WHERE c.key = ANY(%b::text[])
"""
TRIES = 3


class OfferArchived(DomainError):
    """The offer was put away, so nothing new is issued on it."""

    code = "offer_archived"


class NewCoupon(NamedTuple):
    """A coupon to be issued: what for ('delivery:123'), and to whom (None: to whoever has the code).

    `code` is one that it brings along from another programme, free here; '' for a new one.
    """

    key: str
    customer_id: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A coupon that was issued, now or before. Show its code with `codes.shown`."""

    coupon_id: int
    code: str
    customer_id: int | None
    expires_at: datetime


def issue(
    *, offer_id: int, key: str, zone: ZoneInfo, at: datetime, customer_id: int | None = None,
    valid_from: datetime | None = None, version: int | None = None,
) -> Issued:  # fmt: skip
    """Issue one coupon, or find the one that was issued for this key. Raises what `issue_many` raises."""
    wanted = [NewCoupon(key, customer_id)]
    return issue_many(offer_id=offer_id, wanted=wanted, zone=zone, at=at, valid_from=valid_from, version=version)[key]


@transaction.atomic
def issue_many(
    *, offer_id: int, wanted: Sequence[NewCoupon], zone: ZoneInfo, at: datetime, valid_from: datetime | None = None,
    version: int | None = None,
) -> dict[str, Issued]:  # fmt: skip
    """Issue thousands of coupons at once; returns them by key. The same key gives the same coupon, however often.

    Args:
        valid_from: When they begin, if not at once.
        version: Number of the version whose terms were approved; None for the latest.
    Raises:
        NoOffer, OfferArchived: As they say; what was issued before is still found.
        KeyReused: A key was used for another offer or another customer.
        Contended: A code that was brought along is somebody else's meanwhile.
    """
    asked = {one.key: one for one in sorted(wanted)} if len(wanted) > 1 else {one.key: one for one in wanted}
    found = _find(list(asked))
    if missing := [one for key, one in asked.items() if key not in found]:
        terms = offers.offer(offer_id, version=version)
        if terms.archived_at is not None:
            raise OfferArchived("This offer was put away; bring it back to issue coupons on it.")
        begins = valid_from or at
        ends = end_of(begins, terms.terms.days_valid, zone)
        version_id = OfferVersion.objects.values_list("pk", flat=True).get(offer_id=offer_id, number=terms.version)
        for _ in range(TRIES):
            # A new code that is taken already (once in 10¹⁷) is left out by the insert and made anew in the next try.
            made = zip(codes.new_codes(len(missing)), missing, strict=True)
            rows = [(one.code or code, one.customer_id, one.key) for code, one in made]
            made_now = bulk.run(connection, INSERT, [version_id, at, begins, ends, *bulk.columns(rows, NEW)])
            changes.note(ChangeKind.COUPONS_ISSUED, [row[0] for row in made_now])
            found |= _find([one.key for one in missing])
            missing = [one for one in missing if one.key not in found]
            if not missing:
                break
        else:
            raise Contended("A code that a coupon brings along was given to another one at the same moment.")
    _check_same(asked, found, offer_id)
    return {key: Issued(*found[key][:4]) for key in asked}


def void(*, coupon_ids: Sequence[int], actor: str, at: datetime) -> int:
    """Take coupons back: they cannot be used any more, uses that stand stay. Returns how many were good until now."""
    ids = sorted(set(coupon_ids))
    with transaction.atomic():
        # Under the same lock as a use, so that a coupon is either used before or refused afterwards.
        limits.hold((Kind.COUPON_USES, one) for one in ids)
        rows = bulk.run(
            connection,
            """UPDATE loyalty_coupon SET voided_at = %s, voided_by = %s
               WHERE id = ANY(%b::bigint[]) AND voided_at IS NULL RETURNING id""",
            [at, actor, bulk.Column("bigint", ids)],
        )
        changes.note(ChangeKind.COUPONS_VOIDED, [row[0] for row in rows])
    return len(rows)


def _find(keys: Sequence[str]) -> dict[str, tuple[int, str, int | None, datetime, int]]:
    rows = bulk.run(connection, FIND, [bulk.Column("text", list(keys))])
    return {row[0]: (row[1], row[2], row[3], row[4], row[5]) for row in rows}


def _check_same(
    asked: dict[str, NewCoupon], found: dict[str, tuple[int, str, int | None, datetime, int]], offer_id: int
) -> None:
    """A merge may have made another customer stand for the group since; that is still the same coupon."""
    others = {key for key, one in asked.items() if found[key][2] != one.customer_id}
    groups = customers.canonicals(
        {who for key in others for who in (asked[key].customer_id, found[key][2]) if who is not None}
    )
    for key, one in asked.items():
        same = key not in others or (
            one.customer_id in groups and groups[one.customer_id] == groups.get(found[key][2] or 0)
        )
        if found[key][4] != offer_id or not same:
            raise KeyReused(f"The key {key} was used for another coupon.")

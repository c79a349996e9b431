"""Reading coupons and their uses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.limits import queries as limits
from regulars.limits.rules import Kind, Limit
from regulars.loyalty.coupons.offers import NAME, TERMS, name_of, terms_of
from regulars.loyalty.coupons.rules import OrderKey, Promise, Terms

EVERY_USE = Limit(Kind.COUPON_USES, 0)
PROMISE = f"""
SELECT c.id, c.code, v.offer_id, {NAME}, {TERMS}, k.canonical_id, c.valid_from, c.expires_at, c.voided_at,
       l.at, coalesce(nullif(s.name, ''), s.code, ''), r.reserved, r.first, r.ended
FROM loyalty_coupon c JOIN loyalty_offerversion v ON v.id = c.version_id JOIN loyalty_offer o ON o.id = v.offer_id
LEFT JOIN customers_customer k ON k.id = c.customer_id
LEFT JOIN LATERAL (SELECT u.at, u.store_id FROM loyalty_couponuse u WHERE u.coupon_id = c.id AND u.undone_at IS NULL
                     AND u.reserved_until IS NULL ORDER BY u.at DESC LIMIT 1) l ON true
CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE u.reserved_until > %s) AS reserved,
                      min(u.reserved_until) FILTER (WHERE u.reserved_until > %s) AS first,
                      count(*) FILTER (WHERE u.reserved_until <= %s) AS ended FROM loyalty_couponuse u
                    WHERE u.coupon_id = c.id AND u.undone_at IS NULL AND u.reserved_until IS NOT NULL) r
LEFT JOIN catalogue_store s ON s.id = l.store_id
"""


def promises(coupon_ids: Sequence[int], *, at: datetime) -> dict[int, Promise]:
    """Coupons as they stand, by id."""
    ids = bulk.Column("bigint", list(coupon_ids))
    return _promises(bulk.run(connection, f"{PROMISE} WHERE c.id = ANY(%b::bigint[])", [at, at, at, ids]), at)


def ids_by_keys(keys: Sequence[str]) -> list[int]:
    """Coupons that were issued for these keys and not taken back."""
    rows = bulk.run(
        connection,
        "SELECT id FROM loyalty_coupon WHERE key = ANY(%b::text[]) AND voided_at IS NULL",
        [bulk.Column("text", list(keys))],
    )
    return [row[0] for row in rows]


def usable(customer_ids: Sequence[int], *, at: datetime) -> list[Promise]:
    """Coupons that were issued to these customers, have not ended and are not used up, the first to end first."""
    return ask_usable(customer_ids, at=at)()


def ask_usable(customer_ids: Sequence[int], *, at: datetime, most: int = 100) -> Callable[[], list[Promise]]:
    """Like `usable`, read when it is called."""
    return bulk.ask(
        connection,
        f"""{PROMISE} WHERE c.customer_id = ANY(%b::bigint[]) AND c.voided_at IS NULL AND c.expires_at > %s
            ORDER BY c.expires_at, c.id LIMIT %s""",
        [at, at, at, bulk.Column("bigint", list(customer_ids)), at, most],
        read=lambda rows: [one for one in _promises(rows, at).values() if one.uses_left or one.reserved],
    )


def _promises(rows: Sequence[Sequence[Any]], at: datetime) -> dict[int, Promise]:
    used = limits.used(EVERY_USE, [row[0] for row in rows], at=at) if rows else {}
    return {
        row[0]: Promise(
            row[0], row[1], row[2], name_of(row[3:5]), terms_of(row[5:13]), row[13], row[14], row[15], row[16],
            max(0, used.get(row[0], 0) - row[21]), row[17], row[18], row[19], row[20], row[21],
        )
        for row in rows
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon as lists show it. `customer_id` is whom it was issued to, `used` the uses that stand."""

    id: int
    code: str
    key: str
    offer_id: int
    name: Text
    terms: Terms
    customer_id: int | None
    issued_at: datetime
    valid_from: datetime
    expires_at: datetime
    voided_at: datetime | None
    used: int
    last_used_at: datetime | None


COUPON = f"""
SELECT c.id, c.code, c.key, v.offer_id, {NAME}, {TERMS}, c.customer_id, c.issued_at, c.valid_from, c.expires_at,
       c.voided_at, coalesce(u.used, 0), u.last
FROM loyalty_coupon c JOIN loyalty_offerversion v ON v.id = c.version_id JOIN loyalty_offer o ON o.id = v.offer_id
LEFT JOIN LATERAL (SELECT count(*) AS used, max(u.at) AS last FROM loyalty_couponuse u
                   WHERE u.coupon_id = c.id AND u.undone_at IS NULL AND u.reserved_until IS NULL) u ON true
"""


def of_customer(customer_ids: Sequence[int], *, most: int = 100) -> list[CouponView]:
    """A customer's coupons, the latest first.

    Args:
        customer_ids: Everybody in the customer's group, since coupons stay with whom they were issued to.
    """
    rows = bulk.run(
        connection,
        f"{COUPON} WHERE c.customer_id = ANY(%b::bigint[]) ORDER BY c.issued_at DESC, c.id DESC LIMIT %s",
        [bulk.Column("bigint", list(customer_ids)), most],
    )
    return [_coupon(row) for row in rows]


def of_keys(keys: Sequence[str]) -> dict[str, CouponView]:
    """Coupons by the keys that they were issued for; a key without a coupon is left out."""
    rows = bulk.run(connection, f"{COUPON} WHERE c.key = ANY(%b::text[])", [bulk.Column("text", list(keys))])
    return {row[2]: _coupon(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of coupons: how many were issued, voided and used at least once; uses that stand, and those undone.

    `discount_minor` was taken off orders, so what these orders paid lacks it already. `gift_cost_minor` is what the
    gifts cost the shop, which no order shows.
    """

    issued: int
    voided: int
    redeemed: int
    uses: int
    undone: int
    discount_minor: int
    gift_cost_minor: int


# Uses are added up by coupon first, so that a coupon that was used twice is one coupon.
TALLY = """
SELECT count(*), count(c.voided_at), count(*) FILTER (WHERE u.uses > 0), coalesce(sum(u.uses), 0)::bigint,
       coalesce(sum(u.undone), 0)::bigint, coalesce(sum(u.discount), 0)::bigint,
       coalesce(sum(u.uses * v.unit_cost_minor), 0)::bigint
FROM loyalty_coupon c JOIN loyalty_offerversion v ON v.id = c.version_id
LEFT JOIN (SELECT coupon_id, count(*) FILTER (WHERE undone_at IS NULL) AS uses, count(undone_at) AS undone,
                  sum(discount_minor) FILTER (WHERE undone_at IS NULL) AS discount
           FROM loyalty_couponuse WHERE reserved_until IS NULL AND (%s::timestamptz IS NULL OR at < %s) GROUP BY 1) u
  ON u.coupon_id = c.id
"""


def tally_of_offer(offer_id: int) -> Tally:
    """What came of an offer's coupons, of all its versions."""
    return Tally(*bulk.run(connection, f"{TALLY} WHERE v.offer_id = %s", [None, None, offer_id])[0])


def tally_of_prefix(prefix: str, *, until: datetime | None = None) -> Tally:
    """What came of the coupons whose keys begin so ('campaign:7:').

    Args:
        until: Only uses before this moment; None for all.
    """
    statement = f"{TALLY} WHERE c.key >= %s AND c.key < %s"
    return Tally(*bulk.run(connection, statement, [until, until, *_between(prefix)])[0])


@dataclass(frozen=True, slots=True)
class UsedBy:
    """Who used a coupon, as far as was said: the customer, or the order that may name one."""

    customer_id: int | None
    order: OrderKey | None


USED_BY = """
SELECT DISTINCT u.customer_id, u.source_id, u.order_key FROM loyalty_couponuse u
JOIN loyalty_coupon c ON c.id = u.coupon_id JOIN loyalty_offerversion v ON v.id = c.version_id
WHERE v.offer_id = %s AND u.undone_at IS NULL AND u.reserved_until IS NULL AND u.at >= %s AND u.at < %s
"""


def used_by(offer_id: int, *, since: datetime, until: datetime) -> list[UsedBy]:
    """Whoever used any coupon of an offer in a stretch of time."""
    rows = bulk.run(connection, USED_BY, [offer_id, since, until])
    return [UsedBy(row[0], None if row[1] is None else OrderKey(row[1], row[2])) for row in rows]


@dataclass(frozen=True, slots=True)
class UseView:
    """A use as lists show it. `customer_id` is who used it, if that was said; `store` a name, '' if unknown."""

    id: int
    coupon_id: int
    code: str
    issued_to: int | None
    customer_id: int | None
    at: datetime
    source: str
    order_key: str
    store: str
    spend_minor: int | None
    discount_minor: int
    actor: str
    undone_at: datetime | None
    undone_by: str


USE = """
SELECT u.id, c.id, c.code, c.customer_id, u.customer_id, u.at, coalesce(f.name, ''), u.order_key,
       coalesce(nullif(s.name, ''), s.code, ''), u.spend_minor, u.discount_minor, u.actor, u.undone_at, u.undone_by
FROM loyalty_couponuse u JOIN loyalty_coupon c ON c.id = u.coupon_id
JOIN loyalty_offerversion v ON v.id = c.version_id
LEFT JOIN facts_source f ON f.id = u.source_id LEFT JOIN catalogue_store s ON s.id = u.store_id
"""


def uses(offer_id: int, *, most: int, before: int | None = None) -> list[UseView]:
    """A page of an offer's uses, undone ones included, the latest recorded first.

    Args:
        before: Id of the last one shown.
    """
    rows = bulk.run(
        connection,
        f"""{USE} WHERE v.offer_id = %s AND u.reserved_until IS NULL AND (%s::bigint IS NULL OR u.id < %s)
            ORDER BY u.id DESC LIMIT %s""",
        [offer_id, before, before, most],
    )
    return [UseView(*row) for row in rows]


def latest_uses(*, most: int) -> list[UseView]:
    """The latest recorded uses of all coupons, for the till to look back and undo one."""
    rows = bulk.run(connection, f"{USE} WHERE u.reserved_until IS NULL ORDER BY u.id DESC LIMIT %s", [most])
    return [UseView(*row) for row in rows]


def use_of_key(key: str) -> int | None:
    """Id of the use that was made with this key."""
    rows = bulk.run(connection, "SELECT id FROM loyalty_couponuse WHERE key = %s", [key])
    return rows[0][0] if rows else None


def unmatched(*, since: datetime) -> dict[str, int]:
    """reason → how many codes that orders told since then could not be counted as uses."""
    rows = bulk.run(
        connection,
        "SELECT reason, count(*) FROM loyalty_unmatchedcode WHERE at >= %s GROUP BY 1 ORDER BY 2 DESC, 1",
        [since],
    )
    return dict(rows)


def differences() -> tuple[list[str], Mapping[str, int]]:
    """Where uses and their count disagree, in words, and how much was checked.

    No coupon is used more often than its terms allow, and as many uses stand as `limits` counts.
    """
    rows = bulk.run(
        connection,
        """SELECT c.id, v.uses_most, count(u.id) FILTER (WHERE u.undone_at IS NULL) FROM loyalty_couponuse u
           JOIN loyalty_coupon c ON c.id = u.coupon_id JOIN loyalty_offerversion v ON v.id = c.version_id
           GROUP BY 1, 2 ORDER BY 1""",
    )
    counted = limits.kept(Kind.COUPON_USES)
    found = []
    for coupon_id, most, stand in rows:
        if stand > most:
            found.append(f"coupon {coupon_id}: {stand} uses stand, and {most} are allowed")
        if (kept := counted.pop(coupon_id, 0)) != stand:
            found.append(f"coupon {coupon_id}: {stand} uses stand, and {kept} are counted")
    found += [f"coupon {one}: no use stands, and {kept} are counted" for one, kept in sorted(counted.items()) if kept]
    return found, {"coupons_used": len(rows), "coupon_uses": sum(row[2] for row in rows)}


def _between(prefix: str) -> tuple[str, str]:
    """Keys that begin so lie from the first to before the second, since keys are sorted by their bytes."""
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1) if prefix else "\U0010ffff"


def _coupon(row: Sequence[Any]) -> CouponView:
    return CouponView(row[0], row[1], row[2], row[3], name_of(row[4:6]), terms_of(row[6:14]), *row[14:21])

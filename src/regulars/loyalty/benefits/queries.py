"""Reading who holds which benefits, and their uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.core.calendar import business_date
from regulars.loyalty.benefits.rules import BIRTHDAY, Benefit, Holder
from regulars.loyalty.rules import Policies, Policy

# What a checkout held for a time that is over counts no more, whether or not somebody has written that down.
STANDS = "u.undone_at IS NULL AND (u.reserved_until IS NULL OR u.reserved_until > %s)"
WHO = """
SELECT k.canonical_id, coalesce(s.frozen, false), coalesce(t.tier, 0),
       (SELECT m.birthday FROM customers_customer m WHERE m.canonical_id = k.canonical_id AND m.birthday IS NOT NULL
        ORDER BY m.id <> m.canonical_id, m.id LIMIT 1)
FROM customers_customer k LEFT JOIN loyalty_standing s ON s.customer_id = k.canonical_id
LEFT JOIN loyalty_tierinterval t ON t.customer_id = k.canonical_id AND t.from_date <= %s
  AND (t.to_date IS NULL OR t.to_date > %s)
WHERE k.id = %s
"""
USED = f"""
SELECT n.code, count(*), NULL::date FROM customers_customer m
JOIN {bulk.unnest("text", "date", "date")} AS n (code, first_day, next_day) ON true
JOIN loyalty_benefituse u ON u.customer_id = m.id AND u.code = n.code AND u.business_date >= n.first_day
  AND (n.next_day IS NULL OR u.business_date < n.next_day)
WHERE m.canonical_id = %s AND {STANDS} GROUP BY 1
UNION ALL
SELECT '', 0, max(u.again_from) FROM customers_customer m
JOIN loyalty_benefituse u ON u.customer_id = m.id AND u.kind = '{BIRTHDAY}'
WHERE m.canonical_id = %s AND {STANDS}
"""


def holder(customer_id: int, *, policies: Policies, at: datetime, tier: str | None = None) -> Holder | None:
    """A member as benefits know them at a moment: tier, birthday, and what they used; None if there is no such one.

    What counts is what the whole group used, so that merging gives nothing twice.

    Args:
        tier: The tier's code, from a caller who has a fold; else the kept one.
    """
    policy = policies.at(at)
    day = business_date(at, policy.zone)
    rows = bulk.run(connection, WHO, [day, day, customer_id])
    if not rows:
        return None
    canonical_id, frozen, place, birthday = rows[0]
    used, again = _used(canonical_id, policy.benefits, day, at)
    reached = tier or policy.tiers[min(place, len(policy.tiers) - 1)].code
    return Holder(canonical_id, reached, birthday, used, again, frozen)


def _used(
    canonical_id: int, benefits: Sequence[Benefit], day: date, at: datetime
) -> tuple[dict[str, int], date | None]:
    """How often the group used each benefit in the quota's period of the day, and the next birthday benefit."""
    if not benefits:
        return {}, None
    periods = [(one.code, one.quota.period.starts(day), one.quota.period.ends(day)) for one in benefits if one.quota]
    columns = bulk.columns(periods, ("text", "date", "date"))
    rows = bulk.run(connection, USED, [*columns, canonical_id, at, canonical_id, at])
    return {row[0]: row[1] for row in rows if row[0]}, next(row[2] for row in rows if not row[0])


def benefit_of(policy: Policy, code: str) -> Benefit | None:
    """The version's benefit with this code."""
    return next((one for one in policy.benefits if one.code == code), None)


@dataclass(frozen=True, slots=True)
class UseView:
    """A use as people look at it. `coupon` is the code that a birthday coupon has, '' if none was given."""

    id: int
    key: str
    digest: bytes
    customer_id: int
    canonical_id: int
    at: datetime
    day: date
    version: int
    code: str
    kind: str
    tier: str
    part_minor: int | None
    off_minor: int
    order_key: str
    store: str
    actor: str
    reserved_until: datetime | None
    undone_at: datetime | None
    undone_by: str
    coupon_id: int | None
    coupon: str

    @property
    def is_reserved(self) -> bool:
        """Whether a checkout only holds it."""
        return self.reserved_until is not None


USE = """
SELECT u.id, u.key, u.digest, u.customer_id, m.canonical_id, u.at, u.business_date, u.version, u.code, u.kind, u.tier,
       u.part_minor, u.off_minor, u.order_key, coalesce(nullif(s.name, ''), s.code, ''), u.actor,
       u.reserved_until, u.undone_at, u.undone_by, c.id, coalesce(c.code, '')
FROM loyalty_benefituse u JOIN customers_customer m ON m.id = u.customer_id
LEFT JOIN catalogue_store s ON s.id = u.store_id
LEFT JOIN loyalty_coupon c ON c.key = 'benefit:' || u.id
"""


def use_of_key(key: str) -> UseView | None:
    """The use that was made with this key."""
    return _one(f"{USE} WHERE u.key = %s", [key])


def use(use_id: int) -> UseView | None:
    """One use."""
    return _one(f"{USE} WHERE u.id = %s", [use_id])


def uses_of(canonical_id: int, *, most: int, before: tuple[datetime, int] | None = None) -> list[UseView]:
    """A member's uses (the whole group's), undone ones included, newest first; a page goes on before (at, id)."""
    at, use_id = before or (None, None)
    rows = bulk.run(
        connection,
        f"""{USE} WHERE m.canonical_id = %s AND u.reserved_until IS NULL
              AND (%s::timestamptz IS NULL OR (u.at, u.id) < (%s, %s)) ORDER BY u.at DESC, u.id DESC LIMIT %s""",
        [canonical_id, at, at, use_id, most],
    )
    return [_view(row) for row in rows]


def _one(statement: str, values: Sequence[Any]) -> UseView | None:
    rows = bulk.run(connection, statement, values)
    return _view(rows[0]) if rows else None


def _view(row: Sequence[Any]) -> UseView:
    return UseView(row[0], row[1], bytes(row[2]), *row[3:])

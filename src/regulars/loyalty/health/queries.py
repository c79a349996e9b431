"""Reading how the programme does, out of the ledger, the facts and what was given off."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from regulars.core import bulk
from regulars.core.calendar import add_months, business_date, start_of_day
from regulars.facts import figures
from regulars.ledger import movements
from regulars.loyalty import membership
from regulars.loyalty.health.rules import Costs, Health, HealthMonth
from regulars.loyalty.liability import queries as liability
from regulars.loyalty.rules import ItemKind, Policies

MONTHS = 12
# A till captures what it held; staff and portals redeem. What was given back later was used all the same.
USERS = f"""
SELECT date_trunc('month', k.business_date)::date, count(DISTINCT c.canonical_id)
FROM loyalty_command k JOIN customers_customer c ON c.id = k.customer_id
WHERE k.kind IN ({int(ItemKind.REDEEM)}, {int(ItemKind.CAPTURE)}) AND k.business_date >= %s AND k.business_date < %s
GROUP BY GROUPING SETS ((1), ())
"""
GIVEN = """
SELECT (SELECT coalesce(sum(discount_minor), 0) FROM loyalty_couponuse
        WHERE undone_at IS NULL AND reserved_until IS NULL AND at >= %s AND at < %s)::bigint,
       (SELECT coalesce(sum(off_minor), 0) FROM loyalty_benefituse
        WHERE undone_at IS NULL AND reserved_until IS NULL AND at >= %s AND at < %s)::bigint
"""


def health(*, policies: Policies, zone: ZoneInfo, at: datetime, until: date | None = None) -> Health:
    """The twelve months before a day, and where members stand now.

    Args:
        until: The first day that no longer counts; None: tomorrow, so that today counts.
    """
    end = until or business_date(at, zone) + timedelta(days=1)
    first = add_months((end - timedelta(days=1)).replace(day=1), 1 - MONTHS)
    books = movements.points_books(zone=zone, at=at, by="happened")
    moved = {one.month: one for one in books.happened}
    sold, all_sold = Counter[date](), Counter[date]()
    for day in figures.revenue_by_day(since=first, until=end):
        sold[day.day.replace(day=1)] += day.members
        all_sold[day.day.replace(day=1)] += day.members + day.others
    users = dict(bulk.run(connection, USERS, [first, end]))
    buyers = figures.buyers_by_month(since=first, until=end)
    months = []
    for month in (add_months(first, ahead) for ahead in range(MONTHS)):
        one = moved.get(month)
        months.append(
            HealthMonth(
                month,
                one.earned - one.revoked if one else 0,
                one.used if one else 0,
                one.expired if one else 0,
                buyers.get(month, 0),
                users.get(month, 0),
                sold[month],
                all_sold[month],
            )
        )
    used = sum(month.used for month in months)
    tiers = membership.tier_counts(business_date(at, zone))
    ladder = policies.on(business_date(at, zone)).tiers
    return Health(
        since=first,
        until=end,
        members=membership.everybody(),
        joined=membership.totals(membership.Filter(joined_since=first), today=business_date(at, zone)).members,
        buyers=figures.buyers(since=first, until=end).members,
        users=users.get(None, 0),
        months=tuple(months),
        costs=Costs(liability.worth().of(max(0, used)), *_given(first, end, zone)),
        tiers=tuple(tiers.get(place, 0) for place in range(len(ladder))),
        unspent=books.happened[-1].closing if books.happened else 0,
    )


def _given(first: date, end: date, zone: ZoneInfo) -> tuple[int, int]:
    """What coupons and benefits took off in [first, end), in minor units."""
    span = [start_of_day(first, zone), start_of_day(end, zone)]
    coupons, benefits = bulk.run(connection, GIVEN, [*span, *span])[0]
    return coupons, benefits

"""Who comes into another tier by date alone, as other systems are told of it."""

from datetime import date
from typing import NamedTuple

from django.db import connection

from regulars.core import bulk

BY_DATE = """
SELECT i.customer_id, p.tier, i.tier, i.from_date FROM loyalty_tierinterval i
JOIN loyalty_tierinterval p ON p.customer_id = i.customer_id AND p.to_date = i.from_date
WHERE i.from_date > %s AND i.from_date <= %s AND p.tier <> i.tier ORDER BY i.from_date, i.customer_id
"""


class TierMove(NamedTuple):
    """A canonical customer's tier, by its place, until a day and from that day on."""

    customer_id: int
    before: int
    after: int
    day: date


def tiers_by_date(*, after: date, upto: date) -> list[TierMove]:
    """Whose tier became another one on a day in (after, upto], as it was foreseen."""
    return [TierMove(*row) for row in bulk.run(connection, BY_DATE, [after, upto])]

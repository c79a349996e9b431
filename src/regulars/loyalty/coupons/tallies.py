"""What came of every offer's coupons, all at once."""

from django.db import connection

from regulars.core import bulk
from regulars.loyalty.coupons.queries import Tally

# Uses are added up by coupon first, so that a coupon that was used twice is one coupon.
TALLIES = """
SELECT v.offer_id, count(*), count(c.voided_at), count(*) FILTER (WHERE u.uses > 0), coalesce(sum(u.uses), 0)::bigint,
       coalesce(sum(u.undone), 0)::bigint, coalesce(sum(u.discount), 0)::bigint,
       coalesce(sum(u.uses * v.unit_cost_minor), 0)::bigint
FROM loyalty_coupon c JOIN loyalty_offerversion v ON v.id = c.version_id
LEFT JOIN (SELECT coupon_id, count(*) FILTER (WHERE undone_at IS NULL) AS uses, count(undone_at) AS undone,
                  sum(discount_minor) FILTER (WHERE undone_at IS NULL) AS discount
           FROM loyalty_couponuse WHERE reserved_until IS NULL GROUP BY 1) u ON u.coupon_id = c.id
GROUP BY 1
"""


def tallies_of_offers() -> dict[int, Tally]:
    """offer id → what came of its coupons, of all its versions; one without coupons is left out."""
    return {row[0]: Tally(*row[1:]) for row in bulk.run(connection, TALLIES)}

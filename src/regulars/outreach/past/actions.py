"""Taking over what another system tells of its campaigns, and matching redemptions with the orders."""

from collections.abc import Iterable

from django.db import connection, transaction

from regulars.core import bulk
from regulars.customers.identities import IdentityKind
from regulars.outreach.past.rules import ToldCampaign, ToldCoupon, ToldRedemption

NAMED = f"i.kind = {IdentityKind.EXTERNAL_ID.value} AND i.space = %s AND i.value"
FORGET = (
    "DELETE FROM outreach_pastredemption WHERE source = %s",
    "DELETE FROM outreach_pastreach r USING outreach_pastcampaign p WHERE p.id = r.campaign_id AND p.source = %s",
    "DELETE FROM outreach_pastcoupon c USING outreach_pastcampaign p WHERE p.id = c.campaign_id AND p.source = %s",
    "DELETE FROM outreach_pastcampaign WHERE source = %s",
)
CAMPAIGNS = f"""
INSERT INTO outreach_pastcampaign (source, key, kind, start_date, end_date)
SELECT %s, n.* FROM {bulk.unnest("text", "text", "date", "date")} AS n
"""
REACHED = f"""
INSERT INTO outreach_pastreach (campaign_id, identity_id)
SELECT DISTINCT p.id, i.id FROM {bulk.unnest("text", "text")} AS n (key, customer)
JOIN outreach_pastcampaign p ON p.source = %s AND p.key = n.key JOIN customers_identity i ON {NAMED} = n.customer
"""
COUPONS = f"""
INSERT INTO outreach_pastcoupon (campaign_id, code, products)
SELECT p.id, n.code, array_agg(DISTINCT n.product) FROM {bulk.unnest("text", "text", "text")} AS n (code, product, key)
JOIN outreach_pastcampaign p ON p.source = %s AND p.key = n.key GROUP BY 1, 2
"""
REDEMPTIONS = f"""
INSERT INTO outreach_pastredemption (source, campaign_key, code, identity_id, on_date, match)
SELECT %s, n.key, n.code, i.id, n.on_date, 'unknown_customer'
FROM {bulk.unnest("text", "text", "text", "date")} AS n (customer, code, key, on_date)
LEFT JOIN customers_identity i ON {NAMED} = n.customer
ORDER BY n.key, n.on_date, i.id, n.code
"""
LOOKED_AT = (
    "outreach_pastcampaign", "outreach_pastreach", "outreach_pastcoupon", "outreach_pastredemption", "facts_fact",
    "customers_identity", "customers_customer",
)  # fmt: skip
# A group's identities count as one customer, and an order that was cancelled was never made.
MATCH = """
WITH seen AS (
  SELECT r.id, r.identity_id, r.on_date, k.canonical_id, p.id AS campaign_id, p.start_date, p.end_date, c.products
  FROM outreach_pastredemption r
  LEFT JOIN customers_identity i ON i.id = r.identity_id LEFT JOIN customers_customer k ON k.id = i.customer_id
  LEFT JOIN outreach_pastcampaign p ON p.source = r.source AND p.key = r.campaign_key
  LEFT JOIN outreach_pastcoupon c ON c.campaign_id = p.id AND c.code = r.code
  WHERE r.source = %s
), orders AS (
  SELECT s.id, f.id AS fact_id, EXISTS (
    SELECT 1 FROM jsonb_array_elements(f.body -> 'lines') l WHERE l ->> 1 = ANY(s.products)) AS has_product
  FROM seen s JOIN customers_customer k ON k.canonical_id = s.canonical_id
  JOIN customers_identity i ON i.customer_id = k.id
  JOIN facts_fact f ON f.identity_id = i.id AND f.kind = 1 AND f.business_date = s.on_date AND f.retracted_at IS NULL
  WHERE NOT EXISTS (SELECT 1 FROM facts_fact x WHERE x.source_id = f.source_id AND x.subject = f.key AND x.kind = 3
                    AND x.retracted_at IS NULL)
), bought AS (
  SELECT id, min(fact_id) FILTER (WHERE has_product) AS fact_id FROM orders GROUP BY 1
), judged AS (
  SELECT s.id, b.fact_id, CASE
    WHEN s.identity_id IS NULL THEN 'unknown_customer'
    WHEN s.campaign_id IS NULL THEN 'unknown_campaign'
    WHEN NOT EXISTS (SELECT 1 FROM outreach_pastreach h JOIN customers_identity i ON i.id = h.identity_id
                     JOIN customers_customer k ON k.id = i.customer_id
                     WHERE h.campaign_id = s.campaign_id AND k.canonical_id = s.canonical_id) THEN 'not_received'
    WHEN s.on_date < s.start_date OR s.on_date >= s.end_date THEN 'outside_dates'
    WHEN s.products IS NULL THEN 'unknown_coupon'
    WHEN b.id IS NULL THEN 'no_order'
    WHEN b.fact_id IS NULL THEN 'not_bought'
    ELSE 'bought' END AS match
  FROM seen s LEFT JOIN bought b ON b.id = s.id
)
UPDATE outreach_pastredemption r SET match = j.match, fact_id = CASE WHEN j.match = 'bought' THEN j.fact_id END
FROM judged j WHERE j.id = r.id
"""


@transaction.atomic
def take_over(
    *,
    source: str,
    campaigns: Iterable[ToldCampaign],
    coupons: Iterable[ToldCoupon],
    redemptions: Iterable[ToldRedemption],
) -> None:
    """Keep what a system tells of its campaigns, in the place of what it told before, and match it with the orders.

    Customers are named as its orders name them: by external ids of the same source.
    """
    for statement in FORGET:
        bulk.run(connection, statement, [source])
    told = list(campaigns)
    rows = [(one.key, one.kind, one.start_date, one.end_date) for one in told]
    bulk.run(connection, CAMPAIGNS, [source, *bulk.columns(rows, ("text", "text", "date", "date"))])
    reached = [(one.key, customer) for one in told for customer in one.reached]
    bulk.run(connection, REACHED, [*bulk.columns(reached, ("text", "text")), source, source])
    bulk.run(connection, COUPONS, [*bulk.columns(coupons, ("text", "text", "text")), source])
    used = [(one.customer, one.code, one.campaign_key, one.on) for one in redemptions]
    bulk.run(connection, REDEMPTIONS, [source, *bulk.columns(used, ("text", "text", "text", "date")), source])
    match_again(source=source)


def match_again(*, source: str) -> None:
    """Look once more which redemptions the orders bear out, for instance after more orders were imported."""
    # What was loaded a moment ago has no statistics yet, and a plan for empty tables takes minutes instead of a second.
    bulk.run(connection, f"ANALYZE {', '.join(LOOKED_AT)}")
    bulk.run(connection, MATCH, [source])

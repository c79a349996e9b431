-- Lifecycle stages by hand, from the table `features`: as regulars.insight.compute.lifecycle.
WITH limits AS (
    SELECT *,
        CASE WHEN purchase_days > 0 THEN greatest(ceil(usual_gap_days + 2 * usual_spread_days)::BIGINT, 7) END AS at_risk,
        CASE WHEN purchase_days > 0 THEN greatest(ceil(usual_gap_days + 4 * usual_spread_days)::BIGINT, 30) END AS dormant,
        CASE WHEN purchase_days > 0 THEN greatest(ceil(usual_gap_days + 8 * usual_spread_days)::BIGINT, 90) END AS churned
    FROM features
)
SELECT customer_id,
    CASE WHEN purchase_days = 0 THEN 'new' WHEN recency_days >= churned THEN 'churned'
        WHEN recency_days >= dormant THEN 'dormant' WHEN recency_days >= at_risk THEN 'at_risk'
        WHEN absence_days >= dormant THEN 'won_back' WHEN purchase_days = 1 THEN 'new'
        WHEN purchase_days <= 3 THEN 'growing'
        WHEN purchase_days_90 > purchase_days_90_before AND pow(purchase_days_90 - purchase_days_90_before, 2)
            >= 4 * (purchase_days_90 + purchase_days_90_before) THEN 'growing' ELSE 'active' END AS stage,
    CASE WHEN purchase_days = 0 THEN 'never_bought' WHEN recency_days >= at_risk THEN 'silent_' || usual_gap_basis
        WHEN absence_days >= dormant THEN 'came_back' WHEN purchase_days = 1 THEN 'first_purchase'
        WHEN purchase_days <= 3 THEN 'forming' WHEN stage = 'growing' THEN 'more_often' ELSE 'in_rhythm' END AS cause,
    at_risk AS at_risk_after_days, dormant AS dormant_after_days, churned AS churned_after_days
FROM limits

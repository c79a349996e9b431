-- RFM by hand: the same definition as regulars.insight.compute.rfm, in plain DuckDB SQL.
WITH back AS (
    SELECT order_id, sum(amount) AS part, bool_or(amount IS NULL) AS whole, bool_or(cancelled) AS cancelled
    FROM returns WHERE day < DATE '{today}' AND order_id IS NOT NULL GROUP BY order_id
), bought AS (
    SELECT customer_id, date_diff('day', max(day), DATE '{today}') AS recency_days, count(*) AS orders,
        sum(paid - least(CASE WHEN whole THEN paid ELSE coalesce(part, 0) END, paid))::BIGINT AS spent_minor
    FROM orders JOIN identities USING (identity_id) LEFT JOIN back USING (order_id)
    WHERE day < DATE '{today}' AND NOT coalesce(cancelled, false)
    GROUP BY customer_id
), scored AS (
    SELECT customer_id,
        ceil(5 * cume_dist() OVER (ORDER BY recency_days DESC))::BIGINT AS r,
        6 - ceil(5 * cume_dist() OVER (ORDER BY orders DESC))::BIGINT AS f,
        6 - ceil(5 * cume_dist() OVER (ORDER BY spent_minor DESC))::BIGINT AS m
    FROM bought
), means AS (SELECT count(*) AS n, sum(r) AS r, sum(f) AS f, sum(m) AS m FROM scored)
SELECT customer_id, s.r AS recency_score, s.f AS frequency_score, s.m AS monetary_score,
    100 * s.r + 10 * s.f + s.m AS rfm,
    CASE WHEN s.m * n > means.m THEN 'key_' ELSE 'general_' END
        || CASE WHEN s.r * n > means.r AND s.f * n > means.f THEN 'value' WHEN s.r * n > means.r THEN 'develop'
            WHEN s.f * n > means.f THEN 'keep' ELSE 'win_back' END AS rfm_eight,
    CASE
        WHEN s.r <= 2 THEN CASE WHEN s.f <= 2 THEN 'hibernating' WHEN s.f <= 4 THEN 'at_risk' ELSE 'cannot_lose' END
        WHEN s.r = 3 THEN CASE WHEN s.f <= 2 THEN 'about_to_sleep' WHEN s.f = 3 THEN 'need_attention' ELSE 'loyal' END
        WHEN s.f = 1 THEN CASE s.r WHEN 4 THEN 'promising' ELSE 'new' END
        WHEN s.f <= 3 THEN 'potential_loyalist'
        WHEN s.r = 4 THEN 'loyal' ELSE 'champions'
    END AS rfm_ten
FROM scored s, means

-- The whole feature set by hand: the same columns as regulars.insight.compute.features, in plain DuckDB SQL.
WITH back AS (
    SELECT order_id, sum(amount) AS part, bool_or(amount IS NULL) AS whole, bool_or(cancelled) AS cancelled
    FROM returns WHERE day < DATE '{today}' AND order_id IS NOT NULL GROUP BY order_id
), never AS (
    SELECT order_id FROM returns WHERE day < DATE '{today}' AND cancelled
), bought AS (
    SELECT customer_id, day, paid, discount, channel,
        least(CASE WHEN whole THEN paid ELSE coalesce(part, 0) END, paid) AS returned
    FROM orders JOIN identities USING (identity_id) LEFT JOIN back USING (order_id)
    WHERE day < DATE '{today}' AND NOT coalesce(cancelled, false)
), money AS (
    SELECT customer_id, max(day) AS last_day, min(day) AS first_day, count(*) AS orders,
        count(*) FILTER (day >= DATE '{today}' - 365) AS orders_365,
        sum(paid - returned)::BIGINT AS net,
        (sum(paid - returned) FILTER (day >= DATE '{today}' - 365))::BIGINT AS net_365,
        max(paid - returned) AS net_max,
        count(*) FILTER (day >= DATE '{today}' - 90) AS orders_90,
        count(*) FILTER (day >= DATE '{today}' - 180 AND day < DATE '{today}' - 90) AS orders_90_before,
        (sum(paid - returned) FILTER (day >= DATE '{today}' - 90))::BIGINT AS net_90,
        (sum(paid - returned) FILTER (day >= DATE '{today}' - 180 AND day < DATE '{today}' - 90))::BIGINT
            AS net_90_before,
        sum(paid)::BIGINT AS paid, sum(returned)::BIGINT AS returned, count(*) FILTER (returned > 0) AS returned_orders,
        sum(discount)::BIGINT AS discount, count(*) FILTER (discount > 0) AS discounted,
        count(*) FILTER (channel = 'online') AS online
    FROM bought GROUP BY customer_id
), spaced AS (
    SELECT customer_id, day,
        day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap
    FROM orders JOIN identities USING (identity_id)
    WHERE day < DATE '{today}' AND order_id NOT IN (SELECT order_id FROM never)
), rhythm AS (
    SELECT customer_id, count(*) AS came, count(*) FILTER (day >= DATE '{today}' - 365) AS came_365,
        count(*) FILTER (day >= DATE '{today}' - 90) AS came_90,
        count(*) FILTER (day >= DATE '{today}' - 180 AND day < DATE '{today}' - 90) AS came_90_before,
        max(day) AS came_last, count(gap) AS gaps, sum(gap)::DOUBLE AS total, sum(gap * gap)::DOUBLE AS squares,
        median(gap) AS mid, min(gap) AS low, max(gap) AS high,
        max(gap * 90 + (day - (DATE '{today}' - 90))) FILTER (day >= DATE '{today}' - 90) AS packed
    FROM spaced WHERE gap IS NULL OR gap > 0 GROUP BY customer_id
), shop AS MATERIALIZED (SELECT median(mid) AS gap FROM rhythm), judged AS (
    SELECT rhythm.*, DATE '{today}' - came_last AS silence,
        CASE WHEN gaps >= 3 THEN mid WHEN gaps = 2 THEN least(greatest(coalesce(shop.gap, 90.0), low), high)
            ELSE coalesce(shop.gap, 90.0) END AS usual,
        CASE WHEN gaps >= 2 THEN 'own' WHEN shop.gap IS NOT NULL THEN 'shop' ELSE 'default' END AS basis,
        CASE WHEN gaps >= 2
            THEN sqrt(greatest((gaps::DOUBLE * squares - total * total) / (gaps::DOUBLE * (gaps - 1)), 0.0))
            END AS deviation,
        CASE WHEN gaps >= 3 THEN greatest(usual * 0.5, least(usual * 1.5, deviation)) ELSE usual END AS spread,
        greatest((silence - usual) / spread, 0.0) AS excess
    FROM rhythm, shop
), visits AS (
    SELECT customer_id, store_id, count(*) * 17179869184 + max(epoch(occurred_at))::BIGINT AS weight
    FROM orders JOIN identities USING (identity_id)
    WHERE day < DATE '{today}' AND day >= DATE '{today}' - 365 AND store_id IS NOT NULL
        AND order_id NOT IN (SELECT order_id FROM never)
    GROUP BY customer_id, store_id
), weighed AS (
    SELECT customer_id, weight, CASE WHEN count(*) = 1 THEN min(store_id) ELSE -1 END AS store_id
    FROM visits GROUP BY customer_id, weight
), stores AS (
    SELECT customer_id, nullif(arg_max(store_id, weight), -1) AS main_store_id FROM weighed GROUP BY customer_id
), breadth AS (
    SELECT customer_id, count(DISTINCT category) AS categories
    FROM lines JOIN products USING (product) JOIN identities USING (identity_id)
    WHERE day < DATE '{today}' AND order_id NOT IN (SELECT order_id FROM never)
    GROUP BY customer_id
), collected AS (
    SELECT customer_id, sum(earned)::BIGINT AS earned, sum(redeemed)::BIGINT AS redeemed, sum(expired)::BIGINT AS expired
    FROM points WHERE day < DATE '{today}' GROUP BY customer_id
)
SELECT c.customer_id, last_day AS last_purchase_day, DATE '{today}' - last_day AS recency_days,
    coalesce(orders, 0) AS orders, coalesce(orders_365, 0) AS orders_365,
    coalesce(net, 0) AS spent_minor, coalesce(net_365, 0) AS spent_365_minor,
    floor((2 * net + orders)::DOUBLE / (2 * nullif(orders, 0)))::BIGINT AS average_order_minor,
    net_max AS largest_order_minor,
    DATE '{today}' - least(joined_on, coalesce(first_day, joined_on)) AS tenure_days, first_day AS first_purchase_day,
    DATE '{today}' - first_day AS buying_days,
    coalesce(came, 0) AS purchase_days, coalesce(came_365, 0) AS purchase_days_365,
    coalesce(came_90, 0) AS purchase_days_90, coalesce(came_90_before, 0) AS purchase_days_90_before,
    CASE WHEN gaps >= 2 THEN mid END AS gap_days, floor(deviation * 10 + 0.5) / 10 AS gap_spread_days,
    high AS longest_gap_days, usual AS usual_gap_days, basis AS usual_gap_basis,
    floor(spread * 10 + 0.5) / 10 AS usual_spread_days,
    floor((silence * 8 * 200 + (usual * 8)::BIGINT)::DOUBLE / (2 * (usual * 8)::BIGINT)) / 100 AS silence_ratio,
    CASE WHEN came IS NOT NULL THEN floor(excess * excess / (1 + excess * excess) * 100 + 0.5)::BIGINT END
        AS silence_score,
    packed // 90 AS absence_days, 90 - packed % 90 AS back_days,
    coalesce(orders_90, 0) AS orders_90, coalesce(orders_90_before, 0) AS orders_90_before,
    coalesce(net_90, 0) AS spent_90_minor, coalesce(net_90_before, 0) AS spent_90_before_minor,
    floor((20000 * (spent_90_minor - spent_90_before_minor) + spent_90_minor + spent_90_before_minor)::DOUBLE
        / (2 * nullif(spent_90_minor + spent_90_before_minor, 0))) / 10000 AS spend_trend,
    coalesce(categories, 0) AS categories,
    coalesce(returned, 0) AS returned_minor, coalesce(returned_orders, 0) AS returned_orders,
    floor((20000 * returned + paid)::DOUBLE / (2 * nullif(paid, 0))) / 10000 AS returned_share,
    coalesce(discount, 0) AS discount_minor,
    floor((20000 * discount + discount + paid)::DOUBLE / (2 * nullif(discount + paid, 0))) / 10000 AS discount_share,
    floor((20000 * discounted + orders)::DOUBLE / (2 * nullif(orders, 0))) / 10000 AS discounted_orders_share,
    floor((20000 * online + orders)::DOUBLE / (2 * nullif(orders, 0))) / 10000 AS online_share,
    CASE WHEN 2 * online > orders THEN 'online' WHEN 2 * online < orders THEN 'store' WHEN 2 * online = orders THEN 'both'
        END AS main_channel,
    main_store_id,
    coalesce(earned, 0) AS points_earned, coalesce(redeemed, 0) AS points_redeemed,
    coalesce(expired, 0) AS points_expired,
    CASE WHEN earned > 0 THEN least(floor((20000 * redeemed + earned)::DOUBLE / (2 * earned)) / 10000, 1.0) END
        AS redeemed_share
FROM customers c LEFT JOIN money USING (customer_id) LEFT JOIN judged USING (customer_id)
    LEFT JOIN stores USING (customer_id) LEFT JOIN breadth USING (customer_id) LEFT JOIN collected USING (customer_id)
WHERE joined_on < DATE '{today}'

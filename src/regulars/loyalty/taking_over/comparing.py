"""The statements that compare: the old table beside the books as of the end of a day, for everybody at once."""

from regulars.customers.identities import IdentityKind
from regulars.ledger import snapshots
from regulars.loyalty.taking_over.rules import Kind, Reason, What

TOLD = ("row", "member", "external", "phone", "email", "number", "points", "last_day", "growth", "growth_on", "tier")
TABLES = """
CREATE TEMP TABLE told (row int, member text, external text, phone text, email text, number text, points bigint,
                        last_day date, growth bigint, growth_on date, tier smallint) ON COMMIT DROP;
CREATE TEMP TABLE whose (row int, customer_id bigint, who text) ON COMMIT DROP;
CREATE TEMP TABLE olds (customer_id bigint, row int, number text, points bigint, growth bigint, tier smallint)
  ON COMMIT DROP;
CREATE TEMP TABLE days (customer_id bigint, last_day date, points bigint, pending bigint) ON COMMIT DROP;
CREATE TEMP TABLE news (customer_id bigint, points bigint, pending bigint, after bigint, clawed bigint, expired bigint,
                        earnings int, taken int, growth bigint, tier smallint) ON COMMIT DROP;
CREATE TEMP TABLE apart (customer_id bigint, expiries jsonb) ON COMMIT DROP;
CREATE TEMP TABLE told_codes (row int, code text) ON COMMIT DROP;
CREATE TEMP TABLE codes (customer_id bigint, codes jsonb) ON COMMIT DROP
"""
DROP = "DROP TABLE told, whose, olds, days, news, apart, told_codes, codes"
COPY_CODES = "COPY told_codes (row, code) FROM STDIN"
COPY = f"COPY told ({', '.join(TOLD)}) FROM STDIN"

_FOUND = "\n".join(
    f"""LEFT JOIN customers_identity i{kind} ON i{kind}.kind = {kind} AND i{kind}.space = {space}
          AND i{kind}.value = t.{column}
        LEFT JOIN customers_customer c{kind} ON c{kind}.id = i{kind}.customer_id"""
    for kind, column, space in (
        (int(IdentityKind.MEMBER_NUMBER), "member", "''"),
        (int(IdentityKind.EXTERNAL_ID), "external", "%s"),
        (int(IdentityKind.PHONE), "phone", "''"),
        (int(IdentityKind.EMAIL), "email", "''"),
    )
)
WHOSE = f"""
INSERT INTO whose SELECT t.row, coalesce(c1.canonical_id, c5.canonical_id, c6.canonical_id, c7.canonical_id),
  coalesce('1' || t.member, '5' || t.external, '6' || t.phone, '7' || t.email)
FROM told t {_FOUND}
"""
"""Whose a row is: by the first of its names that somebody has. Parameter: the old system."""

# Rows of points add up; growth stands in every row of its member, so the same value of the same day counts once.
_SUMS = """min(t.row) AS row, max(t.number) AS number, sum(t.points)::bigint AS points, max(t.tier) AS tier"""
OLDS = f"""
INSERT INTO olds
SELECT o.customer_id, o.row, o.number, o.points, g.growth, o.tier
FROM (SELECT w.customer_id, {_SUMS} FROM told t JOIN whose w ON w.row = t.row WHERE w.customer_id IS NOT NULL
      GROUP BY 1) o
LEFT JOIN (SELECT customer_id, sum(growth)::bigint AS growth FROM (
             SELECT DISTINCT w.customer_id, t.growth, t.growth_on FROM told t JOIN whose w ON w.row = t.row
             WHERE w.customer_id IS NOT NULL AND t.growth IS NOT NULL) d GROUP BY 1) g ON g.customer_id = o.customer_id
"""
DAYS = f"""
INSERT INTO days
SELECT customer_id, ((expires_at - interval '1 microsecond') AT TIME ZONE %s)::date,
       coalesce(sum(points) FILTER (WHERE NOT pending), 0)::bigint,
       coalesce(sum(points) FILTER (WHERE pending), 0)::bigint
FROM ({snapshots.LOTS_AT}) l GROUP BY 1, 2
"""
NEWS = f"""
INSERT INTO news
SELECT customer_id, sum(points)::bigint, sum(pending)::bigint, sum(after)::bigint, sum(clawed)::bigint,
       sum(expired)::bigint, sum(earnings)::int, sum(taken)::int, sum(growth)::bigint, max(tier)
FROM (
  SELECT customer_id, points, pending, 0 AS after, 0 AS clawed, 0 AS expired, 0 AS earnings, 0 AS taken, 0 AS growth,
         NULL::smallint AS tier FROM days
  UNION ALL SELECT customer_id, debt, 0, after, clawed, expired, earnings, taken_over, 0, NULL
    FROM ({snapshots.MOVED}) m
  UNION ALL SELECT customer_id, 0, 0, 0, 0, 0, 0, 0, growth, NULL FROM ({snapshots.GROWTH_AT}) g
  UNION ALL SELECT customer_id, 0, 0, 0, 0, 0, 0, 0, 0, tier FROM loyalty_tierinterval
    WHERE from_date <= %s AND (to_date IS NULL OR to_date > %s)
) n GROUP BY 1
"""
APART = """
INSERT INTO apart
SELECT customer_id, jsonb_agg(jsonb_build_array(last_day, old, new) ORDER BY last_day) FROM (
  SELECT coalesce(o.customer_id, n.customer_id) AS customer_id, coalesce(o.last_day, n.last_day) AS last_day,
         coalesce(o.points, 0) AS old, coalesce(n.points, 0) AS new
  FROM (SELECT w.customer_id, t.last_day, sum(t.points)::bigint AS points FROM told t JOIN whose w ON w.row = t.row
        WHERE w.customer_id IS NOT NULL AND t.points <> 0 GROUP BY 1, 2) o
  FULL JOIN (SELECT d.customer_id, d.last_day, d.points FROM days d JOIN olds k ON k.customer_id = d.customer_id
             WHERE d.points <> 0) n
    ON n.customer_id = o.customer_id AND coalesce(n.last_day, 'infinity') = coalesce(o.last_day, 'infinity')
) d WHERE old <> new GROUP BY 1
"""
CODES = """
INSERT INTO codes
SELECT customer_id, jsonb_agg(jsonb_build_array(code, why) ORDER BY code) FROM (
  SELECT w.customer_id, t.code, CASE
           WHEN c.id IS NULL THEN 'missing'
           WHEN k.canonical_id IS DISTINCT FROM w.customer_id THEN 'other'
           WHEN c.voided_at < p.ends THEN 'voided'
           WHEN u.used >= v.uses_most THEN 'used'
           WHEN c.expires_at <= p.ends THEN 'expired' END AS why
  FROM (SELECT %s::timestamptz AS ends) p CROSS JOIN told_codes t
  JOIN whose w ON w.row = t.row AND w.customer_id IS NOT NULL
  LEFT JOIN loyalty_coupon c ON c.code = t.code LEFT JOIN loyalty_offerversion v ON v.id = c.version_id
  LEFT JOIN customers_customer k ON k.id = c.customer_id
  LEFT JOIN LATERAL (SELECT count(*) AS used FROM loyalty_couponuse u WHERE u.coupon_id = c.id AND u.at < p.ends
                     AND u.reserved_until IS NULL AND (u.undone_at IS NULL OR u.undone_at >= p.ends)) u ON true
  UNION ALL
  SELECT k.canonical_id, c.code, 'only_here'
  FROM (SELECT %s::timestamptz AS ends) p CROSS JOIN loyalty_coupon c
  JOIN loyalty_offerversion v ON v.id = c.version_id JOIN customers_customer k ON k.id = c.customer_id
  JOIN olds o ON o.customer_id = k.canonical_id
  LEFT JOIN LATERAL (SELECT count(*) AS used FROM loyalty_couponuse u WHERE u.coupon_id = c.id AND u.at < p.ends
                     AND u.reserved_until IS NULL AND (u.undone_at IS NULL OR u.undone_at >= p.ends)) u ON true
  WHERE c.code !~ '^[2-9A-HJKMNP-Z]{12}$' AND c.issued_at < p.ends AND c.expires_at > p.ends
    AND (c.voided_at IS NULL OR c.voided_at >= p.ends) AND u.used < v.uses_most
    AND NOT EXISTS (SELECT 1 FROM told_codes t WHERE t.code = c.code)
) d WHERE why IS NOT NULL GROUP BY 1
"""
"""Codes that are not good in both. Of those that the old table does not tell only what looks like one of its codes."""
DIFFERENCES = f"""
INSERT INTO loyalty_paralleldifference (run_id, customer_id, kind, row, number, what, old_points, new_points,
  old_growth, new_growth, old_tier, new_tier, expiries, codes, reason, size)
SELECT %s, customer_id, '{Kind.DIFFER}', row, number, what, old_points, new_points, old_growth, new_growth, old_tier,
       new_tier, expiries, codes,
  CASE WHEN what & {What.POINTS} > 0 THEN CASE
         WHEN taken = 0 AND new_points < old_points THEN '{Reason.NOT_TAKEN}'
         WHEN old_points - new_points = pending AND pending > 0 THEN '{Reason.PENDING}'
         WHEN old_points - new_points = after AND after <> 0 THEN '{Reason.AFTER}'
         WHEN old_points - new_points = clawed AND clawed > 0 THEN '{Reason.REFUND}'
         WHEN old_points - new_points = expired AND expired > 0 THEN '{Reason.EXPIRED}'
         WHEN abs(old_points - new_points) <= earnings THEN '{Reason.ROUNDING}'
         WHEN new_points > old_points THEN '{Reason.MORE}' ELSE '{Reason.LESS}' END
       WHEN what & {What.EXPIRY} > 0 THEN '{Reason.EXPIRY}'
       WHEN what & {What.GROWTH} > 0 THEN '{Reason.GROWTH}'
       WHEN what & {What.TIER} > 0 THEN '{Reason.TIER}' ELSE '{Reason.COUPON}' END,
  abs(coalesce(old_points - new_points, 0))
FROM (
  SELECT o.customer_id, o.row, o.number, o.points AS old_points, coalesce(n.points, 0) AS new_points,
         o.growth AS old_growth, coalesce(n.growth, 0) AS new_growth, o.tier AS old_tier,
         coalesce(n.tier, 0) AS new_tier, coalesce(a.expiries, '[]') AS expiries, coalesce(c.codes, '[]') AS codes,
         coalesce(n.pending, 0) AS pending, coalesce(n.after, 0) AS after, coalesce(n.clawed, 0) AS clawed,
         coalesce(n.expired, 0) AS expired, coalesce(n.earnings, 0) AS earnings, coalesce(n.taken, 0) AS taken,
         CASE WHEN %s AND o.points <> coalesce(n.points, 0) THEN {What.POINTS} ELSE 0 END
       + CASE WHEN %s AND a.expiries IS NOT NULL THEN {What.EXPIRY} ELSE 0 END
       + CASE WHEN %s AND o.growth <> coalesce(n.growth, 0) THEN {What.GROWTH} ELSE 0 END
       + CASE WHEN %s AND o.tier <> coalesce(n.tier, 0) THEN {What.TIER} ELSE 0 END
       + CASE WHEN %s AND c.codes IS NOT NULL THEN {What.COUPON} ELSE 0 END AS what
  FROM olds o LEFT JOIN news n ON n.customer_id = o.customer_id LEFT JOIN apart a ON a.customer_id = o.customer_id
  LEFT JOIN codes c ON c.customer_id = o.customer_id
) d WHERE what > 0
"""
ONLY_OLD = f"""
INSERT INTO loyalty_paralleldifference (run_id, kind, row, number, what, old_points, old_growth, old_tier, expiries,
  reason, size)
SELECT %s, '{Kind.ONLY_OLD}', min(t.row), max(t.number), 0, sum(t.points)::bigint, max(t.growth), max(t.tier), '[]',
       '{Reason.MISSING}', coalesce(abs(sum(t.points)), 0)::bigint
FROM told t JOIN whose w ON w.row = t.row WHERE w.customer_id IS NULL GROUP BY w.who
"""
ONLY_NEW = f"""
INSERT INTO loyalty_paralleldifference (run_id, customer_id, kind, number, what, new_points, new_growth, new_tier,
  expiries, reason, size)
SELECT %s, n.customer_id, '{Kind.ONLY_NEW}', '', 0, n.points, n.growth, coalesce(n.tier, 0), '[]',
       '{Reason.NOT_IN_TABLE}', abs(n.points)
FROM news n LEFT JOIN olds o ON o.customer_id = n.customer_id
WHERE o.customer_id IS NULL AND ((%s AND n.points <> 0) OR (%s AND n.growth <> 0))
"""
TALLY = """
SELECT (SELECT count(*) FROM olds), (SELECT coalesce(sum(points), 0)::bigint FROM olds),
       (SELECT coalesce(sum(n.points), 0)::bigint FROM news n JOIN olds o ON o.customer_id = n.customer_id),
       count(*) FILTER (WHERE kind = 'differ'), count(*) FILTER (WHERE kind = 'only_old'),
       count(*) FILTER (WHERE kind = 'only_new')
FROM loyalty_paralleldifference WHERE run_id = %s
"""

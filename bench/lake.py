"""A made-up lake of any size as Parquet, in the lake's own schema, written by DuckDB and kept for the next run.

Orders come in the order of time, as the fact feed brings them. Some customers buy far more than others, most buy at
random, every twentieth never bought; every order has two lines on average, every twentieth a return.
"""

import tempfile
from datetime import date
from pathlib import Path

import duckdb

FIRST_DAY = date(2022, 1, 1)
DAYS = 1095
LAST_DAY = date(2024, 12, 31)  # FIRST_DAY + DAYS: everything is before
TABLES = (
    "customers", "identities", "products", "orders", "lines", "returns", "points", "tiers", "memberships", "contracts",
)  # fmt: skip

# What chance decides is a hash of the row's number and what it decides, so every run makes the same lake. One number
# goes in: of two, DuckDB mixes the hashes so simply that a customer's chances would hang together.
CHANCE = "(hash(({what}) * 16 + {number}) >> 11)::DOUBLE / 9007199254740992.0"

SQL = {
    "customers": """
        SELECT i + 1 AS customer_id, sha256(i::VARCHAR) AS who, DATE '{first}' AS joined_on
        FROM range({customers}) r(i)""",
    "identities": "SELECT i + 1 AS identity_id, i + 1 AS customer_id FROM range({customers}) r(i)",
    "products": """
        SELECT 'P' || i AS product, 'Product ' || i AS name, 'C' || (i % 24) AS category, 'B' || (i % 90) AS brand
        FROM range(5000) r(i)""",
    "orders": """
        SELECT i + 1 AS order_id,
            1 + floor({customers} * 0.95 * pow({u_customer}, 1.3))::BIGINT AS identity_id,
            TIMESTAMP '{first}' + to_seconds(floor(i * {days} * 86400.0 / {orders})::BIGINT) AS occurred_at,
            occurred_at::DATE AS day,
            1000 + floor(30000 * pow({u_paid}, 3))::BIGINT AS paid,
            paid - 100 AS base,
            CASE WHEN {u_discount} < 0.3 THEN floor(paid * 0.1)::BIGINT ELSE 0 END AS discount,
            CASE WHEN {u_channel} < 0.4 THEN 'online' ELSE 'store' END AS channel,
            CASE WHEN {u_channel} >= 0.4 THEN 1 + (identity_id + (2 * {u_store})::INT) % 40 END AS store_id
        FROM range({orders}) r(i)""",
    "lines": """
        SELECT order_id, identity_id, day, 'P' || floor(5000 * {u_product})::INT AS product, paid // 2 AS amount
        FROM (
            SELECT order_id, identity_id, day, paid, unnest(range(1 + floor(3 * {u_lines})::INT)) AS n FROM orders
        )""",
    "returns": """
        SELECT order_id AS return_id, order_id, identity_id, occurred_at + INTERVAL 5 DAY AS occurred_at,
            day + 5 AS day, CASE WHEN {u_whole} < 0.5 THEN NULL ELSE paid // 3 END AS amount,
            {u_whole} < 0.1 AS cancelled
        FROM orders WHERE {u_return} < 0.05""",
    "points": """
        SELECT identity_id AS customer_id, day, sum(paid // 100)::BIGINT AS earned,
            sum(CASE WHEN {u_redeem} < 0.03 THEN paid // 200 ELSE 0 END)::BIGINT AS redeemed, 0::BIGINT AS expired
        FROM orders GROUP BY 1, 2""",
    "tiers": """
        SELECT i + 1 AS customer_id, 1::SMALLINT AS tier, DATE '{first}' AS from_date, NULL::DATE AS to_date
        FROM range({customers}) r(i)""",
    "memberships": """
        SELECT s + 1 AS segment_id, i + 1 AS customer_id, DATE '{first}' AS entered_on, NULL::DATE AS left_on
        FROM range({customers}) r(i), range(4) t(s) WHERE i % 4 = s""",
    # A shop that has none.
    "contracts": """
        SELECT '' AS contract, '' AS number, NULL::BIGINT AS identity_id, NULL::TIMESTAMP AS occurred_at,
            NULL::DATE AS day, '' AS event, NULL::DATE AS ends_on, false AS seen, '' AS attributes
        FROM range(0) r(i)""",
}
DECIDED = {  # each chance, by the number of what it decides about
    "customer": "i", "paid": "i", "discount": "i", "channel": "i", "store": "i", "lines": "order_id",
    "whole": "order_id", "return": "order_id", "redeem": "order_id", "product": "order_id * 4 + n",
}  # fmt: skip


def lake(customers: int, orders: int) -> Path:
    """The folder with one Parquet file a table; made on the first call, about 65 MB a million orders."""
    folder = Path(tempfile.gettempdir()) / f"regulars-bench-lake-2-{customers}-{orders}"
    if (folder / "made").exists():
        return folder
    folder.mkdir(exist_ok=True)
    chances = {
        f"u_{name}": CHANCE.format(what=what, number=number) for number, (name, what) in enumerate(DECIDED.items())
    }
    with duckdb.connect(config={"memory_limit": "6GB", "temp_directory": str(folder / "spill")}) as connection:
        connection.execute("SET preserve_insertion_order = true")
        for table in TABLES:
            query = SQL[table].format(customers=customers, orders=orders, first=FIRST_DAY, days=DAYS, **chances)
            connection.execute(f"COPY ({query}) TO '{folder}/{table}.parquet' (FORMAT parquet, COMPRESSION zstd)")
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{folder}/{table}.parquet'")
    (folder / "made").touch()
    return folder

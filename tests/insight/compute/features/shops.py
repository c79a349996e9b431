"""Shops for features: one written by hand, made-up ones with everything in them, and UCI Online Retail."""

import random
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import ibis

from regulars.insight.compute.tables import SCHEMAS, Tables, in_memory

Rows = dict[str, list[dict[str, Any]]]
TODAY = date(2024, 7, 1)
ONLINE_RETAIL = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "online_retail.parquet"


def day(told: str) -> date:
    return date.fromisoformat(told)


def order(number: int, who: int | None, on: date | str, paid: int = 1000, **more: Any) -> dict[str, Any]:
    at = day(on) if isinstance(on, str) else on
    return {
        "order_id": number, "identity_id": who, "occurred_at": datetime.combine(at, time(12)), "day": at, "paid": paid,
        "base": paid, "discount": 0, "channel": "store", "store_id": 1, **more,
    }  # fmt: skip


def people(*who: int, joined: date = date(2023, 12, 31)) -> Rows:
    return {
        "customers": [{"customer_id": one, "who": f"who-{one:05}", "joined_on": joined} for one in who],
        "identities": [{"identity_id": one, "customer_id": one} for one in who],
    }


def visits(*days: str) -> Tables:
    """A shop of one customer who came on these days."""
    return in_memory({"orders": [order(n, 1, one) for n, one in enumerate(days)], **people(1)})


def by_customer(table: Any) -> dict[int, dict[str, Any]]:
    """The rows by customer; each may be there only once."""
    rows = table.to_pyarrow().to_pylist()
    found = {row["customer_id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def made_up(seed: int, *, customers: int = 40, orders: int = 400) -> Rows:
    """A shop of chance, to the end of 2024: two identities for some, refunds, cancellations, ties and nobodies."""
    chance = random.Random(seed)
    rows: Rows = {name: [] for name in SCHEMAS}
    for one in range(1, customers + 1):
        joined = date(2023, 1, 1) + timedelta(days=chance.randrange(300))
        rows["customers"].append({"customer_id": one, "who": f"who-{one:05}", "joined_on": joined})
        rows["identities"] += [{"identity_id": one + n * 1000, "customer_id": one} for n in range(1 + one % 2)]
    rows["products"] = [{"product": f"P{n}", "category": f"C{n % 5}"} for n in range(20)]
    for number in range(orders):
        on = date(2023, 1, 1) + timedelta(days=chance.randrange(730))
        who = chance.choice(rows["identities"])["identity_id"] if chance.random() > 0.05 else None
        online = chance.random() < 0.4
        told = order(
            number, who, on, chance.randrange(1, 20) * 500, discount=chance.choice([0, 0, 100]),
            channel="online" if online else "store", store_id=None if online else chance.randrange(1, 4),
        )  # fmt: skip
        rows["orders"].append(told)
        for _ in range(chance.randrange(3)):
            product = f"P{chance.randrange(20)}"
            rows["lines"].append({"order_id": number, "identity_id": who, "day": on, "product": product, "amount": 500})
        if chance.random() < 0.15:
            back = on + timedelta(days=chance.randrange(60))
            amount = chance.choice([None, 500])
            rows["returns"].append(
                {"return_id": number, "order_id": number, "identity_id": who, "day": back, "amount": amount,
                 "occurred_at": datetime.combine(back, time(9)), "cancelled": chance.random() < 0.3}
            )  # fmt: skip
    for one in range(1, customers + 1, 3):
        on = date(2023, 6, 1) + timedelta(days=chance.randrange(500))
        rows["points"].append({"customer_id": one, "day": on, "earned": 90, "redeemed": 30, "expired": 5})
    return rows


def renumbered(rows: Rows, seed: int) -> Rows:
    """The same facts, told in another order and numbered otherwise, as by another import."""
    chance = random.Random(seed)
    new: dict[str, dict[int | None, int]] = {}
    for key, ids in _ids(rows).items():
        mixed = chance.sample(range(10_000, 10_000 + 3 * len(ids)), len(ids))
        new[key] = dict(zip(ids, mixed, strict=True))
    told: Rows = {}
    for name, table in rows.items():
        mixed_rows = [{k: new[k].get(v) if k in new else v for k, v in row.items()} for row in table]
        told[name] = chance.sample(mixed_rows, len(mixed_rows))
    return told


def _ids(rows: Rows) -> dict[str, list[int]]:
    found: dict[str, set[int]] = {}
    for table in rows.values():
        for row in table:
            for key in ("order_id", "identity_id", "customer_id", "store_id"):
                if row.get(key) is not None:
                    found.setdefault(key, set()).add(row[key])
    return {key: sorted(ids) for key, ids in found.items()}


def online_retail() -> Tables:
    """UCI Online Retail: an invoice is an order; credit notes name no order, as in the file."""
    lines = ibis.read_parquet(ONLINE_RETAIL)
    lines = lines.filter(lines.UnitPrice > 0).mutate(
        amount=(lines.Quantity * lines.UnitPrice * 100).round().cast("int64"),
        identity_id=lines.CustomerID.cast("int64"),
        day=lines.InvoiceDate.date(),
        number=lines.InvoiceNo.re_replace("[^0-9]", "").cast("int64"),
        credit=lines.InvoiceNo.startswith("C"),
    )
    sold, back = lines.filter(~lines.credit), lines.filter(lines.credit)
    orders = sold.group_by("number").aggregate(
        identity_id=sold.identity_id.max(), occurred_at=sold.InvoiceDate.min(), day=sold.day.min(),
        paid=ibis.greatest(sold.amount.sum(), 0),
    )  # fmt: skip
    names = sold.filter(sold.identity_id.notnull()).group_by("identity_id").aggregate(joined_on=sold.day.min())
    told = {
        "orders": orders.mutate(
            order_id=orders.number, base=orders.paid, discount=0, channel=ibis.literal("online"),
            store_id=ibis.null("int64"),
        ),
        "lines": sold.select("identity_id", "day", "amount", order_id=sold.number, product=sold.StockCode),
        "returns": back.select(
            "identity_id", "day", occurred_at=back.InvoiceDate, return_id=back.number, order_id=ibis.null("int64"),
            amount=-back.amount, cancelled=False,
        ),
        "products": sold.select(product=sold.StockCode).distinct().mutate(
            name=ibis.literal(""), category=ibis.literal("all"), brand=ibis.literal("")
        ),
        "identities": names.select("identity_id", customer_id=names.identity_id),
        "customers": names.select("joined_on", customer_id=names.identity_id, who=names.identity_id.cast("string")),
    }  # fmt: skip
    tables = {name: table.select(*SCHEMAS[name].names).cast(SCHEMAS[name]) for name, table in told.items()}
    empty = in_memory({})
    others = {name: getattr(empty, name) for name in ("tiers", "points", "memberships", "contracts")}
    return Tables(**tables, **others)

"""A shop with a picture: some two hundred customers over two years, computed once for all pages' tests."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from regulars.insight.compute import refresh
from regulars.insight.compute.refresh import Made
from regulars.insight.compute.sets import Sets
from regulars.insight.compute.tables import Tables, in_memory

DAY = date(2026, 3, 1)
FIRST = 900_001
CUSTOMERS = 220
CHANNELS = ("store", "store", "store", "online")
SEGMENT = 900_101
"""On record in the lake: every third customer was in it from summer on."""


def told() -> Tables:
    """Regulars, one-time guests and people who stayed away, each with a rhythm of their own; a fixed seed."""
    chance = Random(7)
    rows: dict[str, list[dict[str, Any]]] = {
        "orders": [], "lines": [], "returns": [], "identities": [], "customers": [], "products": [], "points": [],
    }  # fmt: skip
    rows["tiers"] = [
        {"customer_id": customer, "tier": customer % 4 // 2, "from_date": date(2024, 3, 1), "to_date": None}
        for customer in range(FIRST, FIRST + CUSTOMERS)
    ]
    rows["memberships"] = [
        {"segment_id": SEGMENT, "customer_id": customer, "entered_on": date(2025, 6, 20), "left_on": None}
        for customer in range(FIRST, FIRST + CUSTOMERS, 3)
    ]
    for number in range(40):
        rows["products"].append({"product": f"P{number}", "name": f"P{number}", "category": f"C{number % 6}"})
    for customer in range(FIRST, FIRST + CUSTOMERS):
        day = date(2024, 3, 1) + timedelta(days=chance.randrange(600))
        rows["identities"].append({"identity_id": customer, "customer_id": customer})
        rows["customers"].append({"customer_id": customer, "who": f"{customer:064x}", "joined_on": day})
        gap = chance.choice((7, 14, 30, 60))
        leaves = day + timedelta(days=chance.choice((0, 120, 300, 900, 900)))
        while day < min(leaves + timedelta(days=1), DAY):
            _order(rows, chance, customer, day)
            day += timedelta(days=max(1, round(chance.expovariate(1 / gap))))
    return in_memory(rows)


def _order(rows: dict[str, list[dict[str, Any]]], chance: Random, customer: int, day: date) -> None:
    number, paid = len(rows["orders"]) + 1, chance.randrange(1_000, 30_000)
    at = datetime.combine(day, time(4 + chance.randrange(10)))
    rows["orders"].append(
        {"order_id": number, "identity_id": customer, "occurred_at": at, "day": day, "paid": paid, "base": paid,
         "discount": chance.choice((0, 0, 500)), "channel": chance.choice(CHANNELS), "store_id": 1 + number % 3}
    )  # fmt: skip
    product = f"P{chance.randrange(40)}"
    rows["lines"].append(
        {"order_id": number, "identity_id": customer, "day": day, "product": product, "amount": paid}
    )  # fmt: skip
    rows["points"].append(
        {"customer_id": customer, "day": day, "earned": paid // 100, "redeemed": 0, "expired": 0}
    )  # fmt: skip
    if chance.random() < 0.04:
        back = day + timedelta(days=3)
        rows["returns"].append(
            {"return_id": number, "order_id": number, "identity_id": customer, "day": back, "amount": paid // 2,
             "occurred_at": datetime.combine(back, time(5)), "cancelled": False}
        )  # fmt: skip


@pytest.fixture(scope="session")
def made_picture(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    """The lake's folder with one set, and what the refresh said."""
    folder = tmp_path_factory.mktemp("pictured")
    sets = Sets(folder / "sets")
    made = refresh.make(told(), DAY, sets)
    sets.point(made.name)
    return folder, made


@pytest.fixture
def pictured(db: None, settings: Any, made_picture: tuple[Path, Made]) -> Made:
    """The picture is looked at, and its customers are in the database: "Guest 900001" with the phone 13800900001."""
    # Known to conftest before Django is: what needs models is imported when it is used.
    from regulars.insight.models import Refresh
    from tests.flows.world import query

    folder, made = made_picture
    settings.LAKE_DIR = folder
    query(
        """INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
           SELECT n, n, 'Guest ' || n, '', '2024-03-01', now(), false FROM generate_series(%s, %s) AS n RETURNING id""",
        [FIRST, FIRST + CUSTOMERS - 1],
    )
    query(
        """INSERT INTO customers_identity (kind, space, value, customer_id, created_at)
           SELECT 6, '', '+86138' || lpad(n::text, 8, '0'), n, now() FROM generate_series(%s, %s) AS n RETURNING id""",
        [FIRST, FIRST + CUSTOMERS - 1],
    )
    at = timezone.now()
    Refresh.objects.create(
        day=DAY, started_at=at - timedelta(minutes=1), finished_at=at, status="done", set_name=made.name,
        counts={"counts": made.counts, "seconds": made.seconds},
    )  # fmt: skip
    return made


def at(day: date) -> datetime:
    """Noon of a day, for tests that look at the page then."""
    return datetime.combine(day, time(12), tzinfo=UTC)

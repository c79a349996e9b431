"""Programme health: the year in figures that agree with the ledger and the orders, and who may see them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.facts import figures
from regulars.loyalty.rules import ItemKind
from tests.console.shop import a_shop, staff
from tests.flows.world import World, query

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> World:
    return a_shop()


def body(**more: Any) -> Any:
    return staff(**more).get("/programme/body/")


def test_the_figures_are_those_of_the_books(shop: World) -> None:
    lin = query("SELECT customer_id FROM customers_identity WHERE value LIKE '+86%%'")[0][0]
    shop.command(ItemKind.REDEEM, lin, 300, "a cup")
    found = body().context["found"]
    today = timezone.localdate()
    days = figures.revenue_by_day(since=found.since, until=today + timedelta(days=1))
    assert found.sales == sum(day.members + day.others for day in days)
    assert found.members_sales == found.sales - 4_000
    assert (found.buyers, found.users, found.members) == (3, 1, 3)
    assert found.buyers == figures.buyers(since=found.since, until=found.until).members
    assert found.burnt == 300
    assert found.costs.points == 3_00
    assert found.unspent == query("SELECT sum(pending + available) FROM ledger_wallet WHERE currency = 1")[0][0]
    assert sum(found.tiers) == 3


def test_a_buyer_counts_once_a_month_and_not_for_what_was_cancelled(shop: World) -> None:
    by_month = figures.buyers_by_month(since=date(2000, 1, 1), until=timezone.localdate() + timedelta(days=1))
    months: dict[date, set[str]] = {}
    for day, key in query("SELECT business_date, key FROM facts_fact WHERE kind = 1 AND key NOT IN ('X1', 'C2')"):
        months.setdefault(day.replace(day=1), set()).add(key[0])
    assert by_month == {month: len(people) for month, people in months.items()}


def test_the_page_says_it_in_both_languages(shop: World) -> None:
    text = body().content.decode()
    assert "Members bring" in text
    assert "Too few members buy" in text
    assert "会员贡献了" in body(language="zh-hans").content.decode()


def test_an_empty_shop_is_told_what_comes(db: None) -> None:
    World()
    assert "With the first orders of members" in body().content.decode()


def test_the_page_opens_at_once_and_its_body_comes(shop: World) -> None:
    client = staff()
    assert "Adding up twelve months" in client.get("/programme/").content.decode()
    client.get("/programme/body/")
    with CaptureQueriesContext(connection) as asked:
        text = client.get("/programme/").content.decode()
    assert "Members bring" in text
    assert len(asked) <= 30, "what was added up is kept until something new is recorded"


def test_a_cashier_sees_none_of_it(shop: World) -> None:
    assert staff("cashier").get("/programme/").status_code == 403

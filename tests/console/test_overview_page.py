"""The overview: its figures are those of the orders, and it says what it cannot know."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from regulars.flows.verify_books import verify_books
from regulars.staff import actions
from regulars.staff.rules import SYSTEM

from ..flows.working import work_off
from ..flows.world import World
from .shop import ANN, a_shop, bought, staff

pytestmark = pytest.mark.django_db


def figures(client: Client, days: int = 30) -> Any:
    return client.get(f"/?days={days}").context["figures"]


def test_a_new_shop_is_told_what_to_do_first() -> None:
    actions.change_business(by=SYSTEM, at=timezone.now(), name="Camellia")
    page = staff().get("/")
    assert "Who are your regulars?" in page.text
    steps = page.context["steps"]
    assert [step.done for step in steps.steps] == [True, False, False, False]
    assert "data-chart" not in page.text


def test_a_viewer_of_a_new_shop_gets_no_links_that_would_be_refused() -> None:
    assert 'href="/imports/"' not in staff("viewer").get("/").text


def test_the_figures_are_those_of_the_orders() -> None:
    a_shop()
    found = figures(staff())
    # A1 500 less 200 given back, A2 86, C1 10; C2 was cancelled and counts as never made; the stranger is no member.
    assert found.revenue == 30_000 + 8_600 + 1_000
    assert found.all_revenue == found.revenue + 4_000
    assert (found.buyers.members, found.buyers.twice) == (2, 1)
    assert found.members == 3
    assert sum(found.tiers.values()) == 3
    assert found.gone_quiet == 1


def test_the_table_beside_the_chart_adds_up_to_the_figure() -> None:
    a_shop()
    page = staff().get("/?days=90")
    chart = json.loads(
        re.search(r'<template id="revenue-chart">(.*?)</template>', page.text)[1].replace("&quot;", '"')  # type: ignore[index]
    )
    assert round(100 * sum(chart["series"][0]["data"])) == page.context["figures"].revenue
    assert sum(row[1] for row in page.context["revenue_rows"]) == page.context["figures"].revenue


def test_a_change_is_shown_only_where_there_is_something_to_compare() -> None:
    a_shop()
    owner = staff()
    assert figures(owner, 30).revenue_change is None  # nothing was earned in the 30 days before
    assert figures(owner, 30).has_earlier
    assert figures(owner, 90).earlier == []  # the data do not reach back 180 days


def test_what_is_recorded_shows_at_once() -> None:
    world = a_shop()
    owner = staff()
    before = figures(owner).revenue
    world.tell(bought("A9", ANN, 0.01, 5_000), at=timezone.now())
    assert figures(owner).revenue == before + 5_000


def test_old_data_are_said_to_be_old_and_recent_counts_back_from_their_end() -> None:
    world = World(now="2012-01-01 12:00")
    at = timezone.now() - timedelta(days=400)
    world.tell(*(bought(f"H{i}", ANN, 400 + i, 1_000) for i in range(5)), at=at)
    page = staff().get("/?days=7")
    assert "Data until" in page.text
    assert page.context["figures"].revenue == 5_000


def test_another_period_changes_only_the_figures() -> None:
    a_shop()
    part = staff().get("/?days=7", headers={"HX-Request": "true", "HX-Target": "figures"})
    assert "<html" not in part.text
    assert 'hx-swap-oob="innerHTML"' in part.text
    assert "HX-Target" in part["Vary"]


def test_a_manager_of_one_store_sees_that_store() -> None:
    a_shop()
    page = staff("viewer", stores=["S2"]).get("/")
    found = page.context["figures"]
    assert (found.revenue, found.all_revenue, found.members) == (38_600, 38_600, 1)
    assert found.outstanding is None
    assert "Points outstanding" not in page.text


@pytest.mark.django_db(transaction=True)
def test_the_books_are_checked_when_asked() -> None:
    world = a_shop()
    owner = staff()
    assert "not checked yet" in owner.get("/").text
    assert "checking the books" in owner.post("/books/verify/", headers={"HX-Request": "true"}).text
    assert "checking the books" in owner.get("/books/").text
    assert "verify_now" in work_off()
    assert "books balanced" in owner.get("/books/").text
    for _ in verify_books(policies=world.policies, at=timezone.now()):
        pass
    assert "books balanced" in owner.get("/").text
    assert staff("viewer").post("/books/verify/").status_code == 403

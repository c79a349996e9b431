"""The sample café, small: from the alert of a morning to a task on a phone, and to what came of it."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.facts.connectors.camellia import Camellia
from regulars.facts.connectors.camellia.connector import CURRENCY, ZONE
from regulars.flows import refresh_insight
from regulars.flows.load_cafe import load_members, load_orders
from regulars.flows.raise_alerts import raise_alerts
from regulars.insight.compute import refresh
from regulars.insight.compute.refresh import Work
from regulars.playbooks import queries
from regulars.staff import actions as staff_actions
from regulars.staff.rules import SYSTEM

from ..browser import assert_accessible, watched
from ..flows.world import SHANGHAI, World, when
from .shop import staff
from .test_first_run_in_browser import PHONE, quickly
from .test_in_browser import context_of

pytest.importorskip("faker")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MEMBERS = 150
MONDAY = date(2026, 11, 2)
MORNING, LATER = when("2026-11-02 07:00"), when("2026-11-12 18:00")
NEEDED = ("features", "labels", "stages", "churn")
"""Steps of the picture that alerts look at; the expected value, which they only keep, is left out since it is slow."""


def no_value(work: Work) -> None:
    """Nobody's value of the year ahead is known."""
    none = pa.array([], pa.int64())
    work.add(pa.table({"customer_id": none, "value_minor": none}))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """What time it is for the pages, to be moved on."""
    told = [MORNING]
    monkeypatch.setattr(timezone, "now", lambda: told[0])

    def move(at: datetime) -> None:
        told[0] = at

    return move


@pytest.fixture
def cafe(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Callable[[datetime], None]) -> Camellia:
    """Its members, its orders until the Monday, the picture of that morning, and the alerts that come of it."""
    settings.LAKE_DIR = tmp_path / "lake"
    monkeypatch.setattr(refresh_insight, "make_apart", quickly)
    monkeypatch.setattr(refresh, "STEPS", {name: refresh.STEPS[name] for name in NEEDED} | {"value": no_value})
    World(now=f"{MONDAY} 07:00")
    staff_actions.change_business(
        by=SYSTEM, at=MORNING, name="山茶咖啡", time_zone=ZONE, currency=CURRENCY, trade="cafe"
    )
    made = Camellia(on=date(2026, 11, 22), members=MEMBERS)
    load_members(members=made.members, at=MORNING)
    load_orders(facts=made.facts(until=MONDAY), products=made.products(), at=MORNING)
    return made


@pytest.fixture
def page(cafe: Camellia, chromium: Browser, live_server: Any) -> Iterator[Page]:
    """The phone of the owner, for whom the alerts are."""
    owner = staff(language="zh-hans")
    refresh_insight.refresh_insight(day=MONDAY, clock=timezone.now)
    raise_alerts(zone=SHANGHAI, at=MORNING)
    context = context_of(chromium, owner, live_server.url, viewport={"width": PHONE, "height": 844})
    yield context.new_page()
    context.close()


def test_from_the_alert_of_a_morning_to_who_came_back(
    page: Page, cafe: Camellia, clock: Callable[[datetime], None]
) -> None:
    errors = watched(page)
    tasks = queries.todo(today=MONDAY)
    back = {
        member.name
        for member, visit in cafe.visits()
        if MORNING.date() <= visit.day <= LATER.date() and member.name in {task.customer_name for task in tasks}
    }
    assert 0 < len(back) < len(tasks), "some come back, and some do not"

    page.goto("/")
    expect(page.locator("#todo-title ~ span")).to_have_text("今天没有")
    page.get_by_role("link", name=f"打个电话 · {tasks[0].customer_name}").click()
    card = page.locator(f"#task-{tasks[0].id}")
    expect(card).to_contain_text("天没来，平时每")
    card.locator("details.fold summary").click()
    expect(card).to_contain_text(f"{tasks[0].customer_name}您好，我是山茶咖啡。")
    assert_accessible(page)
    card.get_by_role("radio", name="说会来").click()
    card.get_by_role("button", name="完成").click()
    expect(page.locator("#todo-counts")).to_contain_text("今天完成了 1 个")

    load_orders(facts=cafe.facts(since=MONDAY, until=LATER.date() + timedelta(days=1)), products=(), at=LATER)
    clock(LATER)
    raise_alerts(zone=SHANGHAI, at=LATER)
    page.goto("/tasks/")
    results = page.locator("section[aria-labelledby=results-title] dd")
    expect(results).to_have_text([str(len(tasks)), "1", str(len(back))])
    left = [one.customer_name for one in queries.todo(today=LATER.date())]
    assert set(left) == {task.customer_name for task in tasks[1:]} - back, "who came by themselves needs no call"
    expect(page.locator("#due-bar > span[aria-hidden]")).to_have_text(str(len(left)))
    page.locator("#due-bar").click()
    expect(page.locator("li.card h2, li.card a.text-base")).to_have_text(left)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert errors == []

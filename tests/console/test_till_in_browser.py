"""A cashier's day on a phone: nine cups in three taps each, the tenth free, undone; and an hour without network."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.flows.serve_till import serve_guest
from regulars.loyalty.actions import launch
from regulars.loyalty.coupons.rules import Guesser, GuesserKind
from regulars.loyalty.membership import number_of
from regulars.loyalty.rewards import actions as rewards
from regulars.loyalty.rules import preset_terms
from regulars.loyalty.till.ready import FREE_CUP, REWARD, with_stamp_card
from regulars.loyalty.till.rules import STAMP, Serve, Shop
from tests.browser import assert_accessible, watched
from tests.flows.world import query

from .acting import members
from .shop import a_shop, staff
from .test_in_browser import context_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAPS = 3


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Any:
    """Lin has five stamps of the day before yesterday; two people's phones end in 0001."""
    world, now = a_shop(), timezone.now()
    earlier = now - timedelta(days=2)
    launch(terms=with_stamp_card(preset_terms(2)), live_from=earlier, time_zone=world.zone.key, actor="", at=earlier)
    rewards.create(code=REWARD, terms=FREE_CUP, actor="test", at=now)
    world.learn()
    for cup in range(5):
        serve = Serve(f"c{cup}", members()["林晓"], "user:9", earlier + timedelta(minutes=cup), stamps={STAMP: 1})
        shop = Shop(world.policies, world.zone, "CNY", 0, 15)
        serve_guest(serve=serve, shop=shop, guesser=Guesser(GuesserKind.STAFF, 9), at=now)
    context = context_of(
        chromium, staff("cashier", stores=["S1"]), live_server.url, viewport={"width": 390, "height": 844}
    )
    context.add_init_script(
        "window.taps = 0; addEventListener('click', (e) => e.isTrusted && (window.taps += 1), true)"
    )
    yield context.new_page()
    context.close()


def taps(page: Page) -> int:
    return int(page.evaluate("window.taps"))


def an_hour_without_network(page: Page) -> None:
    """A step on the open screen, and one by member number: kept without names or phones, then told once."""
    page.locator("#who").fill("0001")
    page.keyboard.press("Enter")
    page.locator("#amount").press_sequentially("48.50")
    expect(page.locator("#till-quote")).to_contain_text("48 points")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    waits = page.get_by_text("Not sent yet:")
    expect(waits).to_contain_text("1")
    kept = page.evaluate("JSON.stringify({...localStorage})")
    assert "林" not in kept
    assert "13800" not in kept
    page.locator("#who").fill(number_of(members()["林晓"]))
    page.keyboard.press("Enter")
    page.locator("#late-amount").fill("7")
    page.keyboard.press("Enter")
    expect(waits).to_contain_text("2")
    assert_accessible(page)
    page.context.set_offline(False)
    expect(waits).to_be_hidden()
    late = query("SELECT amount FROM loyalty_tillstep WHERE is_late ORDER BY id")
    assert late == [(4850,), (700,)]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_nine_cups_the_tenth_free_undone_and_an_hour_without_network(page: Page, chromium: Browser) -> None:
    errors = watched(page)
    page.goto("/")
    expect(page).to_have_url("/till/")
    assert_accessible(page)
    for cup in range(4):
        before = taps(page)
        page.locator("#who").fill("0001")
        page.locator("#who").press("Enter")  # as a scanner ends what it typed
        page.get_by_role("button", name="One stamp more").click()
        if not cup:
            expect(page.locator("#till-quote")).to_contain_text("1 stamp")
            assert_accessible(page)
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator("#done-title")).to_contain_text("Recorded")
        assert taps(page) - before <= TAPS
        expect(page.get_by_text(f"{6 + cup} of 9" if cup < 3 else "Full: a reward is ready")).to_be_visible()
    assert_accessible(page)
    page.locator("#who").fill("0001")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Nine stamps: a cup of your choice").click()
    expect(page.locator("#done-title")).to_contain_text("Handed over")
    expect(page.get_by_text("−9 stamps")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is as if it had not been.")).to_be_visible()
    assert query("SELECT count(*) FROM loyalty_rewardclaim WHERE ended_at IS NULL") == [(0,)]

    assert errors == []
    an_hour_without_network(page)
    url = page.url.removesuffix("/till/")
    context = context_of(
        chromium, staff("store_manager", "zh-hans", stores=["S1"]), url, viewport={"width": 320, "height": 640}
    )
    manager = context.new_page()
    for path in ("/till/day/", "/till/pin/", "/till/"):
        manager.goto(path)
        assert_accessible(manager)
        assert manager.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()

"""Benefits on the pages: written in a draft, told in both languages, used for a member and taken back."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from regulars.loyalty import actions as loyalty
from regulars.loyalty import drafts_view, programme_view
from regulars.loyalty.membership import number_of
from regulars.loyalty.presets import PRESETS
from regulars.loyalty.rules import preset_terms
from tests.flows.world import query
from tests.loyalty.benefits.club import LOUNGE, PERCENT

from .programme_form import HOME, begun, launched, revision, terms_form
from .shop import LIN, a_shop, staff
from .test_settings_pages import an_order, owner

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
EMPTY = {"nodes": ["1::all"], "kind-1": "all"}


def benefit_form(**more: Any) -> dict[str, Any]:
    """5 % off for gold and black from ¥100, twice a month, as the browser would send it."""
    return {
        "zh": "会员价", "en": "Member price", "tiers": ["gold", "black"], "kind": "discount", "percent": "5",
        "most_minor": "20", "min_spend_minor": "100", "times": "2", "period": "month", "tier_black": "9",
        "days": "3", "nodes": ["2:1:leaf"], "kind-1": "all", "field-2": "channel", "op-2": "in",
        "shape-2": "choice::channel", "value-2": ["store"], **more,
    }  # fmt: skip


def told(browser: Client) -> list[dict[str, Any]]:
    return list(drafts_view.open_drafts()[0].terms.get("benefits", []))


def test_a_benefit_is_added_changed_and_taken_out() -> None:
    browser = owner()
    page = begun(browser)
    assert "tiers differ in nothing but their name" in browser.get(page).text
    answer = browser.post(f"{page}benefits/new/", benefit_form(after=1))
    assert answer.status_code == 302, re.findall(r'class="problem".*?</div>', answer.text, re.S)
    assert told(browser) == [
        {
            "code": "benefit1", "names": {"zh": "会员价", "en": "Member price"}, "kind": "discount",
            "tiers": ["gold", "black"], "percent": 5, "most_minor": 2000, "min_spend_minor": 10000,
            "quota": {"period": "month", "times": 2, "by_tier": {"black": 9}},
            "if": {"all": [{"field": "channel", "op": "in", "value": ["store"]}]},
        }
    ]  # fmt: skip
    sentence = "Gold, Black: 5% off the order from ¥100, at most ¥20 each time; only when"
    assert sentence in browser.get(page).text
    assert "; twice a month (Black 9)." in browser.get(page).text
    form = browser.get(f"{page}benefits/of/benefit1/").context["form"]
    assert (form["most_minor"].value(), form["tier_black"].value(), form["tiers"].value()) == (
        "20", 9, ["gold", "black"],
    )  # fmt: skip
    browser.post(f"{page}benefits/of/benefit1/", benefit_form(after=2, kind="early_access", **EMPTY))
    assert told(browser)[0] == {
        "code": "benefit1", "names": {"zh": "会员价", "en": "Member price"}, "kind": "early_access",
        "tiers": ["gold", "black"], "days": 3, "if": {"all": []},
    }  # fmt: skip
    browser.post(f"{page}benefits/of/benefit1/remove/", {"after": 3})
    assert told(browser) == []


def test_what_a_version_says_of_benefits_stands_in_its_differences() -> None:
    browser = owner()
    an_order()
    page = begun(browser)
    browser.post(f"{page}benefits/new/", benefit_form(after=1))
    assert "Member price: Gold, Black: 5% off" in browser.get(page).text
    launched(browser, page)
    home = browser.get(HOME).text
    assert "Member price: Gold, Black: 5% off" in home, "in the history of versions"
    assert programme_view.versions()[0].terms["benefits"][0]["percent"] == 5
    assert PRESETS["bank"].name.en in home


def test_the_form_of_the_terms_leaves_benefits_alone_and_names_one_that_would_not_fit() -> None:
    browser = owner()
    page = begun(browser, "retail")
    before = told(browser)
    assert browser.post(f"{page}terms/", terms_form(browser, page)).status_code == 302
    assert told(browser) == before
    without_gold = terms_form(browser, page) | {"tiers-2-zh": "", "tiers-2-en": ""}
    answer = browser.post(f"{page}terms/", without_gold)
    assert answer.status_code == 422
    assert "The benefit “member_price” does not fit these terms" in answer.text
    rule = browser.post(f"{page}rules/of/member_day/remove/", {"after": revision(page)}, follow=True)
    assert "The benefit “member_day” does not fit these terms" in rule.text


@pytest.mark.parametrize("preset", ["retail", "bank"])
def test_every_benefit_of_a_ready_programme_can_be_opened_and_saved_again(preset: str) -> None:
    browser = owner()
    page = begun(browser, preset)
    for one in told(browser):
        form = browser.get(f"{page}benefits/of/{one['code']}/").context["form"]
        sent = {name: form[name].value() for name in form.fields}
        plain = {name: value for name, value in sent.items() if value not in (None, False)}
        answer = browser.post(f"{page}benefits/of/{one['code']}/", {**plain, **EMPTY, "after": revision(page)})
        assert answer.status_code == 302, (one, re.findall(r'class="problem".*?</div>', answer.text, re.S))
    before = {one["code"]: one for one in PRESETS[preset].terms(2).get("benefits", ())}
    after = {one["code"]: {k: v for k, v in one.items() if k != "if"} for one in told(browser)}
    assert after == {code: {k: v for k, v in one.items() if v != []} for code, one in before.items()}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"zh": "", "en": ""}, "Give it a name"),
        ({"percent": ""}, "This is needed."),
        ({"percent": "100"}, "From 1 to 99 per cent."),
        ({"kind": "fee_discount"}, "This is needed."),
        ({"kind": "birthday_gift"}, "Name the gift"),
        ({"kind": "dedicated_service"}, "Say what is done"),
        ({"kind": "points"}, "This is needed."),
        ({"times": ""}, "How often everybody else?"),
        ({"most_minor": "0.001"}, "more decimals"),
        ({"starts": "2026-05-02", "ends": "2026-05-01"}, "It ends before it starts."),
        ({"after": "9"}, "Somebody saved this draft meanwhile."),
    ],
)
def test_what_is_wrong_with_a_benefit_is_said_beside_it(sent: dict[str, str], said: str) -> None:
    browser = owner()
    page = begun(browser)
    answer = browser.post(f"{page}benefits/new/", benefit_form(after=1) | sent)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert told(browser) == []


@pytest.fixture
def lin(db: None) -> str:
    """The page of Lin, who is silver, in a shop with benefits."""
    a_shop()
    terms = {
        **preset_terms(2),
        "benefits": [PERCENT, {**LOUNGE, "tiers": ["silver"]}, {**LOUNGE, "code": "black_lounge", "tiers": ["black"]}],
    }
    now = timezone.now()
    loyalty.launch(terms=terms, live_from=now, time_zone="Asia/Shanghai", actor="", at=now)
    [(customer_id,)] = query("SELECT customer_id FROM customers_identity WHERE value = %s", [LIN.value])
    return f"/customers/{number_of(customer_id)}/"


def card(browser: Client, page: str) -> Any:
    return browser.get(page).context["benefits"]


def use(browser: Client, page: str, key: str = "k1", **sent: str) -> Any:
    return browser.post(f"{page}benefits/", {"do": "use", "key": key, **sent}, headers=HX)


def test_a_member_s_page_says_what_is_left_and_staff_use_it(lin: str) -> None:
    browser = staff("marketer")
    found = card(browser, lin)
    assert [(one.name, one.left, one.usable, str(one.amount)) for one in found["lines"]] == [
        ("Member price", "as often as they like", True, "Order total"), ("Dedicated service", "2 left", True, ""),
    ]  # fmt: skip
    for _ in range(2):
        answer = use(browser, lin, benefit="five", amount="188.50", order="L-77")
        assert "Member price" in answer.headers["HX-Trigger"]
        assert "9.43 off" in answer.headers["HX-Trigger"]
    assert query("SELECT off_minor, order_key, actor LIKE 'user:%%' FROM loyalty_benefituse") == [(943, "L-77", True)]
    use(browser, lin, "k2", benefit="lounge")
    use(browser, lin, "k3", benefit="lounge")
    answer = use(browser, lin, "k4", benefit="lounge")
    assert "Used up for now." in answer.headers["HX-Trigger"]
    assert "again from" in answer.text
    assert "Benefit used: Member price" in browser.get(lin).text, "on the timeline"
    assert "used a benefit for a member" in staff().get("/settings/audit/").text


def test_a_use_is_taken_back_by_who_did_it_today_or_who_edits_customers(lin: str) -> None:
    cashier = staff("cashier")
    use(cashier, lin, benefit="five", amount="100")
    [(use_id,)] = query("SELECT id FROM loyalty_benefituse")
    undo = {"do": "undo", "use": str(use_id)}
    other = staff("cashier", "zh-hans")
    other.post(f"{lin}benefits/", undo, headers=HX)
    assert query("SELECT undone_at IS NULL FROM loyalty_benefituse") == [(True,)]
    assert card(staff("service"), lin)["used"][0].undo is True
    cashier.post(f"{lin}benefits/", undo, headers=HX)
    assert query("SELECT undone_at IS NULL FROM loyalty_benefituse") == [(False,)]
    assert "Given back since" in staff("marketer").get(lin).text


@pytest.mark.parametrize("amount", ["", "ten", "-5", "1e99", "0.001"])
def test_an_amount_that_is_none_is_refused_kindly(lin: str, amount: str) -> None:
    answer = use(staff("cashier"), lin, benefit="five", amount=amount)
    assert (answer.status_code, "level" in answer.headers["HX-Trigger"]) == (200, True)
    assert query("SELECT count(*) FROM loyalty_benefituse") == [(0,)]


def test_it_takes_the_capability_and_a_member_in_sight(lin: str) -> None:
    assert use(staff("viewer"), lin, benefit="five", amount="100").status_code == 403
    assert use(staff("cashier", stores=["S2"]), lin, benefit="five", amount="100").status_code == 404

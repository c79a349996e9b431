"""The programme on its pages: a draft is begun, written, tried with an order, approved and put live."""

import pytest
from django.test import Client
from django.utils import timezone

from regulars.catalogue.actions import describe_products
from regulars.flows import draft_programme, jobs
from regulars.loyalty import drafts_view, programme_view
from regulars.loyalty.simulation import queries
from regulars.staff.rules import SYSTEM
from tests.flows.working import context

from .programme_form import HOME, begun, launched, revision, rule_form, terms_form
from .test_settings_pages import an_order, colleague, owner

pytestmark = pytest.mark.django_db

TRIAL = {"amount": "120", "tier": "gold", "day": "2026-11-18", "hour": "12", "channel": "store"}


def test_the_programme_is_told_in_words_with_an_example() -> None:
    page = owner().get(HOME).text
    assert "Every ¥1 paid earns 1 point." in page
    assert "An order of ¥120 earns 120 points." in page
    assert "Version 1" in page


def test_a_draft_holds_for_nobody_until_it_is_live() -> None:
    browser = owner()
    an_order()
    page = begun(browser)
    sent = terms_form(browser, page) | {"money_per_point": "10", "tiers-4-zh": "钻石", "tiers-4-threshold": "50000"}
    assert browser.post(f"{page}terms/", sent)["Location"] == page
    assert len(programme_view.versions()) == 1
    shown = browser.get(page).text
    assert "What differs from version 1" in shown
    assert "Every ¥10 paid earns 1 point." in shown
    assert "Every ¥1 paid earns 1 point." in shown, "what it no longer says"
    assert "The new terms are live." in launched(browser, page).content.decode()
    new, old = programme_view.versions()
    assert (new.number, new.terms["minor_per_point"], old.terms["minor_per_point"]) == (2, 1000, 100)
    assert new.terms["tiers"][-1] == {"code": "tier1", "threshold": 50000, "names": {"zh": "钻石"}}
    home = browser.get(HOME).text
    assert "Retired" in home
    assert "put a version of the programme live" in browser.get("/settings/audit/").text


def test_before_the_first_order_new_terms_take_the_place_of_the_old() -> None:
    browser = owner()
    page = begun(browser)
    browser.post(f"{page}terms/", terms_form(browser, page) | {"money_per_point": "0.5"})
    launched(browser, page)
    (version,) = programme_view.versions()
    assert (version.number, version.terms["minor_per_point"]) == (1, 50)


def test_the_form_of_the_terms_loses_nothing_that_it_does_not_ask() -> None:
    browser = owner()
    page = begun(browser, "salon")
    draft = drafts_view.open_drafts()[0]
    terms = {
        **draft.terms, "minor_per_point": 0, "pending_days": {"store": 0, "online": 7, "wechat": 3},
        "caps": [{"period": "month", "most": 900, "counts": "amount", "by_tier": {"gold": 2000}}],
    }  # fmt: skip
    draft_programme.change_draft(draft_id=draft.id, terms=terms, after=1, by=SYSTEM, key="", at=timezone.now())
    assert browser.post(f"{page}terms/", terms_form(browser, page)).status_code == 302
    assert drafts_view.draft(draft.id).terms == terms
    shown = browser.get(page).text
    assert "Spending earns no points by itself, only by rules." in shown
    assert "at most 900 points a month each (Gold 2,000)" in shown
    assert "A tier is held for 12 months, whatever happens." in shown
    assert "Points expire 24 months after the day on which they were earned." in shown


def test_a_rule_is_added_changed_and_taken_out() -> None:
    browser = owner()
    page = begun(browser)
    added = browser.post(f"{page}rules/new/", rule_form(after=1, **{"limits-0-tier_gold": "800"}))
    assert added["Location"] == page
    draft = drafts_view.open_drafts()[0]
    assert draft.terms["rules"] == [
        {
            "code": "rule1", "names": {"zh": "满百双倍", "en": "Double from 100"}, "on": "order", "earns": "points",
            "then": {"kind": "multiply", "percent": 200},
            "if": {"all": [{"field": "paid", "op": "ge", "value": 10000}]},
            "limits": [{"period": "month", "most": 500, "counts": "amount", "by_tier": {"gold": 800}}],
        }
    ]  # fmt: skip
    assert "double points; at most 500 points a month each (Gold 800)" in browser.get(page).text
    form = browser.get(f"{page}rules/of/rule1/")
    assert form.context["form"]["times"].value() == "2"
    browser.post(f"{page}rules/of/rule1/", rule_form(after=2, kind="fixed", amount="50"))
    assert drafts_view.open_drafts()[0].terms["rules"][0]["then"] == {"kind": "fixed", "amount": 50}
    browser.post(f"{page}rules/of/rule1/remove/", {"after": 3})
    assert drafts_view.open_drafts()[0].terms["rules"] == []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"zh": "", "en": ""}, "Give it a name"),
        ({"times": ""}, "How much?"),
        ({"kind": "per_item", "amount": "5"}, "For which products?"),
        ({"on": "Checked In"}, "Only an order has an amount to count from."),
        ({"on": "Checked In", "kind": "fixed", "amount": "5"}, "What is no order can only be asked"),
        ({"starts": "2026-05-02", "ends": "2026-05-01"}, "It ends before it starts."),
        ({"value-2": ""}, "Some conditions are not finished."),
        ({"after": "9"}, "Somebody saved this draft meanwhile."),
    ],
)
def test_a_rule_that_makes_no_sense_is_told_and_kept_in_the_form(sent: dict[str, str], said: str) -> None:
    browser = owner()
    page = begun(browser)
    answer = browser.post(f"{page}rules/new/", rule_form(after=1) | sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert "rules" not in drafts_view.open_drafts()[0].terms


def test_the_builder_of_a_rule_asks_about_orders_with_the_tiers_of_the_draft() -> None:
    browser = owner()
    page = begun(browser)
    shown = browser.post(f"{page}rules/build/", {"new-1": "tier"}).text
    assert "It counts when" in shown
    assert f"{page}rules/build/" in shown
    assert "Gold" in shown


def test_an_order_is_tried_with_the_fold_itself() -> None:
    browser = owner()
    page = begun(browser, "retail")
    shown = browser.post(f"{page}trial/", TRIAL).text
    assert "An order of ¥120 by a Gold member on Wednesday, 18 Nov 2026, at 12:00 earns 240 points, because:" in shown
    assert "¥1 = 1 point, which makes 120 points." in shown
    assert "“Member day” gave 120 points more." in shown
    large = browser.post(f"{page}trial/", TRIAL | {"amount": "900"}).text
    assert "earns 1,400 points" in large
    assert "at most 500 points a month each" in large
    assert "earns 120 points" in browser.post(f"{page}trial/", TRIAL | {"day": "2026-11-17"}).text
    assert "Paid:" in browser.post(f"{page}trial/", TRIAL | {"amount": "x"}).text


def test_the_same_trial_in_chinese() -> None:
    browser = owner("zh-hans")
    shown = browser.post(f"{begun(browser, 'retail')}trial/", TRIAL).text
    assert "“会员日”多得 120 积分。" in shown


def test_the_example_follows_the_form_of_the_terms() -> None:
    browser = owner()
    page = begun(browser)
    shown = browser.post(f"{page}terms/example/", terms_form(browser, page) | {"money_per_point": "2"}).text
    assert "An order of ¥120 earns 60 points." in shown
    assert "Fill the form in" in browser.post(f"{page}terms/example/", {"money_per_point": "x"}).text


def test_two_people_do_not_overwrite_each_other() -> None:
    browser = owner()
    page = begun(browser)
    old = terms_form(browser, page)
    browser.post(f"{page}terms/", old | {"money_per_point": "10"})
    late = browser.post(f"{page}terms/", old | {"money_per_point": "20"})
    assert late.status_code == 422
    assert "Somebody saved this draft meanwhile." in late.text


def test_a_draft_written_upon_an_older_version_goes_on_from_the_live_one() -> None:
    browser = owner()
    an_order()
    first, second = begun(browser), begun(browser, "cafe")
    browser.post(f"{first}terms/", terms_form(browser, first) | {"money_per_point": "10"})
    launched(browser, first)
    assert "Another version went live since" in browser.get(second).text
    assert "Somebody changed the programme" in launched(browser, second).content.decode()
    browser.post(f"{second}rebase/", {"revision": revision(second)})
    launched(browser, second)
    assert [version.number for version in programme_view.versions()] == [3, 2, 1]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"money_per_point": "0.001"}, "This has more decimals than the currency."),
        ({"window_months": "0"}, "greater than or equal to 1"),
        ({"tiers-0-threshold": "5"}, "The lowest tier starts at 0"),
        ({"tiers-2-threshold": "1000"}, "Each tier takes more than the one before."),
        ({"tiers-1-threshold": ""}, "From how much?"),
        ({f"tiers-{n}-{name}": "" for n in range(5) for name in ("zh", "en")}, "Name at least one tier."),
        ({"expiry": "rolling", "expiry_months": ""}, "How many months?"),
        ({"grace_days": "30"}, "Grace and steps need a term that a tier is held for."),
        ({"caps-0-tier_gold": "30"}, "At most how much for everybody else?"),
    ],
)
def test_terms_that_make_no_sense_are_told_beside_their_field(changed: dict[str, str], said: str) -> None:
    browser = owner()
    page = begun(browser)
    answer = browser.post(f"{page}terms/", terms_form(browser, page) | changed)
    assert answer.status_code == 422
    assert said in answer.text
    assert revision(page) == 1


def test_a_tier_that_a_rule_asks_about_cannot_go() -> None:
    browser = owner()
    page = begun(browser)
    browser.post(f"{page}rules/new/", rule_form(after=1, **{"limits-0-tier_gold": "800"}))
    gone = {"tiers-2-zh": "", "tiers-2-en": "", "tiers-2-threshold": ""}
    answer = browser.post(f"{page}terms/", terms_form(browser, page) | gone)
    assert answer.status_code == 422
    assert "The rule “rule1” does not fit these terms." in answer.text


def test_products_of_a_rule_are_named() -> None:
    browser = owner()
    describe_products([("10023", "燕麦拿铁", "", "")])
    page = begun(browser)
    sent = rule_form(after=1, kind="per_item", amount="5", products="10023，10024", nodes=[])
    assert browser.post(f"{page}rules/new/", sent).status_code == 302
    shown = browser.get(page).text
    assert "燕麦拿铁" in shown
    assert drafts_view.open_drafts()[0].terms["rules"][0]["then"]["products"] == ["10023", "10024"]


class TestASecondPerson:
    def setup_method(self) -> None:
        self.owner = owner()
        sent = {"name": "Camellia", "time_zone": "Asia/Shanghai", "currency": "CNY", "language": "en"}
        self.owner.post("/settings/business/", sent | {"programme_by_another": "on"})

    def test_who_wrote_it_can_neither_approve_nor_launch(self) -> None:
        page = begun(self.owner, "retail")
        shown = self.owner.get(page).text
        assert "Somebody else has to approve what you wrote" in shown
        assert "/approve/" not in shown
        assert "/launch/" not in shown
        self.owner.post(f"{page}approve/", {"revision": 1})
        launched(self.owner, page)
        assert drafts_view.open_drafts()[0].state == "draft"

    def test_another_owner_approves_what_marketing_wrote_and_a_change_takes_it_back(self) -> None:
        marketer = colleague("marketer")
        page = begun(marketer, "retail")
        assert marketer.post(f"{page}approve/", {"revision": 1}).status_code == 403
        assert marketer.post(f"{page}launch/", {"revision": 1}).status_code == 403
        self.owner.post(f"{page}approve/", {"revision": 1})
        assert "Approved" in self.owner.get(page).text
        marketer.post(f"{page}rules/new/", rule_form(after=1))
        assert drafts_view.open_drafts()[0].state == "draft"
        launched(self.owner, page)
        assert drafts_view.open_drafts(), "not live without another approval"
        self.owner.post(f"{page}approve/", {"revision": 2})
        launched(self.owner, page)
        assert "approved by 林晓" in self.owner.get(HOME).text


def test_a_draft_that_is_given_up_can_only_be_read() -> None:
    browser = owner()
    page = begun(browser, "cafe")
    browser.post(f"{page}discard/", {"revision": 1})
    assert "It was given up on" in browser.get(page).text
    assert browser.get(f"{page}terms/")["Location"] == page
    assert browser.get(f"{page}rules/new/")["Location"] == page
    assert not drafts_view.open_drafts()
    assert browser.get(f"{HOME}drafts/99/")["Location"] == HOME


def test_what_the_simulator_found_is_taken_as_a_file_by_who_may_export() -> None:
    browser = owner()
    an_order()
    page = begun(browser)
    browser.post(f"{page}rules/new/", rule_form(after=1))
    browser.post(f"{page}simulate/")
    [asked] = queries.runs(most=1)
    address = f"/settings/programme/simulations/{asked.id}/export"
    assert browser.post(f"{address}/csv/").status_code == 404, "it is not done yet"
    jobs.simulate_programme(context(), simulation_id=asked.id)
    assert f'action="{address}/xlsx/"' in browser.get(page).text
    table = b"".join(browser.post(f"{address}/csv/")).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert table[0] == (
        "Member number,Name,Points as it was,Points under the draft,Difference,Tier today,Tier under the draft"
    )
    [line] = table[1:]
    assert line.split(",")[2:5] == ["120", "240", "120"]
    assert b"".join(browser.post(f"{address}/xlsx/"))[:2] == b"PK"  # type: ignore[arg-type]
    assert browser.post(f"{address}/pdf/").status_code == 404
    assert browser.post("/settings/programme/simulations/999/export/csv/").status_code == 404
    assert browser.get(f"{address}/csv/").status_code == 405
    assert "exported what a simulation means for each member" in browser.get("/settings/audit/").text


def test_who_may_not_export_sees_no_download(client: Client) -> None:
    browser = owner()
    an_order()
    page = begun(browser)
    browser.post(f"{page}rules/new/", rule_form(after=1))
    browser.post(f"{page}simulate/")
    [asked] = queries.runs(most=1)
    jobs.simulate_programme(context(), simulation_id=asked.id)
    viewer = colleague("viewer")
    assert "/export/" not in viewer.get(page).text
    assert viewer.post(f"/settings/programme/simulations/{asked.id}/export/csv/").status_code == 403


def test_who_may_only_look_sees_no_button(client: Client) -> None:
    page = begun(owner())
    marketer = colleague("marketer")
    shown = marketer.get(page).text
    assert "/terms/" in shown
    assert "/launch/" not in shown


def test_the_simulator_is_asked_by_button_and_makes_the_draft_a_simulated_one() -> None:
    browser = owner()
    an_order()
    page = begun(browser)
    browser.post(f"{page}rules/new/", rule_form(after=1))
    assert "The replay is about to begin." in browser.post(f"{page}simulate/", follow=True).content.decode()
    assert "HX-Refresh" not in browser.get(f"{page}simulation/").headers
    asked = queries.latest_of(drafts_view.open_drafts()[0].digest)
    assert asked is not None
    jobs.simulate_programme(context(), simulation_id=asked.id)
    assert browser.get(f"{page}simulation/").headers["HX-Refresh"] == "true"
    shown = browser.get(page).text
    assert "More points for 1 of 1 members, fewer for 0, as many for 0." in shown
    assert "Double from 100" in shown
    assert "Who gains most" in shown
    assert drafts_view.open_drafts()[0].state == "simulated"
    browser.post(f"{page}rules/of/rule1/remove/", {"after": 2})
    assert drafts_view.open_drafts()[0].state == "draft"
    assert "Who gains most" not in browser.get(page).text, "it was asked about other terms"

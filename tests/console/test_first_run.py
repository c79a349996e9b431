"""The first ten minutes of a small shop: few questions, regulars by name, and a note to those who stayed away."""

from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from regulars.console.overview import first_steps
from regulars.decisions import queries as decided
from regulars.decisions.rules import Outcome
from regulars.flows.picture_fields import picture_fields
from regulars.flows.set_up import set_up
from regulars.insight.compute.refresh import Made
from regulars.insight.segments import actions as segments
from regulars.insight.segments import queries as kept_segments
from regulars.insight.segments.presets import presets
from regulars.loyalty import programme_view
from regulars.outreach.campaigns import queries as campaigns
from regulars.outreach.campaigns import ready
from regulars.outreach.campaigns.actions import draw_again
from regulars.outreach.campaigns.rules import NotAllowed, State, about
from regulars.outreach.deliveries import by_hand
from regulars.staff import actions as staff_actions
from regulars.staff import queries as staff_queries
from regulars.staff.rules import SYSTEM
from regulars.staff.trades import TRADES, trade_of

from .shop import staff

pytestmark = pytest.mark.django_db
ANSWERS = {
    "business": "山茶咖啡", "trade": "cafe", "email": "lin@example.com", "password": "a short sentence is easy",
    "name": "", "time_zone": "Asia/Shanghai", "currency": "CNY",
}  # fmt: skip


def at_home() -> Client:
    """A browser on the machine itself, which needs no code."""
    return Client(headers={"host": "localhost"})


@pytest.fixture
def here(settings: Any) -> None:
    """Nobody knows the instance by another name."""
    settings.ALLOWED_HOSTS = ["localhost"]


def small_shop(trade: str = "cafe", language: str = "en") -> Client:
    staff_actions.change_business(
        by=SYSTEM, at=timezone.now(), name="Camellia", trade=trade, language="zh-hans" if language == "zh" else "en"
    )
    return staff(language="zh-hans" if language == "zh" else "en")


@pytest.fixture
def shop(pictured: Made) -> Client:
    """The owner of a café with two hundred guests, whose segments have been made."""
    owner = small_shop()
    segments.install_presets(fields=picture_fields(), at=timezone.now(), quiet_days=trade_of("cafe").quiet_days)
    return owner


@pytest.mark.usefixtures("here")
class TestSettingUp:
    def test_four_answers_are_enough_in_chinese(self) -> None:
        page = at_home().get("/setup/", headers={"Accept-Language": "zh-CN,zh"})
        assert "Asia/Shanghai · CNY" in page.text, "zone and currency are guessed"
        assert "<details" in page.text
        assert "data-guess-zone open" not in page.text
        assert at_home().post("/setup/", ANSWERS)["Location"] == "/"
        assert staff_queries.business().trade == "cafe"

    def test_a_country_in_the_language_tells_zone_and_currency(self) -> None:
        page = at_home().get("/setup/", headers={"Accept-Language": "en-GB,en"})
        assert "Europe/London · GBP" in page.text
        unknown = at_home().get("/setup/", headers={"Accept-Language": "en"})
        assert "data-guess-zone open" in unknown.text, "what cannot be guessed is asked"

    def test_a_trade_is_one_of_the_list(self) -> None:
        page = at_home().post("/setup/", ANSWERS | {"trade": "piracy"})
        assert page.status_code == 422
        with pytest.raises(Exception, match="trade"):
            staff_actions.change_business(by=SYSTEM, at=timezone.now(), trade="piracy")

    def test_the_trade_says_where_to_begin(self) -> None:
        given: dict[str, Any] = {key: value for key, value in ANSWERS.items() if key != "trade"}
        set_up(**given, trade="subscription", language="zh-hans", at=timezone.now())
        version = programme_view.current()
        assert version is not None
        assert version.terms["pending_days"] == {"store": 0, "online": 0}
        trees = {one.code: one.tree for one in presets(trade_of("subscription").quiet_days)}
        assert {"field": "recency_days", "op": "gt", "value": 45} in trees["not_seen"]["all"]
        assert {"field": "silence_ratio", "op": "gt", "value": 3} in trees["not_seen"]["all"], "their own rhythm stays"


class TestTrades:
    def test_a_cafe_fills_in_few_columns(self) -> None:
        owner = small_shop()
        sheet = load_workbook(BytesIO(owner.get("/imports/template.xlsx").content)).worksheets[0]
        assert [cell.value for cell in sheet[1]] == [
            "Order date", "Phone", "Full name", "Amount paid", "Product name", "Store",
        ]  # fmt: skip
        staff_actions.change_business(by=SYSTEM, at=timezone.now(), trade="online")
        assert "Order number" in [
            cell.value for cell in load_workbook(BytesIO(owner.get("/imports/template.xlsx").content)).worksheets[0][1]
        ]

    def test_every_trade_has_words_and_a_coupon_that_can_be_issued(self) -> None:
        from regulars.console.coupons import ready_offers
        from regulars.loyalty.coupons.rules import checked

        for code, trade in TRADES.items():
            offered = ready_offers.choices(staff_queries.business(), trade)
            assert [one.code for one in offered] == ["percent", "amount", "gift", "none"], code
            assert all(checked(one.terms) for one in offered if one.terms)
            for group in ready.NOTES:
                for language in ("zh", "en"):
                    note = ready.note(group, language, inviting=trade.inviting)
                    message = ready.message(note, language, group=group, has_offer=True)
                    assert "{{ code }}" in message.body
                    assert "{inviting}" not in message.body
                    assert ready.written(message, language) == note, "and back"


class TestMenu:
    def test_a_small_shop_has_few_entries_until_its_owner_asks_for_more(self) -> None:
        owner = small_shop()
        page = owner.get("/today/")
        [group] = page.context["nav"]
        assert [link.label for link in group.links][:2] == ["Today", "Members"]
        assert {link.label for link in group.links} <= {"Today", "Members", "Till", "Coupons", "Imports", "Settings"}
        assert owner.get("/")["Location"] == "/today/"
        assert "All features" in page.text
        owner.post("/menu/", {"menu": "whole", "next": "/today/"})
        whole = owner.get("/today/")
        assert len(whole.context["nav"]) > 1
        assert "All features" not in whole.text
        assert owner.get("/").status_code == 200
        owner.post("/menu/", {"menu": "small", "next": "https://evil.example/"})
        assert owner.get("/")["Location"] == "/today/"

    def test_the_palette_still_finds_everything(self) -> None:
        owner = small_shop()
        assert "Points ledger" in owner.get("/palette/?q=ledger").text
        overview = owner.get("/palette/?q=overview").context["commands"][0]
        assert owner.get(overview.url).status_code == 200, "and leads to it"
        assert "Today" in owner.get("/palette/?q=jintian").text

    def test_a_business_that_was_never_asked_its_trade_keeps_the_whole_menu(self) -> None:
        staff_actions.change_business(by=SYSTEM, at=timezone.now(), name="Grocery")
        owner = staff()
        assert owner.get("/").status_code == 200
        assert "All features" not in owner.get("/").text

    def test_a_shop_that_grew_is_no_small_one(self) -> None:
        from regulars.console.navigation import is_small

        assert is_small(chosen="", trade="cafe", members=4_999)
        assert not is_small(chosen="", trade="cafe", members=5_000)
        assert is_small(chosen="small", trade="", members=50_000), "whoever asks for it gets it"
        assert not is_small(chosen="whole", trade="cafe", members=3)

    def test_another_address_is_no_way_back(self) -> None:
        assert small_shop().post("/menu/", {"menu": "whole", "next": "//evil.example"})["Location"] == "/"


class TestToday:
    def test_a_new_shop_drops_its_file_right_here(self) -> None:
        page = small_shop().get("/today/")
        assert 'type="file"' in page.text
        assert 'hx-trigger="change, submit"' in page.text
        assert [step.done for step in page.context["steps"].steps] == [False] * 5

    def test_a_file_that_cannot_be_read_says_so_in_its_place(self) -> None:
        bad = BytesIO(b"%PDF-1.7")
        bad.name = "orders.csv"
        page = small_shop().post("/imports/new/", {"file": bad, "drop": "yes"}, headers={"HX-Request": "true"})
        assert page.status_code == 422
        assert "This file is a PDF" in page.text
        assert 'name="drop"' in page.text

    def test_three_groups_by_name_and_every_number_opens_its_customers(self, shop: Client) -> None:
        page = shop.get("/today/")
        groups = page.context["shop"].groups
        assert [group.code for group in groups] == ["regulars", "not_seen", "came_once"]
        assert all(group.customers for group in groups)
        for group in groups:
            people = shop.get(group.people_url)
            assert people.context["summary"].customers == group.customers
            assert 0 < len(group.guests) <= 12
            assert all(guest.name.startswith("Guest") for guest in group.guests)
        found = page.context["shop"]
        assert shop.get(found.others_url).context["summary"].customers == found.others
        assert found.buyers == found.others + sum(group.customers for group in groups)
        assert "RFM" not in page.text.split("<details")[0], "RFM stands behind the details"

    def test_they_are_the_segments_as_the_shop_has_them_now(self, shop: Client) -> None:
        from regulars.core.conditions import read

        before = {one.code: one.customers for one in shop.get("/today/").context["shop"].groups}
        one = next(one for one in kept_segments.segments() if one.preset == "regulars")
        wanted = read({"field": "purchase_days", "op": "ge", "value": 10}, picture_fields())
        segments.change(segment_id=one.id, tree=wanted, after=one.version, actor="", at=timezone.now())
        after = {one.code: one.customers for one in shop.get("/today/").context["shop"].groups}
        assert 0 < after["regulars"] != before["regulars"]

    def test_orders_without_a_picture_are_on_their_way(self) -> None:
        from .shop import a_shop

        a_shop()
        owner = small_shop()
        assert "See my regulars" in owner.get("/today/").text
        assert owner.post("/today/look/")["Location"] == "/today/"
        assert "Getting to know your guests" in owner.get("/today/").text
        assert "HX-Refresh" not in owner.get("/today/waiting/").headers

    def test_it_asks_the_database_no_more_for_more_guests(self, shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        from .shop import counted

        shop.get("/today/")
        cache.clear()
        with counted(monkeypatch) as seen:
            shop.get("/today/")
        assert len(seen) <= 40, seen

    def test_a_manager_of_one_store_sees_no_groups(self, shop: Client) -> None:
        page = staff("viewer", stores=["S2"]).get("/today/")
        assert page.status_code == 200
        assert "shop" not in page.context


class TestBringingBack:
    def begun(self, shop: Client, group: str = "not_seen") -> Any:
        shop.post(f"/bring-back/{group}/begin/")
        return campaigns.campaigns()[0]

    def test_one_press_makes_a_draft_with_everything_said(self, shop: Client) -> None:
        draft = self.begun(shop)
        assert draft.state is State.DRAFT
        assert (draft.plan.channel, draft.plan.held_out_percent, draft.plan.goal) == ("copy_list", 10, "win_back")
        page = shop.get(f"/bring-back/{draft.id}/")
        group = next(one for one in shop.get("/today/").context["shop"].groups if one.code == "not_seen")
        assert page.context["chosen"] + page.context["held_out"] == group.customers
        assert "Hello [name], this is [shop]." in page.text, "nobody has to read a template language"
        assert "XXXX-XXXX-XXXX" in page.context["sample"].message.body

    def test_pressing_it_again_takes_the_same_draft_up(self, shop: Client) -> None:
        first = self.begun(shop)
        assert self.begun(shop).id == first.id
        assert self.begun(shop, "came_once").id != first.id

    def test_what_is_written_is_what_goes_out(self, shop: Client) -> None:
        draft = self.begun(shop)
        told = {"note_en": "Dear [name], come back to [shop]!", "note_zh": "", "offer": "gift", "holds_out": "yes"}
        part = shop.post(f"/bring-back/{draft.id}/", told, headers={"HX-Request": "true", "HX-Target": "effect"})
        assert "<html" not in part.text
        assert "come back to Camellia!" in part.text
        assert campaigns.campaign(draft.id).state is State.DRAFT, "looking is not starting"
        started = shop.post(f"/bring-back/{draft.id}/", told | {"do": "start"})
        assert started["Location"] == f"/copy-list/?campaign={draft.id}"
        lines = by_hand.lines(business=staff_queries.business(), at=timezone.now(), campaign_id=draft.id)
        assert len(lines) == 10, "the first notes are ready to be copied"
        assert lines[0].text.startswith(f"Dear {lines[0].name}, come back to Camellia!")
        assert lines[0].code in lines[0].text
        assert "a drink of your choice" in lines[0].text

    def test_one_in_ten_is_left_alone_unless_the_owner_says_no(self, shop: Client) -> None:
        draft = self.begun(shop)
        shop.post(f"/bring-back/{draft.id}/", {"offer": "percent", "holds_out": "yes", "do": "start"})
        assert decided.arms(about(draft.id))[Outcome.HELD_OUT] > 0
        other = self.begun(shop, "came_once")
        shop.post(f"/bring-back/{other.id}/", {"offer": "percent", "do": "start"})
        assert decided.arms(about(other.id))[Outcome.HELD_OUT] == 0
        assert campaigns.campaign(other.id).plan.no_hold_out_reason

    def test_among_few_guests_the_lot_falls_on_about_one_in_ten(self, shop: Client) -> None:
        for group in ("not_seen", "came_once"):
            seen = shop.get(f"/bring-back/{self.begun(shop, group).id}/").context
            whole = seen["chosen"] + seen["held_out"]
            assert whole < 100
            assert abs(seen["held_out"] - whole / 10) <= 2
        draft = campaigns.campaigns()[0]
        shop.post(f"/bring-back/{draft.id}/", {"offer": "none", "holds_out": "yes", "do": "start"})
        with pytest.raises(NotAllowed):
            draw_again(campaign_id=draft.id)

    def test_a_kind_word_needs_no_coupon(self, shop: Client) -> None:
        draft = self.begun(shop)
        shop.post(f"/bring-back/{draft.id}/", {"offer": "none", "holds_out": "yes", "do": "start"})
        [line, *_] = by_hand.lines(business=staff_queries.business(), at=timezone.now(), campaign_id=draft.id)
        assert line.code == ""
        assert "{{" not in line.text
        assert line.text.startswith("Hello Guest")

    def test_a_started_one_leads_to_its_list_and_stops_with_one_press(self, shop: Client) -> None:
        draft = self.begun(shop)
        shop.post(f"/bring-back/{draft.id}/", {"offer": "percent", "holds_out": "yes", "do": "start"})
        assert shop.get(f"/bring-back/{draft.id}/")["Location"] == f"/copy-list/?campaign={draft.id}"
        assert "Go on copying" in shop.get("/today/").text
        shop.post(f"/bring-back/{draft.id}/stop/")
        assert campaigns.campaign(draft.id).state is State.STOPPED
        assert "On its way" not in shop.get("/today/").text
        assert shop.post(f"/bring-back/{draft.id}/stop/")["Location"] == "/today/", "twice does no harm"

    def test_who_may_not_edit_campaigns_has_no_button(self, shop: Client) -> None:
        viewer = staff("viewer")
        assert "Bring them back" not in viewer.get("/today/").text
        assert viewer.post("/bring-back/not_seen/begin/").status_code == 403
        assert shop.post("/bring-back/everybody/begin/").status_code == 404
        assert shop.get("/bring-back/999999/").status_code == 404


class TestSteps:
    def test_each_is_done_when_the_data_say_so(self, shop: Client) -> None:
        def done() -> list[bool]:
            return [step.done for step in steps().steps]

        def steps() -> first_steps.Progress:
            owner = staff_queries.member_by_email("owner-en@example.com")
            assert owner is not None
            return first_steps.steps(owner.capabilities, staff_queries.business())

        assert done() == [False, True, False, False, False], "a picture was made, of orders that are not here"
        draft = TestBringingBack().begun(shop)
        assert not done()[2], "a draft asks nobody"
        shop.post(f"/bring-back/{draft.id}/", {"offer": "percent", "holds_out": "yes", "do": "start"})
        assert done()[2]
        assert not done()[3]

    def test_they_can_be_put_away_and_brought_back(self) -> None:
        owner = small_shop()
        assert "Step by step" in owner.get("/today/").text
        owner.post("/today/steps/", {"hidden": "yes", "next": "/today/"})
        assert "Step by step" not in owner.get("/today/").text
        assert "Step by step" in owner.get("/settings/").text, "the settings bring it back"
        owner.post("/today/steps/", {"hidden": "no", "next": "/settings/"})
        assert "Step by step" in owner.get("/today/").text

"""The copy list: one name after the other, each answer once, the last ones to be taken back."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from regulars.limits import queries as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import queries as issued
from regulars.outreach.actions import change_settings
from regulars.outreach.models import Campaign, Delivery
from regulars.outreach.rules import OutreachSettings

from .acting import HX, a_copy_list, an_offer, members
from .shop import a_shop, counted, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_hours(db: None) -> None:
    """The tests run at any hour; the shop sends at any hour too."""
    change_settings(told=OutreachSettings(cap_most=9, sends_from=time(0), sends_until=time(23, 59, 59)))


def test_an_empty_list_says_how_names_come() -> None:
    page = staff().get("/copy-list/")
    assert "Nobody is on the list" in page.text


def test_opening_the_page_issues_no_code_and_beginning_does() -> None:
    a_shop()
    people, offer = members(), an_offer()
    a_copy_list([people["林晓"], people["Ann Lee"]], offer_id=offer)
    owner = staff()
    assert "2 guests wait" in owner.get("/copy-list/").text
    assert issued.tally_of_offer(offer).issued == 0
    assert owner.post("/copy-list/begin/").status_code == 302
    page = owner.get("/copy-list/")
    card = page.context["card"]
    assert issued.tally_of_offer(offer).issued == 2
    assert (page.context["place"], page.context["total"]) == (1, 2)
    assert card.line.code in card.line.text
    assert card.line.text in page.text, "it can be copied by hand, without a script"
    assert card.phone == "138****0001"
    assert "13800010001" not in page.text
    assert (card.orders, card.spent, card.campaign) == (4, 130_000, "Come back")


def test_sent_goes_to_the_next_and_twice_is_once() -> None:
    a_shop()
    lin, ann = members()["林晓"], members()["Ann Lee"]
    a_copy_list([lin, ann])
    owner = staff()
    owner.post("/copy-list/begin/")
    first = owner.get("/copy-list/").context["card"].line
    for _ in range(2):
        page = owner.post(f"/copy-list/{first.delivery_id}/sent/", headers=HX)
        assert "<html" not in page.text
        assert (page.context["place"], page.context["card"].line.customer_id) == (2, ann)
    assert f"Sent to {first.name}" in page.text
    assert limits.had(Kind.MESSAGES, [lin], at=timezone.now(), window=timedelta(days=7)).get(lin) == 1
    one = Delivery.objects.get(pk=first.delivery_id)
    assert (one.state, one.actor) == ("sent", f"user:{owner.session['_auth_user_id']}")
    second = page.context["card"].line.delivery_id
    page = owner.post(f"/copy-list/{second}/skip/", headers=HX)
    assert "All done for now" in page.text
    assert "2 of 2 done" in page.text


def test_what_was_said_today_can_be_taken_back() -> None:
    a_shop()
    a_copy_list([members()["林晓"]])
    owner = staff()
    owner.post("/copy-list/begin/")
    line = owner.get("/copy-list/").context["card"].line.delivery_id
    owner.post(f"/copy-list/{line}/skip/")
    page = owner.post(f"/copy-list/{line}/undo/", headers=HX)
    assert page.context["card"].line.delivery_id == line
    assert Delivery.objects.get(pk=line).state == "shown"


def test_a_line_that_is_gone_is_said_kindly() -> None:
    a_shop()
    sent = a_copy_list([members()["林晓"]])
    owner = staff()
    owner.post("/copy-list/begin/")
    line = owner.get("/copy-list/").context["card"].line.delivery_id
    Campaign.objects.filter(pk=sent).update(state="paused")
    assert "Nobody is on the list" in owner.get("/copy-list/").text
    page = owner.post(f"/copy-list/{line + 99}/skip/", headers=HX)
    assert "not on the list any more" in page["HX-Trigger"]
    assert owner.post(f"/copy-list/{line}/juggle/").status_code == 404


def test_another_name_can_be_taken_first() -> None:
    a_shop()
    people = members()
    a_copy_list([people["林晓"], people["Ann Lee"]])
    owner = staff()
    owner.post("/copy-list/begin/")
    other = owner.get("/copy-list/").context["others"][0].line
    page = owner.get(f"/copy-list/?line={other.delivery_id}")
    assert page.context["card"].line == other


def test_each_campaign_has_its_own_list() -> None:
    a_shop()
    people = members()
    one, other = a_copy_list([people["林晓"]]), a_copy_list([people["Ann Lee"]])
    owner = staff()
    owner.post("/copy-list/begin/", {"campaign": other})
    page = owner.get(f"/copy-list/?campaign={other}")
    assert page.context["card"].name == "Ann Lee"
    assert owner.get(f"/copy-list/?campaign={one}").context["card"] is None
    assert "1 of 1" in page.text


def test_who_may_not_send_has_no_list() -> None:
    assert staff("cashier").get("/copy-list/").status_code == 403
    assert staff("service").post("/copy-list/begin/").status_code == 403


def test_more_names_ask_the_database_no_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    a_shop()
    people, owner = list(members().values()), staff()
    a_copy_list(people[:1], offer_id=an_offer())
    owner.post("/copy-list/begin/")
    found = []
    for _ in range(2):
        with counted(monkeypatch) as seen:
            assert owner.get("/copy-list/").status_code == 200
        found.append(len(seen))
        a_copy_list(people, offer_id=an_offer())
        owner.post("/copy-list/begin/")
    assert found[1] <= found[0] + 2, "a phone is looked up where there is one"
    assert found[1] <= 30

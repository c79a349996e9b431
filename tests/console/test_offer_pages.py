"""Coupons on their pages: made, changed, put away, and what came of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from regulars.core.bilingual import Text
from regulars.core.calendar import zone
from regulars.customers.identities import IdentityKind
from regulars.facts.connectors.complete_journey import SOURCE
from regulars.limits import actions as limits
from regulars.limits.rules import Take
from regulars.loyalty.coupons import actions, offers
from regulars.loyalty.coupons.actions import NewCoupon
from regulars.loyalty.coupons.offers import OfferView
from regulars.loyalty.coupons.rules import GUESSES, Guesser, GuesserKind, OfferKind, Terms
from regulars.outreach.past import actions as past
from regulars.outreach.past.rules import ToldCampaign, ToldCoupon, ToldRedemption
from regulars.staff.actions import create_api_key as make_key
from regulars.staff.models import User
from regulars.staff.rules import SYSTEM

from ..flows.world import order
from .forms import form_of
from .shop import LIN, a_shop, days_ago, staff

pytestmark = pytest.mark.django_db
TEN_OFF = Terms(OfferKind.AMOUNT_OFF, 1_000, min_spend_minor=3_000)


def made(client: Client, **changes: str) -> OfferView:
    told = form_of(client.get("/coupons/new/").content.decode(), "offer-form").dict() | changes
    client.post("/coupons/new/", told)
    return offers.offers(archived=True)[-1]


def test_a_coupon_is_called_by_what_it_promises_unless_somebody_names_it() -> None:
    client = staff()
    one = made(client)
    assert (one.terms, one.name) == (TEN_OFF, Text("满30元减10元", "¥10 off from ¥30"))
    named = made(client, kind="percent_off", value="15", min_spend="", zh="夏日券")
    assert (named.terms.value, named.name.zh) == (15, "夏日券")
    gift = made(client, kind="gift", gift_zh="饼干", gift_en="A cookie", unit_cost="2.50", min_spend="")
    assert (gift.terms.gift, gift.terms.unit_cost_minor) == (Text("饼干", "A cookie"), 250)
    listed = client.get("/coupons/").context["lines"]
    assert [line.name for line in listed] == ["Free: A cookie", "夏日券", "¥10 off from ¥30"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": "-1"}, "value"),
        ({"value": "ten"}, "value"),
        ({"kind": "percent_off", "value": "120"}, "value"),
        ({"kind": "gift"}, "gift_zh"),
        ({"days_valid": "0"}, "days_valid"),
        ({"min_spend": "1.234"}, "min_spend"),
    ],
)
def test_terms_that_cannot_be_are_marked(change: dict[str, str], field: str) -> None:
    client = staff()
    told = form_of(client.get("/coupons/new/").content.decode(), "offer-form").dict() | change
    page = client.post("/coupons/new/", told)
    assert (page.status_code, set(page.context["problems"])) == (422, {field})
    assert offers.offers() == []


def test_a_change_that_somebody_else_overtook_is_kept_on_the_page() -> None:
    client = staff()
    one = made(client)
    told = form_of(client.get(f"/coupons/{one.id}/edit/").content.decode(), "offer-form").dict()
    client.post(f"/coupons/{one.id}/edit/", told | {"value": "12"})
    page = client.post(f"/coupons/{one.id}/edit/", told | {"value": "15"})
    assert page.status_code == 422
    again = form_of(page.content.decode(), "offer-form").dict()
    assert (again["value"], again["after"]) == ("15", "2")
    client.post(f"/coupons/{one.id}/edit/", again)
    assert offers.offer(one.id).terms.value == 1_500


def test_a_coupon_is_put_away_and_taken_into_use_again() -> None:
    client = staff()
    one = made(client)
    client.post(f"/coupons/{one.id}/archive/")
    assert offers.offers() == []
    assert [line.offer.id for line in client.get("/coupons/?archived=1").context["lines"]] == [one.id]
    client.post(f"/coupons/{one.id}/bring-back/")
    assert [offer.id for offer in offers.offers()] == [one.id]
    assert staff("viewer").post(f"/coupons/{one.id}/archive/").status_code == 403


def used(offer_id: int, customer_id: int | None) -> str:
    """A coupon that was issued and used; its code."""
    now = timezone.now()
    issued = actions.issue_many(
        offer_id=offer_id, wanted=[NewCoupon("k1", customer_id), NewCoupon("k2", None)], zone=zone("Asia/Shanghai"),
        at=now - timedelta(hours=1),
    )  # fmt: skip
    actions.redeem(coupon_id=issued["k1"].coupon_id, key="u1", zone=zone("Asia/Shanghai"), spend_minor=5_000, at=now)
    return issued["k1"].code


def test_uses_are_counted_and_codes_are_for_those_who_write_campaigns() -> None:
    client = staff()
    one = made(client)
    a_shop()
    lin = client.get("/customers/?q=林").context["page"][0]
    code = used(one.id, lin.customer_id)
    line = client.get("/coupons/").context["lines"][0]
    assert (line.tally.issued, line.tally.redeemed, line.given_minor) == (2, 1, 1_000)
    page = client.get(f"/coupons/{one.id}/")
    assert [(use.name, use.view.discount_minor) for use in page.context["uses"]] == [("林晓", 1_000)]
    assert code[-4:] in page.content.decode()
    assert code[:4] in page.content.decode()
    masked = staff("viewer").get(f"/coupons/{one.id}/").content.decode()
    assert code[:4] not in masked
    card = client.get(lin.url).context["campaigns"]["coupons"]
    assert [coupon.state for coupon in card] == ["used"]


def test_past_campaigns_are_matched_and_claim_nothing() -> None:
    world = a_shop()
    who = LIN.__class__(IdentityKind.EXTERNAL_ID, SOURCE, "7")
    world.tell(order("J1", [who], days_ago(40), 1_000), at=timezone.now())
    day = days_ago(40).date()
    past.take_over(
        source=SOURCE,
        campaigns=[ToldCampaign("18", "TypeA", day - timedelta(days=5), day + timedelta(days=5), ("7",))],
        coupons=[ToldCoupon("1001", "P1", "18")],
        redemptions=[ToldRedemption("7", "1001", "18", day), ToldRedemption("8", "1001", "18", day)],
    )
    page: Any = staff().get("/campaigns/past/")
    assert page.context["whole"] == 2
    assert sum(part.count for part in page.context["parts"]) == 2
    text = page.content.decode()
    assert "does not say what the campaigns brought" in text
    assert "A test of our own statistics" in text
    assert len(staff("viewer").get("/campaigns/past/?match=unknown_customer").context["redemptions"]) == 1


def test_a_shop_without_past_campaigns_has_no_such_page() -> None:
    assert staff().get("/campaigns/past/").status_code == 404


def guessed(who: Guesser, times: int, minutes_ago: float) -> None:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    assert all(limits.take([Take(GUESSES, who.subject)] * times, at=at))


class TestWrongCodes:
    def test_typing_errors_raise_no_alarm(self) -> None:
        a_shop()
        client = staff()
        guessed(Guesser(GuesserKind.API_KEY, 9), 5, 30)
        assert client.get("/?days=30").context["guess_alarm"] is None
        page = client.get("/coupons/wrong-codes/").content.decode()
        assert "5 wrong codes were tried in the last day." in page
        assert "That is how often people mistype." in page

    def test_many_in_an_hour_stand_where_staff_begin_and_where_coupons_are(self) -> None:
        a_shop()
        client = staff()
        me = User.objects.get(email="owner-en@example.com").pk
        key = make_key(name="Kiosk", scopes=["coupons.redeem"], by=SYSTEM, at=timezone.now()).id
        for turn in range(6):
            guessed(Guesser(GuesserKind.API_KEY, key), 5, 600 - 6 * turn)
        guessed(Guesser(GuesserKind.STAFF, me), 2, 300)
        for address in ("/?days=30", "/coupons/"):
            told = client.get(address).content.decode()
            assert "30 wrong coupon codes within an hour" in told
            assert "/coupons/wrong-codes/" in told
        page: Any = client.get("/coupons/wrong-codes/")
        assert [(one.name, one.codes) for one in page.context["lines"]] == [("Kiosk", 30), ("Lin", 2)]
        assert [one.url for one in page.context["lines"]] == ["/settings/keys/", f"/settings/staff/{me}/"]
        seen: Any = staff("viewer").get("/coupons/wrong-codes/")
        assert [one.url for one in seen.context["lines"]] == ["", ""]
        assert staff("cashier").get("/coupons/wrong-codes/").status_code == 403

    def test_codes_that_orders_told_in_vain_are_listed_with_the_reason(self) -> None:
        world = a_shop()
        told = order("U1", [LIN], days_ago(1), 5_000)
        told.body["coupons"] = ["SPRING10", "SUMMER"]
        world.tell(told, at=timezone.now())
        page: Any = staff().get("/coupons/wrong-codes/")
        assert page.context["reasons"] == [("not a code of ours", 2)]

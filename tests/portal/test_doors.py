"""Every address of the portal says for whom it is; a member sees their own and nobody else's."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from regulars.flows import claim_rewards
from regulars.loyalty.rewards.rules import Ask
from regulars.portal import urls
from regulars.portal.access import MEMBER, PUBLIC
from regulars.staff import actions as staff
from regulars.staff.rules import CAPABILITIES, SYSTEM
from tests.flows.world import World
from tests.portal.people import ANNA, BO, a_phone, a_shop, id_of, phone_of
from tests.portal.rewarding import mug

PASSWORD = "tea-and-return-customers"
ROUTES: list[tuple[str, Any]] = [(str(one.pattern), one.callback) for one in urls.urlpatterns]
OPEN_TO_ALL = {
    "portal_preferences", "portal_stop", "portal_go", "portal_seen", "portal_email_hook", "join", "join_details",
    "member_sign_in", "member_code", "member_link", "member_text", "member_text_version", "member_manifest",
    "member_worker", "member_offline",
}  # fmt: skip


def path_of(address: str) -> str:
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda m: "1" if m[1] == "int" else "charter", address)


@pytest.mark.parametrize(("address", "view"), ROUTES, ids=[address for address, _ in ROUTES])
def test_every_route_is_for_members_or_says_why_it_is_open(address: str, view: Any) -> None:
    assert view.required_capability in (MEMBER, PUBLIC)
    assert (view.required_capability == PUBLIC) == bool(getattr(view, "public_because", ""))


def test_no_route_is_open_that_nobody_thought_of() -> None:
    assert {
        one.name for one in urls.urlpatterns if getattr(one.callback, "required_capability", None) == PUBLIC
    } == OPEN_TO_ALL


@pytest.mark.django_db
class TestVisitors:
    def test_nobody_gets_into_a_members_pages_without_signing_in(self) -> None:
        a_shop()
        for address, view in ROUTES:
            if view.required_capability != MEMBER:
                continue
            for method in ("get", "post"):
                answer = getattr(a_phone(), method)(path_of(address))
                assert (answer.status_code, answer["Location"]) == (302, "/m/sign-in/"), address
        assert a_phone().get("/m/code/", headers={"HX-Request": "true"})["HX-Redirect"] == "/m/sign-in/"

    def test_a_member_opens_each_and_no_cache_keeps_it(self) -> None:
        a_shop()
        phone = phone_of(id_of(ANNA[0]))
        for address, view in ROUTES:
            if view.required_capability == MEMBER and "<" not in address:
                answer = phone.get(path_of(address))
                assert answer.status_code in (200, 405), address
                assert answer.status_code == 405 or (answer["Cache-Control"], answer["Referrer-Policy"]) == (
                    "no-store, private", "same-origin",
                )  # fmt: skip

    def test_a_member_is_not_staff_and_staff_are_no_members(self) -> None:
        a_shop()
        staff.create_user(email="lin@example.com", role="owner", password=PASSWORD, by=SYSTEM, at=timezone.now())
        assert phone_of(id_of(ANNA[0])).get("/customers/").status_code == 302
        desk = Client()
        desk.post(reverse("account_login"), {"login": "lin@example.com", "password": PASSWORD})
        assert desk.get("/customers/").status_code == 200
        assert desk.get("/m/")["Location"] == "/m/sign-in/"
        assert not {MEMBER, PUBLIC} & CAPABILITIES

    def test_what_is_somebody_elses_is_not_there(self) -> None:
        world = a_shop()
        mug()
        claim = claimed(world, id_of(ANNA[0]))
        mine, other = phone_of(id_of(ANNA[0])), phone_of(id_of(BO[0]))
        assert [phone.get(f"/m/rewards/{claim.id}/").status_code for phone in (mine, other)] == [200, 404]
        for address in ("/m/", "/m/me/", "/m/me/data/", "/m/statement/", "/m/rewards/", "/m/me/data.json"):
            text = other.get(address).content.decode()
            assert not any(word in text for word in ("Anna", "anna", "12345678", claim.code, "order a1")), address

    def test_addresses_name_nobody(self) -> None:
        """Neither a name nor a contact ever stands in an address that the pages link to."""
        a_shop()
        phone = phone_of(id_of(ANNA[0]))
        for address in ("/m/", "/m/me/", "/m/statement/", "/m/coupons/", "/m/rewards/"):
            for link in re.findall(r'(?:href|action|hx-get)="([^"]+)"', phone.get(address).content.decode()):
                assert not re.search(r"anna|lin|138|@|R1-", link, re.IGNORECASE) or link.startswith("/static/"), link


def claimed(world: World, customer_id: int) -> Any:
    ask = Ask("mug", customer_id, "k", "", "member")
    return claim_rewards.claim(ask=ask, policies=world.policies, zone=world.zone, at=timezone.now())

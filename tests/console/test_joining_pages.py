"""Staff show members how to sign in, keep the texts they agree to, and print the QRs through which they join."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from regulars.customers.enrolling import actions as enrolling
from regulars.customers.enrolling import queries as members
from regulars.customers.models import SignInLink
from regulars.loyalty.membership import number_of
from regulars.staff.models import AuditEntry
from tests.console.shop import LIN, a_shop, staff
from tests.portal.people import id_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    a_shop()
    return staff()


def trail() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


class TestSignInQr:
    def test_it_is_shown_once_and_written_down(self, desk: Client) -> None:
        number = number_of(id_of(LIN))
        assert f"/customers/{number}/sign-in/" in desk.get(f"/customers/{number}/").content.decode()
        page = desk.post(f"/customers/{number}/sign-in/").content.decode()
        assert ("<svg" in page, "style=" in page.split("<svg", 1)[1].split("</svg>")[0]) == (True, False)
        link = SignInLink.objects.get()
        assert (link.customer_id, link.made_by.startswith("user:"), link.used_at) == (id_of(LIN), True, None)
        assert trail()[-1] == "customers.sign_in"
        assert desk.get(f"/customers/{number}/sign-in/").status_code == 405

    def test_not_by_whoever_only_looks_and_not_for_another_stores_members(self, desk: Client) -> None:
        number = number_of(id_of(LIN))
        assert staff("viewer").post(f"/customers/{number}/sign-in/").status_code == 403
        assert staff("service", stores=["S2"]).post(f"/customers/{number}/sign-in/").status_code == 404
        assert staff("cashier", stores=["S1"]).post(f"/customers/{number}/sign-in/").status_code == 200
        assert desk.post("/customers/M999999/sign-in/").status_code == 404


class TestTexts:
    def test_a_draft_says_so_until_a_version_is_kept(self, desk: Client) -> None:
        assert desk.get("/settings/joining/").content.decode().count("Draft: please check") == 2
        desk.post("/settings/joining/texts/charter/", {"zh": "章程\r\n第二行", "en": "Terms"})
        page = desk.get("/settings/joining/").content.decode()
        assert ("Draft: please check" in page, "version 1" in page) == (True, True)
        found = members.text("charter")
        assert found is not None
        assert (found.words.zh, found.made_by.startswith("user:")) == ("章程\n第二行", True)
        assert trail()[-1] == "joining.text"
        assert "Terms" in Client(headers={"Accept-Language": "en"}).get("/m/text/charter/").content.decode()

    def test_an_empty_one_is_not_kept(self, desk: Client) -> None:
        desk.post("/settings/joining/texts/charter/", {"zh": " ", "en": ""})
        assert members.current_versions() == (0, 0)
        assert desk.post("/settings/joining/texts/other/", {"zh": "x"}).status_code == 404


class TestEntrances:
    def test_made_printed_taken_out_of_use_and_back(self, desk: Client) -> None:
        answer = desk.post("/settings/joining/make/", {"place": "table", "store": "S1", "label": "3"})
        (entrance,) = members.entrances()
        assert answer["Location"] == f"/settings/joining/print/{entrance.code}/"
        page = desk.get(answer["Location"]).content.decode()
        assert f"http://testserver/join/?from={entrance.code}" in page
        assert re.search(r"扫码入会.*Scan to join", page, re.DOTALL), "in both languages, whoever prints it"
        gone = desk.post(f"/settings/joining/{entrance.id}/retire/")
        assert members.entrances() == []
        assert "Undo" in desk.get(gone["Location"]).content.decode()
        desk.post(f"/settings/joining/{entrance.id}/retire/", {"back": "1"})
        assert members.entrances() == [entrance]
        assert trail()[-3:] == ["joining.entrance", "joining.retire", "joining.bring_back"]

    @pytest.mark.parametrize("told", [{"place": "table"}, {"place": "staff"}, {"place": "roof"}])
    def test_a_table_has_a_name_and_staff_are_somebody(self, desk: Client, told: dict[str, str]) -> None:
        assert desk.post("/settings/joining/make/", told).status_code == 422
        assert members.entrances() == []

    def test_who_may_only_look_changes_nothing(self, desk: Client) -> None:
        marketer = staff("marketer")
        code = enrolling.make_entrance(place="store", store="S1", label="", user_id=None, at=timezone.now())
        assert marketer.get("/settings/joining/").status_code == 200
        assert marketer.get(f"/settings/joining/print/{code}/").status_code == 200
        assert marketer.post("/settings/joining/make/", {"place": "store"}).status_code == 403

"""Setting a new instance up, and changing it: the business, the programme, staff, keys, the audit."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from regulars.catalogue.actions import ensure_stores
from regulars.console import setup_code
from regulars.console.views.settings import audit
from regulars.facts.kinds import order_completed
from regulars.facts.rules import Identity, IdentityKind, NewFact
from regulars.flows.record_facts import record_facts
from regulars.flows.set_up import set_up
from regulars.flows.settings import programme
from regulars.loyalty import programme_view
from regulars.loyalty.verification import verify
from regulars.staff import actions, queries
from regulars.staff.actions.setup import AlreadySetUp
from regulars.staff.rules import SYSTEM

PASSWORD = "a short sentence is easy"
ANSWERS = {
    "business": "山茶咖啡", "time_zone": "Asia/Shanghai", "currency": "CNY", "name": "林晓", "email": "Lin@Example.com",
    "password": PASSWORD, "trade": "retail",
}  # fmt: skip


def owner(language: str = "en") -> Client:
    """A set-up instance, and its owner's browser."""
    given = {**ANSWERS, "language": language}
    set_up(at=timezone.now(), **given)
    return signed_in("lin@example.com")


def signed_in(email: str, password: str = PASSWORD) -> Client:
    client = Client()
    assert client.post(reverse("account_login"), {"login": email, "password": password}).status_code == 302
    return client


def colleague(role: str) -> Client:
    actions.create_user(
        email=f"{role}@example.com", role=role, language="en", password=PASSWORD, by=SYSTEM, at=timezone.now()
    )
    return signed_in(f"{role}@example.com")


def an_order() -> None:
    policies, zone = programme()
    at = timezone.now() - timedelta(hours=1)
    body = order_completed.make_body(currency="CNY", paid=12000, lines=[])
    who = (Identity(IdentityKind.MEMBER_NUMBER, "", "V1"),)
    fact = NewFact("till", order_completed.CODE, "1", at, body, who, amount=12000)
    record_facts(facts=[fact], policies=policies, zone=zone, at=timezone.now())


@pytest.fixture
def here(settings: Any) -> None:
    """The browser sits at the machine itself: the test client asks for 'testserver' otherwise."""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]


def visitor(**extra: Any) -> Client:
    return Client(headers={"host": "localhost", "accept-language": "en"}, **extra)


@pytest.mark.django_db
@pytest.mark.usefixtures("here")
class TestSettingUp:
    def test_the_first_visitor_is_led_there_and_let_in(self) -> None:
        browser = visitor()
        assert browser.get("/settings/")["Location"] == "/setup/"
        assert browser.get("/accounts/login/")["Location"] == "/setup/"
        assert browser.get("/settings/", headers={"HX-Request": "true"})["HX-Redirect"] == "/setup/"
        assert "Welcome to Regulars" in browser.get("/setup/").text
        assert browser.post("/setup/", ANSWERS)["Location"] == "/"
        (member,) = queries.staff()
        assert (member.email, member.role, member.name, member.language) == ("lin@example.com", "owner", "林晓", "en")
        business = queries.business()
        assert (business.name, business.time_zone, business.currency) == ("山茶咖啡", "Asia/Shanghai", "CNY")
        version = programme_view.current()
        assert version is not None
        assert version.terms["minor_per_point"] == 100
        assert browser.get("/settings/").status_code == 200, "signed in at once"

    def test_wrong_answers_are_told_beside_their_field(self) -> None:
        answer = visitor().post("/setup/", ANSWERS | {"email": "lin", "password": "short", "business": ""})
        assert answer.status_code == 422
        assert {"email", "business"} <= set(answer.context["form"].errors)
        answer = visitor().post("/setup/", ANSWERS | {"password": "short"})
        assert list(answer.context["form"].errors) == ["password"]
        assert not queries.has_staff()
        assert queries.business().name == "", "nothing is half set up"

    def test_nobody_comes_second(self) -> None:
        visitor().post("/setup/", ANSWERS)
        second = visitor()
        assert second.get("/setup/")["Location"] == "/accounts/login/"
        assert second.post("/setup/", ANSWERS | {"email": "eve@example.com"})["Location"] == "/accounts/login/"
        assert [member.email for member in queries.staff()] == ["lin@example.com"]

    @pytest.mark.parametrize(
        "extra",
        [
            {"REMOTE_ADDR": "203.0.113.9"},
            {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
            {"HTTP_FORWARDED": "for=203.0.113.9"},
            {"REMOTE_ADDR": ""},
        ],
    )
    def test_from_elsewhere_it_takes_the_printed_code(self, extra: dict[str, str]) -> None:
        code = setup_code.make()
        assert code == setup_code.make()
        browser = visitor(**extra)
        assert browser.post("/setup/", ANSWERS).status_code == 422
        assert browser.post("/setup/", ANSWERS | {"code": "AAAA-BBBB-CCCC"}).status_code == 422
        assert not queries.has_staff()
        assert browser.post("/setup/", ANSWERS | {"code": code.lower().replace("-", " ")}).status_code == 302
        assert queries.has_staff()
        assert not setup_code.matches(code), "it opens nothing any more"

    def test_an_instance_with_a_public_name_always_takes_the_code(self, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["localhost", "shop.example.com"]
        setup_code.make()
        assert visitor().post("/setup/", ANSWERS).status_code == 422
        setup_code.forget()
        assert visitor().post("/setup/", ANSWERS | {"code": ""}).status_code == 422
        assert not queries.has_staff()


@pytest.mark.django_db(transaction=True)
def test_of_two_visitors_at_once_one_becomes_the_owner() -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def visit(email: str) -> None:
        try:
            barrier.wait(10)
            set_up(language="en", at=timezone.now(), **(ANSWERS | {"email": email}))
            outcomes.append("owner")
        except AlreadySetUp:
            outcomes.append("too late")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=visit, args=(f"{name}@example.com",)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["owner", "too late"]
    assert len(queries.staff()) == 1
    assert len(programme_view.versions()) == 1


@pytest.mark.django_db
class TestBusiness:
    START = {"name": "Camellia", "time_zone": "Asia/Shanghai", "currency": "CNY", "language": "en"}

    def test_it_is_changed_and_the_audit_knows(self) -> None:
        browser = owner()
        assert browser.post("/settings/business/", self.START | {"time_zone": "Asia/Tokyo"}).status_code == 302
        assert (queries.business().name, queries.business().time_zone) == ("Camellia", "Asia/Tokyo")
        assert "changed the business" in browser.get("/settings/audit/").text

    def test_a_currency_with_other_decimals_rescales_the_programme(self) -> None:
        browser = owner()
        browser.post("/settings/business/", self.START | {"currency": "JPY"})
        (version,) = programme_view.versions()
        assert (version.number, version.terms["minor_per_point"]) == (1, 1)

    def test_the_currency_stays_once_there_is_an_order(self) -> None:
        browser = owner()
        an_order()
        assert "It stays as it is" in browser.get("/settings/").text
        browser.post("/settings/business/", self.START | {"currency": "JPY"})
        assert queries.business().currency == "CNY"

    def test_a_new_zone_is_a_new_version_and_old_points_keep_theirs(self) -> None:
        browser = owner()
        an_order()
        browser.post("/settings/business/", self.START | {"time_zone": "Europe/Berlin"})
        new, old = programme_view.versions()
        assert (new.terms["time_zone"], old.terms["time_zone"]) == ("Europe/Berlin", "Asia/Shanghai")
        policies, _zone = programme()
        *_, report = verify(policies=policies, at=timezone.now())
        assert report.differences == []

    def test_wrong_values_come_back_with_their_reason(self) -> None:
        answer = owner().post("/settings/business/", self.START | {"time_zone": "Mars/Olympus", "name": ""})
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"time_zone", "name"}
        assert 'aria-invalid="true"' in answer.text

    def test_who_may_look_may_not_change(self) -> None:
        owner()
        marketer = colleague("marketer")
        page = marketer.get("/settings/").text
        assert "山茶咖啡" in page
        assert 'action="/settings/business/"' not in page
        assert marketer.post("/settings/business/", self.START).status_code == 403
        assert marketer.get("/settings/programme/").status_code == 200
        for closed in ("email/", "staff/", "keys/", "audit/"):
            assert marketer.get(f"/settings/{closed}").status_code == 403


@pytest.mark.django_db
class TestStaff:
    NEW = {"name": "Wu", "email": "wu@example.com", "role": "cashier"}

    def test_somebody_is_added_and_the_password_is_shown_once(self) -> None:
        browser = owner()
        answer = browser.post("/settings/staff/add/", self.NEW)
        password = answer.context["password"]
        assert password in answer.text
        assert "no-store" in answer["Cache-Control"]
        assert password not in browser.get("/settings/staff/").text
        assert signed_in("wu@example.com", password).get("/settings/").status_code == 403
        again = browser.post("/settings/staff/add/", self.NEW)
        assert again.status_code == 422
        assert "Somebody signs in with this e-mail already." in again.text

    def test_role_and_name_are_changed_and_only_what_changed_is_recorded(self) -> None:
        browser = owner()
        browser.post("/settings/staff/add/", self.NEW)
        wu = queries.member_by_email("wu@example.com")
        assert wu is not None
        assert browser.post(f"/settings/staff/{wu.id}/", {"name": "Wu", "role": "service"}).status_code == 302
        assert [line.action for line in queries.audit_trail(subject=("user", str(wu.id)))] == [
            "staff.role",
            "staff.add",
        ]

    def test_the_last_owner_stays(self) -> None:
        browser = owner()
        me = queries.staff()[0]
        answer = browser.post(f"/settings/staff/{me.id}/", {"name": "林晓", "role": "viewer"})
        assert answer.status_code == 422
        assert "This is the only owner" in answer.text
        browser.post(f"/settings/staff/{me.id}/switch/", {"active": "no"})
        assert queries.staff()[0].is_active
        assert queries.staff()[0].role == "owner"

    def test_switching_off_ends_sessions_and_on_lets_in_again(self) -> None:
        browser, viewer = owner(), colleague("viewer")
        other = queries.member_by_email("viewer@example.com")
        assert other is not None
        assert viewer.get("/palette/").status_code == 200
        browser.post(f"/settings/staff/{other.id}/switch/", {"active": "no"})
        assert viewer.get("/palette/").status_code == 302
        browser.post(f"/settings/staff/{other.id}/switch/", {"active": "yes"})
        assert signed_in("viewer@example.com").get("/palette/").status_code == 200

    def test_a_new_password_replaces_the_old_one(self) -> None:
        browser, viewer = owner(), colleague("viewer")
        other = queries.member_by_email("viewer@example.com")
        assert other is not None
        password = browser.post(f"/settings/staff/{other.id}/password/").context["password"]
        assert viewer.get("/palette/").status_code == 302
        assert signed_in("viewer@example.com", password).get("/palette/").status_code == 200

    def test_stores_are_chosen_from_those_that_are_known(self) -> None:
        browser = owner()
        ensure_stores(["人民路店", "机场店"])
        browser.post("/settings/staff/add/", self.NEW | {"stores": ["机场店"]})
        wu = queries.member_by_email("wu@example.com")
        assert wu is not None
        assert wu.store_codes == ("机场店",)
        assert browser.post("/settings/staff/add/", self.NEW | {"stores": ["elsewhere"]}).status_code == 422
        browser.post(f"/settings/staff/{wu.id}/", {"name": "Wu", "role": "cashier"})
        changed = queries.member(wu.id)
        assert changed is not None
        assert changed.store_codes is None, "none chosen means every store"


@pytest.mark.django_db
class TestKeysAndAudit:
    def test_a_key_is_shown_once_and_revoked(self) -> None:
        browser = owner()
        answer = browser.post("/settings/keys/", {"name": "till", "scopes": ["facts.write"]})
        secret = answer.context["secret"]
        assert actions.verify_api_key(secret=secret, at=timezone.now()).scopes == {"facts.write"}
        page = browser.get("/settings/keys/").text
        assert secret not in page
        assert "Send orders and events" in page
        key = queries.api_keys()[0]
        browser.post(f"/settings/keys/{key.id}/revoke/")
        with pytest.raises(actions.api_keys.BadApiKey):
            actions.verify_api_key(secret=secret, at=timezone.now())

    def test_a_key_without_a_name_or_scope_is_refused_beside_the_field(self) -> None:
        answer = owner().post("/settings/keys/", {"name": " "})
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"name", "scopes"}
        assert queries.api_keys() == []

    def test_the_audit_is_filtered_and_goes_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        browser = owner()
        for number in range(4):
            browser.post("/settings/keys/", {"name": f"key {number}", "scopes": ["reports.read"]})
        monkeypatch.setattr(audit, "PAGE", 3)
        first = browser.get("/settings/audit/")
        assert [line["subject"] for line in first.context["lines"]] == ["key 3", "key 2", "key 1"]
        older = browser.get("/settings/audit/", {"before": first.context["older"]})
        assert older.context["lines"][0]["subject"] == "key 0"
        staff = browser.get("/settings/audit/", {"area": "staff"})
        assert {line["what"] for line in staff.context["lines"]} == {"added somebody"}
        for odd in ({"who": "x"}, {"before": "9" * 40}, {"area": "'"}, {"who": "٣"}):
            assert browser.get("/settings/audit/", odd).status_code == 200


@pytest.mark.django_db
def test_every_page_reads_in_chinese() -> None:
    browser = owner(language="zh-hans")
    an_order()
    for path in ("", "programme/", "staff/", "staff/add/", "keys/", "audit/"):
        page = browser.get(f"/settings/{path}")
        assert page.status_code == 200
        assert "设置" in page.text

"""The door of the console: closed unless a view says for whom it opens."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, include, path, reverse
from pytest_django import DjangoAssertNumQueries

from regulars.console import access
from regulars.console.access import MEMBER, PUBLIC, StaffRequest, public, requires
from regulars.staff import actions, queries
from regulars.staff.actions.people import NewMember
from regulars.staff.rules import CAPABILITIES, ROLES, SYSTEM

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
Add = Callable[..., NewMember]
PASSWORD = "tea-and-return-customers"


@requires("customers.view")
def customers(request: StaffRequest) -> HttpResponse:
    return HttpResponse(f"{request.member.email} {request.language} {sorted(request.capabilities)}")


@requires("staff.manage")
def staff(request: HttpRequest) -> HttpResponse:
    return HttpResponse("staff")


@public
def open_to_all(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("never seen")


class Addresses:
    urlpatterns = [
        path("customers", customers),
        path("staff", staff),
        path("open", open_to_all),
        path("forgotten", forgotten),
        path("", include("regulars.config.urls")),
    ]


@pytest.fixture
def site(settings: Any, client: Client) -> Client:
    settings.ROOT_URLCONF = Addresses
    return client


@pytest.fixture
def add() -> Add:
    def somebody(role: str = "owner", email: str = "lin@example.com", **more: Any) -> NewMember:
        return actions.create_user(email=email, role=role, password=PASSWORD, by=SYSTEM, at=AT, **more)

    return somebody


def sign_in(client: Client, email: str = "lin@example.com", password: str = PASSWORD) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password})


@pytest.mark.django_db
class TestTheDoor:
    def test_a_visitor_is_sent_to_sign_in_and_brought_back(self, site: Client, add: Add) -> None:
        add()
        answer = site.get("/customers?tier=gold")
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/customers%3Ftier%3Dgold")

    def test_a_fragment_tells_the_page_to_sign_in(self, site: Client, add: Add) -> None:
        add()
        answer = site.get(
            "/customers", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/customers?tier=gold"}
        )
        assert answer.status_code == 204
        assert answer["HX-Redirect"] == "/accounts/login/?next=http%3A%2F%2Ftestserver%2Fcustomers%3Ftier%3Dgold"

    def test_a_fragment_is_not_brought_back_to_another_site(self, site: Client, add: Add) -> None:
        add()
        answer = site.get("/customers", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/"})
        assert answer["HX-Redirect"] == "/accounts/login/?next=%2F"

    def test_a_role_opens_what_it_may_and_nothing_else(self, site: Client, add: Add) -> None:
        add("viewer")
        assert sign_in(site).status_code == 302
        assert site.get("/customers").status_code == 200
        assert site.get("/staff").status_code == 403

    def test_a_view_that_declares_nothing_stays_shut_even_for_the_owner(
        self, site: Client, add: Add, caplog: pytest.LogCaptureFixture
    ) -> None:
        add()
        sign_in(site)
        access.log.addHandler(caplog.handler)
        try:
            assert site.get("/forgotten").status_code == 403
        finally:
            access.log.removeHandler(caplog.handler)
        assert "forgotten declares no capability" in caplog.text

    def test_a_public_view_needs_nothing(self, site: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(0):
            assert site.get("/open").content == b"open"

    def test_somebody_shut_out_is_out_at_once(self, site: Client, add: Add) -> None:
        add()
        second = add("viewer", "wu@example.com")
        sign_in(site, "wu@example.com")
        assert site.get("/customers").status_code == 200
        actions.deactivate(user_id=second.id, by=SYSTEM, at=AT)
        assert site.get("/customers").status_code == 302

    def test_the_page_speaks_the_language_of_its_reader(self, site: Client, add: Add) -> None:
        add(language="en")
        sign_in(site)
        answer = site.get("/customers", headers={"Accept-Language": "zh-CN"})
        assert (b" en [" in answer.content, answer["Content-Language"]) == (True, "en")

    def test_changing_the_language_is_remembered_for_the_person(self, site: Client, add: Add) -> None:
        add(language="en")
        sign_in(site)
        assert site.post("/language/", {"language": "zh-hans", "next": "/customers"}).status_code == 302
        assert queries.staff()[0].language == "zh-hans"
        assert site.get("/customers")["Content-Language"] == "zh-hans"
        site.post("/language/", {"language": "tlh"})
        assert queries.staff()[0].language == "zh-hans"

    def test_only_known_capabilities_can_be_asked_for(self) -> None:
        with pytest.raises(ValueError, match=r"customers\.juggle"):
            requires("customers.juggle")


@pytest.mark.django_db
class TestSigningIn:
    def test_nobody_signs_up(self, client: Client, add: Add) -> None:
        add()
        form = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
        answer = client.post(reverse("account_signup"), form)
        assert answer.status_code == 200
        assert len(queries.staff()) == 1

    def test_pages_of_allauth_that_are_not_in_use_do_not_exist(self, client: Client, add: Add) -> None:
        add()
        sign_in(client)
        for name in ("account_email", "account_reset_password", "account_set_password"):
            assert client.get(reverse(name)).status_code == 404

    def test_five_wrong_passwords_close_the_door_for_the_right_one_too(self, client: Client, add: Add) -> None:
        add()
        for _ in range(5):
            sign_in(client, password="wrong")
        sign_in(client, email="LIN@example.com")
        assert "_auth_user_id" not in client.session

    def test_four_wrong_passwords_do_not(self, client: Client, add: Add) -> None:
        add()
        for _ in range(4):
            sign_in(client, password="wrong")
        sign_in(client)
        assert "_auth_user_id" in client.session

    def test_signing_in_with_a_second_factor(self, client: Client, add: Add) -> None:
        from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

        def code(secret: str) -> str:
            return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))

        add()
        sign_in(client)
        assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("account_reauthenticate"))
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        page = client.get(reverse("mfa_activate_totp"))
        assert page.status_code == 200
        secret = page.context["form"].secret
        assert client.post(reverse("mfa_activate_totp"), {"code": code(secret)}).status_code == 302
        client.post(reverse("account_logout"))
        assert sign_in(client)["Location"].startswith(reverse("mfa_authenticate"))
        assert "_auth_user_id" not in client.session
        assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200

    def test_asking_for_the_password_again(self, client: Client, add: Add) -> None:
        add()
        sign_in(client)
        wrong = client.post(reverse("account_reauthenticate"), {"password": "wrong"})
        assert (wrong.status_code, bool(wrong.context["form"].errors)) == (200, True)
        assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


@pytest.mark.django_db
def test_health_and_headers(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (200, True)
    assert "script-src 'self';" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"


def test_health_when_the_database_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", gone)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, address)
        else:
            yield address, pattern.callback


OURS = [
    (address, view)
    for address, view in routes()
    if not address.startswith("api/") and not view.__module__.startswith("allauth.")
]


@pytest.mark.parametrize(("address", "view"), OURS, ids=[address or "/" for address, _ in OURS])
def test_every_route_declares_one_capability(address: str, view: Callable[..., Any]) -> None:
    assert access.required_capability(view) in CAPABILITIES | {PUBLIC, MEMBER}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_route_opens_for_the_roles_that_have_its_capability_and_no_other(
    client: Client, add: Add, role: str | None
) -> None:
    """Walk every address as each role. Parameters are made up, so a page that may be opened can still say 404."""
    if role is not None:
        add(role)
        sign_in(client)
    allowed = ROLES[role] if role else frozenset()
    for address, view in OURS:
        needed = access.required_capability(view)
        path_ = "/" + re.sub(
            r"<(?:(\w+):)?\w+>", lambda m: "abc" if m[1] in (None, "str", "slug", "path") else "1", address
        )
        status = client.get(path_).status_code
        if needed == MEMBER:  # staff are no members
            assert status == 302, path_
        elif needed == PUBLIC or needed in allowed:
            assert status not in (401, 403), path_
        elif path_ == "/" and "till.use" in allowed:  # their home is the till
            assert status == 302
        else:
            assert status == (403 if role else 302), path_

"""Who gets in, how often, and what those who do not are told."""

import base64
import re
from datetime import UTC, datetime

import pytest
from django.urls import URLPattern

from regulars.api.access import Scope, ScopedRouter
from regulars.api.limits import Limits, TooManyRequests, limits
from regulars.api.urls import api, urlpatterns
from regulars.staff.actions import revoke_api_key
from regulars.staff.models import ApiKey
from regulars.staff.rules import SCOPES, SYSTEM

AT = datetime(2026, 3, 1, tzinfo=UTC)
ROUTES = ["/track", "/identify", "/batch"]


def basic(user: str, password: str = "") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class TestKeys:
    def test_basic_with_the_key_as_user_name(self, till, order):
        assert till.post("/track", order(), Authorization=basic(till.secret)).status_code == 200

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Bearer",
            "Bearer ",
            "Bearer rgl_0123456789_nobody-was-ever-given-this",
            "Bearer \x00",
            "Bearer 钥匙",
            "Basic ***",
            "Basic /////w==",
            "Basic bm8gY29sb24=",
            "Digest abc",
            "rgl_0123456789_naked",
        ],
    )
    @pytest.mark.parametrize("route", ROUTES)
    def test_without_a_good_key_nobody_gets_in(self, till, order, route, header):
        response = till.post(route, order(), Authorization=header)
        assert (response.status_code, response.json()["code"]) == (401, "bad_api_key")
        assert response["WWW-Authenticate"].startswith("Bearer")

    def test_a_revoked_key_ends_within_a_second(self, till, order, monkeypatch):
        clock = [100.0]
        monkeypatch.setattr("regulars.api.access.time.monotonic", lambda: clock[0])
        assert till.post("/track", order()).status_code == 200
        revoke_api_key(api_key_id=ApiKey.objects.get().pk, by=SYSTEM, at=AT)
        clock[0] += 0.9
        assert till.post("/track", order()).status_code == 200, "believed for a second; this shows that it is"
        clock[0] += 0.2
        assert till.post("/track", order()).status_code == 401

    def test_a_wrong_key_is_never_believed(self, till, order):
        assert till.post("/track", order()).status_code == 200
        till.secret = till.secret[:-1] + ("a" if till.secret[-1] != "a" else "b")
        assert till.post("/track", order()).status_code == 401

    @pytest.mark.parametrize("route", ROUTES)
    def test_a_key_needs_the_scope(self, new_till, order, route):
        other = new_till(*(SCOPES - {"facts.write"}))
        response = other.post(route, order())
        assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
        assert "facts.write" in response.json()["detail"]


class TestRoutes:
    @pytest.mark.parametrize("options", [{}, {"auth": None}, {"auth": lambda request: True}])
    def test_one_without_a_scope_does_not_load(self, options):
        with pytest.raises(TypeError, match="names no scope"):
            ScopedRouter().get("/open", **options)(lambda request: None)

    def test_a_scope_has_to_exist(self):
        with pytest.raises(ValueError, match="is not a scope"):
            Scope("everything")

    def test_every_route_asks_for_one(self):
        operations = [
            operation
            for bound in api._get_bound_routers()
            for view in bound.path_operations.values()
            for operation in view.operations
        ]
        assert len(operations) >= 3
        assert all(isinstance(callback, Scope) for one in operations for callback in one.auth_callbacks)
        assert all(operation.auth_callbacks for operation in operations)

    def test_every_address_without_a_key_is_refused_but_the_document(self, client, db):
        for pattern in urlpatterns:
            assert isinstance(pattern, URLPattern)
            path = re.sub(r"<[^>]*>", "x", str(pattern.pattern))
            for method in ("get", "post", "put"):
                response = getattr(client, method)(f"/api/v1/{path}")
                opened = path == "openapi.json" and method == "get"
                assert (response.status_code == 200) == opened, path


class TestOddRequests:
    @pytest.mark.parametrize("path", ["/", "/nothing", "/track/", "/v2/track", "/openapi.json/x", "/track%00"])
    @pytest.mark.parametrize("method", ["get", "post", "delete"])
    def test_what_is_not_there_is_a_problem_and_not_a_page(self, client, db, path, method):
        response = getattr(client, method)(f"/api/v1{path}")
        assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
        assert response.json()["code"] == "not_found"

    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options", "head"])
    def test_another_method(self, client, db, method):
        response = getattr(client, method)("/api/v1/track")
        assert (response.status_code, response["Allow"]) == (405, "POST")
        assert response["Content-Type"] == "application/problem+json"

    def test_the_document_is_only_read(self, client, db):
        assert client.post("/api/v1/openapi.json").status_code == 405

    @pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
    def test_another_content_type(self, till, kind):
        response = till.post("/track", raw=b"{}", Content_Type=kind)
        assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")

    def test_packed_bodies_are_not_taken(self, till):
        assert till.post("/track", raw=b"\x1f\x8b", Content_Encoding="gzip").status_code == 415

    def test_a_stream_of_unknown_length(self, till):
        response = till.client.generic(
            "POST",
            "/api/v1/track",
            b"{}",
            content_type="application/json",
            headers={"Authorization": f"Bearer {till.secret}", "Transfer-Encoding": "chunked"},
            CONTENT_LENGTH="",
        )
        assert (response.status_code, response.json()["code"]) == (411, "length_required")

    def test_our_own_mistake_says_nothing_of_the_inside(self, till, order, monkeypatch):
        def break_down(**_: object) -> None:
            raise RuntimeError("a secret of the house")

        monkeypatch.setattr("regulars.api.events.record_together", break_down)
        response = till.post("/track", order())
        assert (response.status_code, response.json()["code"]) == (500, "internal_error")
        assert b"secret" not in response.content

    def test_a_database_that_is_away(self, till, order, monkeypatch):
        from django.db import OperationalError

        def gone(**_: object) -> None:
            raise OperationalError("server closed the connection")

        monkeypatch.setattr("regulars.api.events.record_together", gone)
        response = till.post("/track", order())
        assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
        assert int(response["Retry-After"]) > 0


class TestLimits:
    def test_a_key_over_its_rate_waits_and_the_others_do_not(self, new_till, order, monkeypatch):
        now = [1000.0]
        monkeypatch.setattr(limits, "clock", lambda: now[0])
        monkeypatch.setattr(limits, "rate", 0.5)
        monkeypatch.setattr(limits, "burst", 3.0)
        greedy, other = new_till("facts.write"), new_till("facts.write")
        assert [greedy.post("/track", order()).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = greedy.post("/track", order())
        assert (refused.json()["code"], refused["Retry-After"]) == ("too_many_requests", "2")
        assert other.post("/track", order()).status_code == 200
        now[0] += 2
        assert [greedy.post("/track", order()).status_code for _ in range(2)] == [200, 429]

    def test_too_much_in_work_at_once(self):
        busy = Limits(most_in_work=10)
        with busy.in_work(1, 8):
            with busy.in_work(1, 2), busy.in_work(2, 10):
                pass
            with pytest.raises(TooManyRequests), busy.in_work(1, 3):
                pass
        with busy.in_work(1, 3):
            pass

    def test_one_request_is_always_let_through_when_nothing_is_in_work(self):
        with Limits(most_in_work=10).in_work(1, 11):
            pass

    def test_what_fails_gives_its_place_back(self):
        busy = Limits(most_in_work=10)
        with pytest.raises(ZeroDivisionError), busy.in_work(1, 10):
            _ = 1 / 0
        with busy.in_work(1, 10):
            pass

    def test_a_batch_meets_the_limit(self, till, order, monkeypatch):
        key_id = ApiKey.objects.get().pk
        monkeypatch.setattr(limits, "most_in_work", 3)
        with limits.in_work(key_id, 2):
            assert till.post("/batch", {"batch": [order("A"), order("B")]}).status_code == 429
        assert till.post("/batch", {"batch": [order("A"), order("B")]}).status_code == 200

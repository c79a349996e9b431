"""Drafts of the programme over HTTP: written part by part, and put live by whom the settings allow."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from regulars.api import drafts, situation
from regulars.catalogue.actions import ensure_stores
from regulars.flows import jobs
from regulars.loyalty import drafts_view, programme_view
from regulars.loyalty.actions import drafts as room
from regulars.staff.actions import change_business, create_api_key, create_user, revoke_api_key
from regulars.staff.models import ApiKey, AuditEntry
from regulars.staff.rules import SYSTEM, Actor
from tests.api.conftest import AT, Till

SUNDAY = {
    "code": "sunday", "names": {"zh": "周日双倍", "en": "Double Sundays"},
    "if": {"field": "weekday", "op": "in", "value": [7]}, "then": {"kind": "multiply", "percent": 200},
}  # fmt: skip
OFF = {"code": "off", "tiers": ["gold"], "kind": "discount", "percent": 5}


class Desk(Till):
    """A program that writes the programme; its answers are drafts."""

    def put(self, path, body):
        sent = {"Authorization": f"Bearer {self.secret}"}
        return self.client.put(f"/api/v1{path}", data=body, content_type="application/json", headers=sent)

    def begin(self, key="k-1", **body):
        response = self.post("/programme/drafts/begin", body, Idempotency_Key=key)
        assert response.status_code == 200, response.content
        return response.json()["draft"]

    def parts(self, draft, **parts):
        body = {"draft_id": draft["draft_id"], "revision": draft["revision"], **parts}
        return self.put("/programme/drafts/parts", body)

    def put_parts(self, draft, **parts):
        response = self.parts(draft, **parts)
        assert response.status_code == 200, response.content
        return response.json()["draft"]

    def do(self, verb, draft):
        body = {"draft_id": draft["draft_id"], "revision": draft["revision"]}
        return self.post(f"/programme/drafts/{verb}", body)


@pytest.fixture
def owner(business):
    return create_user(email="lin@tea.shop", name="Lin", role="owner", password="correct horse 7", by=SYSTEM, at=AT).id


@pytest.fixture
def desk(owner):
    scopes = ("programme.write", "programme.launch")
    return Desk(create_api_key(name="Planner", scopes=scopes, by=Actor(user_id=owner), at=AT).secret)


@pytest.fixture
def by_another(business):
    change_business(by=SYSTEM, at=AT, programme_by_another=True)


def refused(response):
    return response.status_code, response.json()["code"]


class TestWriting:
    def test_a_draft_of_the_live_version_says_what_it_changes_in_words(self, desk):
        made = desk.begin(name={"zh": "春季", "en": "Spring"})
        assert (made["state"], made["revision"], made["live"], made["waits_for"]) == ("draft", 1, 1, None)
        assert (made["name"], made["authors"]) == ({"zh": "春季", "en": "Spring"}, ["api:Planner", "user:1"])
        assert made["differences"] == {"new": {"zh": [], "en": []}, "gone": {"zh": [], "en": []}}
        written = desk.put_parts(made, rules=[SUNDAY], minor_per_point=200)
        assert (written["revision"], written["terms"]["rules"]) == (2, [SUNDAY])
        assert written["differences"]["gone"]["en"] == ["Every ¥1 paid earns 1 point."]
        assert written["differences"]["new"]["en"][0] == "Every ¥2 paid earns 1 point."
        assert "周日双倍" in written["differences"]["new"]["zh"][1]
        assert len(written["differences"]["new"]["zh"]) == len(written["differences"]["new"]["en"]) == 2

    @pytest.mark.parametrize(("start", "tiers"), [("live", 4), ("retail", 4), ("bank", None), ("empty", 1)])
    def test_it_begins_with_what_is_there(self, desk, start, tiers):
        made = desk.begin(**{"from": start})
        assert tiers is None or len(made["terms"]["tiers"]) == tiers
        assert desk.post("/programme/drafts/list", {}).json()["drafts"][0]["draft_id"] == made["draft_id"]

    def test_begun_once_for_the_same_key(self, desk):
        made = desk.begin()
        assert desk.begin()["draft_id"] == made["draft_id"]
        other = desk.post("/programme/drafts/begin", {"from": "empty"}, Idempotency_Key="k-1")
        assert refused(other) == (409, "key_reused")
        assert refused(desk.post("/programme/drafts/begin", {})) == (400, "key_missing")
        assert desk.begin("k-2")["draft_id"] != made["draft_id"]
        assert len(drafts_view.open_drafts()) == 2

    def test_parts_that_lean_on_each_other_are_put_together(self, desk):
        made = desk.begin()
        assert refused(desk.parts(made, benefits=[{**OFF, "tiers": ["jade"]}])) == (422, "invalid_terms")
        tiers = [
            {"code": "basic", "threshold": 0, "names": {"en": "Basic"}},
            {"code": "jade", "threshold": 100, "names": {"zh": "玉卡"}},
        ]
        written = desk.put_parts(made, tiers=tiers, benefits=[{**OFF, "tiers": ["jade"]}])
        assert [tier["code"] for tier in written["terms"]["tiers"]] == ["basic", "jade"]
        assert "caps" not in desk.put_parts(written, caps=None)["terms"]

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"rules": [{**SUNDAY, "then": {"kind": "multiply", "percent": 7}}]}, "rules.sunday.percent"),
            ({"rules": [{**SUNDAY, "if": {"field": "moon", "op": "eq", "value": 1}}]}, "rules.sunday.if"),
            ({"rules": [{"then": {"kind": "fixed", "amount": 1}}]}, "rules.1.code"),
            ({"rules": "many"}, "rules"),
            ({"benefits": [{**OFF, "percent": 200}]}, "benefits.off.percent"),
            ({"benefits": [{**OFF, "tiers": ["none"]}]}, "benefits.off.tiers"),
            ({"currencies": [{"code": "Stamps!", "names": {"zh": "印花"}}]}, "currencies.Stamps!.code"),
            ({"currencies": [{"code": "stamps", "names": {"zh": 5}}]}, "currencies.stamps.names"),
            ({"tiers": [{"code": "a", "threshold": 5, "names": {"zh": "甲"}}]}, "tiers"),
            ({"tiers": [{"code": "a", "threshold": "0", "names": {"zh": "甲"}}]}, "tiers.0.threshold"),
            ({"tiers": []}, "tiers"),
            ({"minor_per_point": "100"}, "minor_per_point"),
            ({"minor_per_point": 1.5}, "minor_per_point"),
            ({"minor_per_point": -1}, "minor_per_point"),
            ({"expiry": "tomorrow"}, "expiry"),
            ({"pending_days": {"store": 1000}}, "pending_days.store"),
            ({"window_months": None}, "window_months"),
            ({"checkout": {"coupons": 99}}, "checkout.coupons"),
            ({"caps": [{"period": "day", "most": 5, "counts": "times"}]}, "caps"),
        ],
    )
    def test_what_cannot_be_says_which_part(self, desk, parts, field):
        response = desk.parts(desk.begin(), **parts)
        told = response.json()
        assert (response.status_code, told["code"]) == (422, "invalid_terms"), told
        assert told["field"].startswith(field), told

    def test_what_is_chosen_now_has_to_be_there_now(self, desk):
        [key] = ensure_stores(["S01"]).values()
        rules = [{**SUNDAY, "if": {"field": "store", "op": "in", "value": [str(key + 1)]}}]
        response = desk.parts(desk.begin(), rules=rules)
        assert refused(response) == (422, "invalid_terms")
        assert response.json()["field"].startswith("rules.sunday.if")

    def test_what_terms_do_not_know_is_no_part(self, desk):
        response = desk.parts(desk.begin(), time_zone="UTC")
        assert (*refused(response), response.json()["field"]) == (422, "malformed_fact", "time_zone")

    def test_somebody_else_saved_it_meanwhile(self, desk):
        made = desk.begin()
        written = desk.put_parts(made, rules=[SUNDAY])
        assert desk.put_parts(made, rules=[SUNDAY]) == written, "the same again, as its answer was lost"
        assert refused(desk.parts(made, rules=[])) == (409, "draft_changed")

    def test_given_up_once(self, desk):
        made = desk.begin()
        for _ in range(2):
            assert desk.do("discard", made).json()["draft"]["state"] == "discarded"
        assert refused(desk.parts(made, rules=[])) == (409, "draft_ended")
        assert refused(desk.post("/programme/drafts/read", {"draft_id": 10**9})) == (404, "no_draft")


class TestPuttingLive:
    def test_where_one_is_enough_a_key_puts_it_live_once(self, desk, monkeypatch):
        started = []
        monkeypatch.setattr(jobs, "start", lambda job, **more: started.append((job.name, more["number"])))
        made = desk.put_parts(desk.begin(), rules=[SUNDAY])
        for _ in range(2):
            told = desk.do("launch", made).json()["draft"]
            assert (told["state"], told["launched"], told["ended"]["by"]) == ("launched", 1, "api:Planner")
        assert started == [("rate_again", 1)], "tiers are worked out again, once"
        assert (version := programme_view.current()) is not None
        assert version.terms["rules"] == [SUNDAY]
        line = AuditEntry.objects.get(action="programme.change")
        assert (line.user_id, line.detail) == (None, {"draft": made["draft_id"]})
        assert line.api_key_id is not None

    def test_a_key_is_never_the_second_person(self, desk, by_another, new_till):
        made = desk.begin()
        assert (made["needs_approval"], made["waits_for"]) == (True, "approval")
        other = Desk(new_till("programme.launch", name="Other").secret)
        for one in (desk, other):
            assert refused(one.do("approve", made)) == (403, "person_needed")
            assert refused(one.do("launch", made)) == (403, "not_approved")
        assert drafts_view.draft(made["draft_id"]).state == "draft"

    def test_who_made_the_key_does_not_approve_what_it_wrote(self, desk, owner, by_another):
        made = desk.begin()
        with pytest.raises(room.OwnApproval):
            room.approve(draft_id=made["draft_id"], revision=1, by_another=True, actor=f"user:{owner}", at=AT)

    def test_what_another_person_approved_a_key_puts_live(self, desk, by_another):
        made = desk.begin()
        room.approve(draft_id=made["draft_id"], revision=1, by_another=True, actor="user:99", at=AT)
        assert desk.do("launch", made).json()["draft"]["state"] == "launched"

    def test_another_version_went_live_meanwhile(self, desk, order, new_till):
        assert new_till("facts.write", name="Web").track(**order()).status_code == 200
        first, second = desk.begin("a"), desk.begin("b")
        assert desk.do("launch", first).status_code == 200
        situation.forget()
        assert refused(desk.do("launch", second)) == (409, "programme_changed")
        again = desk.post("/programme/drafts/read", {"draft_id": second["draft_id"]}).json()["draft"]
        assert again["waits_for"] == "rebase"
        based = desk.do("rebase", again).json()["draft"]
        assert (based["based_on"], based["revision"], based["waits_for"]) == (2, 2, None)
        assert desk.do("launch", based).json()["draft"]["launched"] == 3

    def test_planned_for_a_time_it_goes_live_then(self, desk):
        made = desk.put_parts(desk.begin(), rules=[SUNDAY])
        body, later = {"draft_id": made["draft_id"], "revision": 2}, timezone.now() + timedelta(days=3)
        for hours in (0, 5):
            told = desk.post("/programme/drafts/launch", {**body, "at": str(later + timedelta(hours=hours))})
            planned = datetime.fromisoformat(told.json()["draft"]["launches_at"])
            assert abs(planned - later - timedelta(hours=hours)) < timedelta(seconds=1), "the last plan counts"
        key = ApiKey.objects.get(name="Planner").pk
        jobs.launch_draft(draft_id=made["draft_id"], revision=2, api_key_id=key)
        jobs.launch_draft(draft_id=made["draft_id"], revision=2, api_key_id=key)
        view = drafts_view.draft(made["draft_id"])
        assert (view.state, view.ended.by if view.ended else "") == ("launched", "api:Planner")
        assert not AuditEntry.objects.filter(action="programme.missed").exists(), "a job may run twice"

    def test_a_plan_is_taken_back_or_missed_and_the_audit_says_why(self, desk):
        made = desk.begin()
        body, later = {"draft_id": made["draft_id"], "revision": 1}, str(timezone.now() + timedelta(days=3))
        desk.post("/programme/drafts/launch", {**body, "at": later})
        for _ in range(2):
            assert desk.do("cancel_launch", made).json()["draft"]["launches_at"] is None
        assert AuditEntry.objects.filter(action="programme.unplan").count() == 1
        key = ApiKey.objects.get(name="Planner")
        desk.put_parts(made, rules=[SUNDAY])
        jobs.launch_draft(**body, api_key_id=key.pk)
        revoke_api_key(api_key_id=key.pk, by=SYSTEM, at=AT)
        jobs.launch_draft(draft_id=made["draft_id"], revision=2, api_key_id=key.pk)
        missed = AuditEntry.objects.filter(action="programme.missed").order_by("id")
        assert [line.detail["because"] for line in missed] == ["draft_changed", "bad_api_key"]
        assert drafts_view.draft(made["draft_id"]).is_open

    @pytest.mark.parametrize("at", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2027-01-01", "soon", 5])
    def test_only_a_time_ahead_can_be_planned(self, desk, at):
        made = desk.begin()
        response = desk.post("/programme/drafts/launch", {"draft_id": made["draft_id"], "revision": 1, "at": at})
        assert (*refused(response), response.json()["field"]) == (422, "malformed_fact", "at")

    def test_what_could_not_go_live_now_is_not_planned(self, desk, by_another):
        made = desk.begin()
        body = {"draft_id": made["draft_id"], "revision": 1, "at": str(timezone.now() + timedelta(days=3))}
        assert refused(desk.post("/programme/drafts/launch", body)) == (403, "not_approved")
        assert jobs.planned(jobs.launch_draft) == {}

    def test_writing_and_launching_are_two_scopes(self, new_till):
        writer, launcher = (Desk(new_till(f"programme.{one}", name=one).secret) for one in ("write", "launch"))
        made = writer.begin()
        assert refused(writer.do("launch", made)) == (403, "scope_missing")
        assert refused(writer.do("approve", made)) == (403, "scope_missing")
        assert refused(launcher.do("discard", made)) == (403, "scope_missing")
        assert launcher.do("approve", made).json()["draft"]["state"] == "approved"
        reader = new_till("programme.read", name="reader")
        assert refused(reader.post("/programme/drafts/list", {})) == (403, "scope_missing")


def test_fields_of_errors_lead_to_the_part():
    error = room.DraftChanged("x", rule="sunday", field="then")
    assert drafts.field_of(error) == "rules.sunday.then"


def test_the_console_shows_what_a_key_wrote(desk, owner):
    made = desk.put_parts(desk.begin(name={"en": "Spring"}), rules=[SUNDAY])
    reader = Client()
    from regulars.staff.models import User

    reader.force_login(User.objects.get(pk=owner), backend="django.contrib.auth.backends.ModelBackend")
    page = reader.get(f"/settings/programme/drafts/{made['draft_id']}/", headers={"Accept-Language": "en"})
    assert page.status_code == 200, page
    assert "Double Sundays" in page.content.decode() or "周日双倍" in page.content.decode()
    audit = reader.get("/settings/audit/").content.decode()
    assert "Planner" in audit

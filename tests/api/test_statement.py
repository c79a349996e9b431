"""A member's statement over HTTP, and points granted and deducted by hand within the second person's limit."""

from datetime import timedelta

import jsonschema_rs
import pytest
from django.utils import timezone

from regulars.api import point_schemas
from regulars.core.calendar import zone
from regulars.customers.models import Customer
from regulars.loyalty import actions as loyalty
from regulars.loyalty.models import Command, PointsProposal
from regulars.loyalty.queries import policies
from regulars.loyalty.risk.actions import OwnProposal, approve
from regulars.loyalty.rules import preset_terms
from regulars.staff import queries as staff
from regulars.staff.actions import change_business
from regulars.staff.rules import SYSTEM

WHO = {"userId": "u1", "source": "web"}
SHANGHAI = zone("Asia/Shanghai")


@pytest.fixture
def desk(new_till, order):
    found = new_till("ledger.read", "points.adjust", "facts.write", name="CRM")
    at = timezone.now() - timedelta(minutes=5)
    assert found.track(**order("A-1", total=300, user="u1", source="web", timestamp=at.isoformat())).status_code == 200
    return found


def told(desk, path, status=200, *, key="", **members):
    headers = {"Idempotency-Key": key} if key else {}
    response = desk.post(f"/points/{path}", {**WHO, **members}, **headers)
    assert response.status_code == status, response.content
    return response.json()


def spendable(desk):
    return told(desk, "of")["points"]["spendable"]


class TestStatement:
    def test_every_entry_says_why_in_both_languages(self, desk, order):
        at = timezone.now().isoformat()
        desk.track(event="Order Refunded", source="web", timestamp=at,
                   properties={"order_id": "A-1", "refund_id": "R-1", "total": 100})  # fmt: skip
        entries = told(desk, "statement")["entries"]
        points = [one for one in entries if one["currency"] == "points"]
        assert [(one["kind"], one["change"]) for one in points] == [("clawback", -100), ("earn", 300)]
        back, earned = points
        assert earned["title"] == {"zh": "消费获得 · 订单 A-1", "en": "Earned · order A-1"}
        assert (earned["origin"]["source"], earned["origin"]["key"]) == ("web", "A-1")
        assert earned["last_day"].endswith("-12-31")
        assert all(one["zh"] != one["en"] and one["zh"] and one["en"] for one in back["said"] + earned["said"])
        assert "300" in earned["said"][0]["zh"] + earned["said"][-1]["zh"]
        growth = [one for one in entries if one["currency"] == "growth"]
        assert [one["currency_name"] for one in growth] == [{"zh": "成长值", "en": "growth"}] * len(growth)

    def test_what_staff_wrote_stands_apart_from_what_the_member_may_read(self, desk):
        told(desk, "grant", key="g-1", amount=50, reason="Complaint of Mrs Li")
        first = told(desk, "statement")["entries"][0]
        assert (first["kind"], first["change"], first["note"]) == ("grant", 50, "Complaint of Mrs Li")
        assert "Li" not in str(first["said"]) + str(first["title"])

    def test_pages_go_on_where_they_ended_and_lose_nothing(self, desk, monkeypatch):
        for number in range(3):
            told(desk, "grant", key=f"g-{number}", amount=number + 1, reason="x")
        whole = told(desk, "statement")["entries"]
        monkeypatch.setattr("regulars.api.points.PAGE", 2)
        pages, before = [], None
        for _ in range(10):
            page = told(desk, "statement", **({"before": before} if before else {}))
            pages += page["entries"]
            if (before := page["next_before"]) is None:
                break
        assert pages == whole
        assert len(whole) >= 5
        for wrong in ("yesterday", "2026-03-01~1", "2026-03-01T00:00:00+08:00~x", f"2026-03-01T00:00:00Z~{'9' * 30}"):
            assert told(desk, "statement", 422, before=wrong)["field"] == "before"

    def test_a_page_asks_the_database_no_more_often_for_more_entries(self, desk, django_assert_max_num_queries):
        for number in range(12):
            told(desk, "grant", key=f"g-{number}", amount=1, reason="x")
        with django_assert_max_num_queries(20):
            assert len(told(desk, "statement")["entries"]) >= 13


class TestAdjusting:
    def test_granted_and_deducted_once_however_often_it_is_sent(self, desk):
        done = told(desk, "grant", key="g-1", amount=50, reason="Waited 40 minutes")
        assert (done["status"], done["change"], done["spendable"], done["proposal"]) == ("done", 50, 350, None)
        assert told(desk, "grant", key="g-1", amount=50, reason="Waited 40 minutes") == done
        assert told(desk, "grant", 409, key="g-1", amount=51, reason="Waited")["code"] == "key_reused"
        assert told(desk, "deduct", 409, key="g-1", amount=50, reason="Waited")["code"] == "key_reused"
        assert told(desk, "deduct", key="d-1", amount=350, reason="All of it")["spendable"] == 0
        assert told(desk, "deduct", 422, key="d-2", amount=1, reason="More")["code"] == "insufficient_points"
        assert [line.action for line in staff.audit_trail()].count("ledger.adjust") == 2
        assert Command.objects.get(pk=done["command_id"]).actor == "api:CRM"

    def test_without_a_key_a_reason_or_a_whole_amount_nothing_is_done(self, desk):
        assert told(desk, "grant", 400, amount=50, reason="x")["code"] == "key_missing"
        assert told(desk, "grant", 422, key="k", amount=50, reason="  ")["field"] == "reason"
        for wrong in (0, -5, 1.0, "50", True, 1_000_001, None):
            assert told(desk, "grant", 422, key="k", amount=wrong, reason="x")["field"] == "amount"
        assert told(desk, "grant", 422, key="k", amount=5, reason="x", currency="gold")["field"] == "currency"
        assert spendable(desk) == 300

    def test_a_key_without_the_scope_and_a_stranger(self, desk, new_till):
        reader = new_till("ledger.read", name="Reader")
        response = reader.post("/points/grant", {**WHO, "amount": 1, "reason": "x"}, **{"Idempotency-Key": "k"})
        assert response.json()["code"] == "scope_missing"
        assert told(desk, "grant", 404, key="k", userId="nobody", amount=1, reason="x")["code"] == "unknown_customer"

    def test_a_currency_of_the_programmes_own(self, desk):
        terms = preset_terms(2) | {"currencies": [{"code": "stamps", "names": {"zh": "印花", "en": "stamps"}}]}
        loyalty.launch(terms=terms, live_from=timezone.now(), time_zone="Asia/Shanghai", actor="", at=timezone.now())
        from regulars.api import situation

        situation.forget()
        done = told(desk, "grant", key="s-1", amount=2, currency="stamps", reason="The till was down")
        assert (done["currency"], done["spendable"]) == ("stamps", 2)
        assert told(desk, "of")["balances"] == {"points": 300, "stamps": 2}
        entry = told(desk, "statement")["entries"][0]
        assert (entry["currency"], entry["currency_name"]) == ("stamps", {"zh": "印花", "en": "stamps"})


class TestFourEyes:
    @pytest.fixture(autouse=True)
    def limit(self, business):
        change_business(by=SYSTEM, at=timezone.now(), second_person_points=100)

    def test_above_the_limit_it_is_refused_and_said_who_decides(self, desk):
        refused = told(desk, "grant", 403, key="g-1", amount=101, reason="Too much")
        assert (refused["code"], refused["most"]) == ("second_person_needed", 100)
        assert refused["roles"] == ["owner", "service"]
        assert told(desk, "grant", key="g-2", amount=100, reason="Just so much")["status"] == "done"
        assert not PointsProposal.objects.exists()

    def test_it_is_proposed_once_and_done_by_somebody_else(self, desk):
        asked = told(desk, "grant", key="g-1", amount=500, reason="Lost parcel", propose=True)
        assert (asked["status"], asked["command_id"], asked["proposal"]["state"]) == ("proposed", None, "waiting")
        assert told(desk, "grant", key="g-1", amount=500, reason="Lost parcel", propose=True) == asked
        assert told(desk, "grant", key="g-1", amount=500, reason="Lost parcel") == asked, "it waits already"
        assert told(desk, "grant", 409, key="g-1", amount=501, reason="x", propose=True)["code"] == "key_reused"
        assert spendable(desk) == 300
        [number] = PointsProposal.objects.values_list("pk", flat=True)
        with pytest.raises(OwnProposal):
            approve(proposal_id=number, actor="api:CRM", policies=policies(SHANGHAI), at=timezone.now())
        approve(proposal_id=number, actor="user:7", policies=policies(SHANGHAI), at=timezone.now())
        after = told(desk, "grant", key="g-1", amount=500, reason="Lost parcel", propose=True)
        assert (after["proposal"]["state"], spendable(desk)) == ("approved", 800)
        assert [line.action for line in staff.audit_trail()].count("risk.propose") == 1

    def test_what_waits_is_not_done_when_the_limit_rises(self, desk):
        told(desk, "grant", key="g-1", amount=500, reason="Lost parcel", propose=True)
        change_business(by=SYSTEM, at=timezone.now(), second_person_points=0)
        assert told(desk, "grant", key="g-1", amount=500, reason="Lost parcel")["status"] == "proposed"
        assert spendable(desk) == 300


def test_the_examples_keep_to_the_schemas(desk, client):
    document = client.get("/api/v1/openapi.json").json()

    def check(name, value):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(value)

    for name, shown in point_schemas.ANSWERS.items():
        for example in shown.values():
            check(name, example["value"])
    adjusting = {**point_schemas.GRANT_BODIES, **point_schemas.DEDUCT_BODIES}
    for name, shown in (("StatementQuestion", point_schemas.STATEMENT_BODIES), ("PointsAdjustment", adjusting)):
        for example in shown.values():
            check(name, example["value"])
    for example in [one for shown in point_schemas.PROBLEMS.values() for one in shown.values()]:
        check("Problem", example["value"])
    check("PointsAdjusted", told(desk, "grant", key="g-1", amount=5, reason="x"))
    check("Statement", told(desk, "statement"))
    assert Customer.objects.count() == 1

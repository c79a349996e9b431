"""Offers over HTTP, and coupons issued on them: to one member, to many in a job, and as codes."""

import jsonschema_rs
import pytest
from django.utils import timezone

from regulars.api import issuing_schemas, offer_schemas
from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY
from regulars.customers.models import Customer
from regulars.flows.issue_coupons import issue_batch
from regulars.flows.merge_customers import merge_customers
from regulars.insight.segments.actions import create as new_segment
from regulars.loyalty.coupons import actions, batches
from regulars.loyalty.models import Coupon, CouponBatch
from regulars.staff import queries as staff
from tests.flows.in_segments import enter

AMOUNT = {"kind": "amount_off", "amount": 10, "min_spend": "30.00"}


@pytest.fixture
def desk(new_till):
    return new_till("coupons.manage", "coupons.redeem", name="CRM")


@pytest.fixture
def people(new_till, order):
    """Three members of a web shop; their userIds."""
    shop = new_till("facts.write", name="Shop")
    for number, user in enumerate(("u1", "u2", "u3")):
        shop.track(**order(f"A-{number}", user=user, source="web", timestamp=timezone.now().isoformat()))
    return ["u1", "u2", "u3"]


def told(desk, path, status=200, *, key="", **members):
    response = desk.post(path, members, **({"Idempotency-Key": key} if key else {}))
    assert response.status_code == status, response.content
    return response.json()


def made(desk, key="o-1", **members):
    return told(desk, "/offers/create", key=key, **{**AMOUNT, **members})["offer"]


def work(batch_id):
    """What the job does."""
    return list(issue_batch(batch_id=batch_id, clock=timezone.now))


class TestOffers:
    def test_written_read_and_listed(self, desk):
        offer = made(desk, name={"zh": "好久不见"})
        assert (offer["version"], offer["amount"], offer["days_valid"]) == (1, "10.00", 14)
        assert offer["name"] == {"zh": "好久不见", "en": "好久不见"}
        assert made(desk, key="o-2")["name"] == {"zh": "满30元减10元", "en": "¥10 off from ¥30"}
        assert told(desk, "/offers/list")["offers"][0] == offer
        whole = told(desk, "/offers/read", offer_id=offer["offer_id"])
        assert (whole["offer"], whole["coupons"]["issued"]) == (offer, 0)

    def test_made_once_however_often_it_is_sent(self, desk):
        offer = made(desk)
        assert made(desk) == offer
        assert told(desk, "/offers/create", 409, key="o-1", kind="percent_off", percent=5)["code"] == "key_reused"
        assert told(desk, "/offers/create", 400, **AMOUNT)["code"] == "key_missing"
        assert [line.action for line in staff.audit_trail()].count("coupons.create") == 1

    def test_changed_upon_the_version_that_was_read(self, desk):
        offer = made(desk)
        same = {**AMOUNT, "amount": 12, "offer_id": offer["offer_id"], "version": 1}
        assert told(desk, "/offers/change", **same)["offer"]["version"] == 2
        assert told(desk, "/offers/change", **same)["offer"]["version"] == 2, "sent again after a time-out"
        late = {**same, "amount": 15}
        assert told(desk, "/offers/change", 409, **late)["code"] == "offer_changed"

    def test_ended_and_taken_up_again(self, desk, people):
        offer_id = made(desk)["offer_id"]
        ended = told(desk, "/offers/end", offer_id=offer_id)["offer"]
        assert ended["ended_at"]
        assert told(desk, "/offers/end", offer_id=offer_id)["offer"] == ended
        refused = told(desk, "/coupons/issue", 422, key="k", offer_id=offer_id, userId="u1", source="web")
        assert refused["code"] == "offer_archived"
        assert offer_id not in [one["offer_id"] for one in told(desk, "/offers/list")["offers"]]
        assert offer_id in [one["offer_id"] for one in told(desk, "/offers/list", ended=True)["offers"]]
        assert told(desk, "/offers/resume", offer_id=offer_id)["offer"]["ended_at"] is None

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"kind": "magic"}, "kind"),
            ({"kind": "amount_off", "amount": 0}, "amount"),
            ({"kind": "amount_off", "amount": -5}, "amount"),
            ({"kind": "percent_off", "percent": 100}, "percent"),
            ({"kind": "gift"}, "gift"),
            ({"kind": "gift", "gift": {"zh": "拿" * 81}}, "gift.zh"),
            ({**AMOUNT, "days_valid": 0}, "days_valid"),
            ({**AMOUNT, "min_spend": "0.001"}, "min_spend"),
            ({**AMOUNT, "name": "x"}, "name"),
        ],
    )
    def test_what_cannot_be_so_names_its_field(self, desk, wrong, field):
        assert told(desk, "/offers/create", 422, key="k", **wrong)["field"] == field

    def test_another_key_may_not(self, new_till):
        other = new_till("coupons.redeem", name="Till only")
        assert told(other, "/offers/list", 403)["code"] == "scope_missing"
        assert told(other, "/coupons/of", 403, userId="u1")["code"] == "scope_missing"


class TestIssuing:
    def test_one_to_a_member_once(self, desk, people):
        offer_id = made(desk)["offer_id"]
        coupon = told(desk, "/coupons/issue", key="c-1", offer_id=offer_id, userId="u1", source="web")["coupon"]
        again = told(desk, "/coupons/issue", key="c-1", offer_id=offer_id, userId="u1", source="web")["coupon"]
        assert coupon == again
        other = told(desk, "/coupons/issue", 409, key="c-1", offer_id=offer_id, userId="u2", source="web")
        assert other["code"] == "key_reused"
        assert told(desk, "/coupons/of", userId="u1", source="web")["coupons"] == [coupon]
        used = desk.post(
            "/coupons/redeem",
            {"code": coupon["code"], "key": "till-1", "total": 40, "userId": "u1", "source": "web"},
        ).json()
        assert used["discount"] == "10.00"
        assert told(desk, "/coupons/of", userId="u1", source="web")["coupons"][0]["uses"] == 1
        assert [line.action for line in staff.audit_trail()].count("coupons.issue") == 1

    def test_many_by_their_ids_in_a_job_with_progress(self, desk, people, monkeypatch):
        monkeypatch.setattr("regulars.loyalty.coupons.actions.batches.PORTION", 2)
        offer_id = made(desk)["offer_id"]
        number = told(desk, "/coupons/issue", key="x", offer_id=offer_id, userId="u3", source="web")["coupon"]["number"]
        asked = {"offer_id": offer_id, "userIds": ["u1", "u2"], "numbers": [number, number], "source": "web"}
        batch = told(desk, "/coupons/issue_many", key="b-1", **asked)["batch"]
        assert (batch["state"], batch["wanted"], batch["issued"]) == ("running", 3, 0)
        assert told(desk, "/coupons/issue_many", key="b-1", **asked)["batch"] == batch
        assert work(batch["batch_id"])[-1] == 3
        assert work(batch["batch_id"]) == [], "run again, it does nothing"
        done = told(desk, "/coupons/batch", batch_id=batch["batch_id"])["batch"]
        assert (done["state"], done["issued"]) == ("done", 3)
        issued = told(desk, "/coupons/issued", batch_id=batch["batch_id"])
        assert len({one["code"] for one in issued["coupons"]}) == 3
        assert (len({one["number"] for one in issued["coupons"]}), issued["next_after"]) == (3, None)
        assert told(desk, "/coupons/batches", offer_id=offer_id)["batches"] == [done]

    def test_a_list_with_somebody_unknown_issues_nothing(self, desk, people):
        asked = {"offer_id": made(desk)["offer_id"], "userIds": ["u1", "u9"], "numbers": ["M100", "nobody"]}
        refused = told(desk, "/coupons/issue_many", 422, key="b-1", source="web", **asked)
        assert (refused["code"], sorted(refused["unknown"])) == ("unknown_members", ["M100", "nobody", "u9"])
        assert not CouponBatch.objects.exists()

    def test_everybody_in_a_segment(self, desk, people):
        segment_id = new_segment(name=Text("客", "guests"), tree=EVERYBODY, actor="", at=timezone.now())
        offer_id = made(desk)["offer_id"]
        empty = told(desk, "/coupons/issue_many", 422, key="b-0", offer_id=offer_id, segment_id=segment_id)
        assert empty["code"] == "nobody_there"
        for customer_id in Customer.objects.values_list("pk", flat=True)[:2]:
            enter(segment_id, customer_id)
        batch = told(desk, "/coupons/issue_many", key="b-1", offer_id=offer_id, segment_id=segment_id)["batch"]
        work(batch["batch_id"])
        assert Coupon.objects.filter(customer__isnull=False).count() == 2
        gone = told(desk, "/coupons/issue_many", 404, key="b-2", offer_id=offer_id, segment_id=10**9)
        assert gone["code"] == "no_segment"

    def test_codes_for_anybody_in_pages(self, desk, monkeypatch):
        monkeypatch.setattr("regulars.api.issuing.MOST_COUPONS", 4)
        batch = told(desk, "/coupons/issue_many", key="b-1", offer_id=made(desk)["offer_id"], count=6)["batch"]
        work(batch["batch_id"])
        first = told(desk, "/coupons/issued", batch_id=batch["batch_id"])
        last = told(desk, "/coupons/issued", batch_id=batch["batch_id"], after=first["next_after"])
        assert (len(first["coupons"]), len(last["coupons"]), last["next_after"]) == (4, 2, None)
        assert len({one["code"] for one in first["coupons"] + last["coupons"]}) == 6

    def test_a_job_that_was_broken_off_goes_on_and_one_whose_offer_ended_says_so(self, desk, business):
        batch = told(desk, "/coupons/issue_many", key="b-1", offer_id=made(desk)["offer_id"], count=5)["batch"]
        from regulars.flows.settings import programme

        zone, at, number = programme()[1], timezone.now(), batch["batch_id"]
        assert actions.issue_portion(batch_id=number, zone=zone, at=at, size=2) == 2
        told(desk, "/offers/change", offer_id=batch["offer_id"], version=1, kind="percent_off", percent=5)
        assert actions.issue_portion(batch_id=number, zone=zone, at=at, size=2) == 4
        assert {one.terms.kind for one in batches.coupons(number, after=0, most=9)} == {"amount_off"}, "as ordered"
        told(desk, "/offers/end", offer_id=batch["offer_id"])
        work(number)
        ended = told(desk, "/coupons/batch", batch_id=number)["batch"]
        assert (ended["state"], ended["issued"], ended["problem"]) == ("failed", 4, "offer_archived")
        assert Coupon.objects.count() == 4

    def test_after_a_merge_the_group_has_them_together(self, desk, people):
        offer_id, [one, two, _] = made(desk)["offer_id"], Customer.objects.order_by("pk").values_list("pk", flat=True)
        told(desk, "/coupons/issue", key="c-2", offer_id=offer_id, userId="u2", source="web")
        from regulars.flows.settings import programme

        merge_customers(child_id=two, parent_id=one, actor="", policies=programme()[0], at=timezone.now())
        [coupon] = told(desk, "/coupons/of", userId="u1", source="web")["coupons"]
        assert coupon["number"] == f"M{100_000 + one}"
        asked = {"offer_id": offer_id, "userIds": ["u1", "u2"], "source": "web"}
        assert told(desk, "/coupons/issue_many", key="b-1", **asked)["batch"]["wanted"] == 1

    def test_whom_has_to_be_said_in_one_way(self, desk):
        offer_id = made(desk)["offer_id"]
        for wrong in ({}, {"count": 1, "segment_id": 2}, {"count": 1, "userIds": []}):
            assert told(desk, "/coupons/issue_many", 422, key="k", offer_id=offer_id, **wrong)["field"] == "userIds"
        assert told(desk, "/coupons/issue_many", 422, key="k", offer_id=offer_id, count=10**7)["field"] == "count"
        assert told(desk, "/coupons/batch", 404, batch_id=5)["code"] == "no_batch"


def test_the_examples_keep_to_the_schemas(desk, people, client):
    document = client.get("/api/v1/openapi.json").json()

    def check(name, value):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(value)

    for room in (offer_schemas, issuing_schemas):
        for name, shown in room.ANSWERS.items():
            for example in shown.values():
                check(name, example["value"])
        for example in [one for shown in room.PROBLEMS.values() for one in shown.values()]:
            check("Problem", example["value"])
    offer = made(desk)
    check("OfferAnswer", {"offer": offer})
    check("OfferWhole", told(desk, "/offers/read", offer_id=offer["offer_id"]))
    issued = told(desk, "/coupons/issue", key="c", offer_id=offer["offer_id"], userId="u1", source="web")
    check("CouponIssued", issued)
    check("CouponBatchAnswer", told(desk, "/coupons/issue_many", key="b", offer_id=offer["offer_id"], count=1))

"""One message at a time: what is recorded, what it earns, and what is answered."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from regulars.api import examples
from regulars.customers.models import Customer, Identity
from regulars.facts import figures
from regulars.facts.models import Fact
from regulars.facts.rules import IdentityKind
from regulars.ledger import statements
from regulars.staff.actions import revoke_api_key
from regulars.staff.models import ApiKey
from regulars.staff.rules import SYSTEM

LATER = datetime(2026, 4, 1, tzinfo=UTC)


def points(user: str, source: str = "api:Till") -> int:
    """What somebody has to spend a month later."""
    found = Identity.objects.get(kind=IdentityKind.EXTERNAL_ID, space=source, value=user)
    return statements.balances([found.customer_id], at=LATER)[found.customer_id].available


class TestOrders:
    def test_an_order_is_recorded_and_earns(self, till, order):
        answer = till.post("/track", order(total=100.5)).json()
        assert answer["status"] == "recorded"
        fact = figures.by_ids([answer["fact_id"]])[answer["fact_id"]]
        assert (fact.source, fact.key, fact.amount) == ("api:Till", "A-1", 10050)
        assert fact.occurred_at == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
        assert points("u1") == 100

    def test_the_same_again_changes_nothing(self, till, order):
        first = till.post("/track", order()).json()
        again = till.post("/track", order(messageId="another transport"))
        assert again.json() == {"status": "repeated", "fact_id": first["fact_id"]}
        assert points("u1") == 100

    def test_the_same_instant_in_another_offset_is_the_same(self, till, order):
        till.post("/track", order(timestamp="2026-03-01T09:30:00+08:00"))
        assert till.post("/track", order(timestamp="2026-03-01T01:30:00Z")).json()["status"] == "repeated"

    def test_the_same_number_for_something_else_is_a_conflict(self, till, order):
        first = till.post("/track", order(total=100)).json()
        response = till.post("/track", order(total=900))
        assert response.status_code == 409
        assert response.json()["code"] == "key_reused"
        assert response.json()["fact_id"] == first["fact_id"]
        assert points("u1") == 100

    @pytest.mark.parametrize("spelt", ["order completed", "order_completed", "ORDER  COMPLETED"])
    def test_an_event_is_known_however_it_is_spelt(self, till, order, spelt):
        till.post("/track", order(event=spelt))
        assert points("u1") == 100

    def test_each_source_numbers_its_own_orders(self, till, order):
        told = [till.post("/track", order(**more)).json() for more in ({"source": "tmall"}, {"source": "jd"})]
        assert [answer["status"] for answer in told] == ["recorded", "recorded"]
        same = till.post("/track", order(context={"source": "tmall"})).json()
        assert same == {"status": "repeated", "fact_id": told[0]["fact_id"]}

    def test_a_key_that_takes_a_revoked_ones_name_is_the_same_source(self, new_till, order):
        """So that a key can be replaced without the new one counting every order again."""
        new_till("facts.write", name="Shop").post("/track", order())
        revoke_api_key(api_key_id=ApiKey.objects.get().pk, by=SYSTEM, at=timezone.now())
        assert new_till("facts.write", name="Shop").post("/track", order()).json()["status"] == "repeated"

    def test_lines_and_what_earns_nothing(self, till, order):
        products = [{"sku": "A", "quantity": 2, "price": "30.00"}, {"sku": "B", "total": 40}]
        till.post("/track", order(properties={"products": products, "shipping": 8, "vouchers": 12}))
        assert points("u1") == 80

    def test_points_of_online_orders_wait(self, till, order):
        yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        till.post("/track", order(properties={"channel": "online"}, timestamp=yesterday))
        owner = Identity.objects.get(kind=IdentityKind.EXTERNAL_ID).customer_id
        balance = statements.balances([owner], at=datetime.now(UTC))[owner]
        assert (balance.available, balance.pending) == (0, 100)


class TestRefunds:
    def refund(self, **properties):
        return {
            "event": "Order Refunded",
            "timestamp": "2026-03-05T12:00:00+08:00",
            "properties": {"order_id": "A-1", **properties},
        }

    def cancellation(self):
        return {
            "event": "Order Cancelled",
            "timestamp": "2026-03-02T12:00:00+08:00",
            "properties": {"order_id": "A-1"},
        }

    def test_a_part_of_the_order(self, till, order):
        till.post("/track", order())
        till.post("/track", self.refund(total=30))
        assert points("u1") == 70

    def test_a_line(self, till, order):
        products = [{"line_id": "a", "total": 60}, {"line_id": "b", "total": 40}]
        till.post("/track", order(properties={"products": products}))
        answer = till.post("/track", self.refund(products=[{"line_id": "b", "total": 10}])).json()
        assert figures.by_ids([answer["fact_id"]])[answer["fact_id"]].amount == 1000
        assert points("u1") == 90

    def test_all_of_it(self, till, order):
        till.post("/track", order())
        till.post("/track", self.refund())
        assert points("u1") == 0

    @pytest.mark.parametrize("name", ["refund", "cancellation"])
    def test_before_its_order(self, till, order, name):
        first = till.post("/track", getattr(self, name)())
        assert first.json()["status"] == "recorded"
        till.post("/track", order())
        assert points("u1") == 0
        assert statements.trial_balance().balanced

    def test_a_refund_without_a_number_counts_once(self, till, order):
        till.post("/track", order())
        told = [till.post("/track", self.refund(total=30)).json()["status"] for _ in range(2)]
        assert told == ["recorded", "repeated"]
        assert points("u1") == 70

    def test_two_refunds_of_one_order(self, till, order):
        till.post("/track", order())
        for number in ("R-1", "R-2"):
            assert till.post("/track", self.refund(total=30, refund_id=number)).json()["status"] == "recorded"
        assert points("u1") == 40

    def test_a_refund_of_more_than_there_is_in_the_world(self, till):
        lines = [{"line_id": str(number), "total": 9_999_999_999_999} for number in range(10_000)]
        response = till.post("/track", self.refund(products=lines))
        assert (response.status_code, response.json()["field"]) == (422, "properties.products")

    def test_a_refund_of_no_order_is_refused(self, till):
        response = till.post("/track", {"event": "Order Refunded", "timestamp": "2026-03-05T12:00:00Z"})
        assert (response.status_code, response.json()["field"]) == (422, "properties.order_id")


class TestOtherEvents:
    def told(self, **more):
        return {
            "event": "Tasting Attended",
            "userId": "u1",
            "timestamp": "2026-03-02T12:00:00Z",
            "properties": {"guests": 2},
            **more,
        }

    def test_one_of_your_own(self, till):
        answer = till.post("/track", self.told(messageId="m1")).json()
        fact = figures.by_ids([answer["fact_id"]])[answer["fact_id"]]
        assert (fact.kind, fact.key) == (99, "m1")
        assert fact.body == {"event": "Tasting Attended", "properties": {"guests": 2}}

    def test_a_message_counts_once(self, till):
        answers = [till.post("/track", self.told(messageId="m1")).json() for _ in range(2)]
        assert [answer["status"] for answer in answers] == ["recorded", "repeated"]

    def test_without_a_number_equal_ones_are_the_same(self, till):
        answers = [till.post("/track", self.told()).json()["status"] for _ in range(2)]
        other = till.post("/track", self.told(properties={"guests": 3})).json()["status"]
        somebody_else = till.post("/track", self.told(userId="u2")).json()["status"]
        assert [*answers, other, somebody_else] == ["recorded", "repeated", "recorded", "recorded"]

    def test_views_and_reviews(self, till):
        view = {"product_id": "P1", "url": "https://shop.example/p1?phone=13812345678"}
        viewed = till.post("/track", self.told(event="Product Viewed", properties=view)).json()
        assert Fact.objects.get(pk=viewed["fact_id"]).body == {"product": "P1", "url": "https://shop.example/p1"}
        refused = till.post("/track", self.told(event="Product Reviewed", properties={"rating": 6}))
        assert (refused.status_code, refused.json()["field"]) == (422, "properties.rating")


class TestTime:
    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"timestamp": "2026-03-01T09:30:00"}, "timestamp"),
            ({"timestamp": "2026-03-01"}, "timestamp"),
            ({"timestamp": "yesterday"}, "timestamp"),
            ({"timestamp": 1772328600}, "timestamp"),
            ({"timestamp": None}, "timestamp"),
            ({"timestamp": "1989-12-31T23:59:59Z"}, "timestamp"),
            ({"timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp"),
            ({"timestamp": "9999-12-31T23:59:59-12:00"}, "timestamp"),
            ({"timestamp": None, "originalTimestamp": "2026-03-01T09:30:00"}, "originalTimestamp"),
            ({"timestamp": None, "sentAt": "soon"}, "sentAt"),
        ],
    )
    def test_a_time_that_could_be_anywhere_is_refused(self, till, order, told, field):
        response = till.post("/track", order(**told))
        assert (response.status_code, response.json()["code"]) == (422, "bad_timestamp")
        assert response.json()["field"] == field
        assert not Fact.objects.exists()

    def test_a_fast_clock_is_borne_and_a_wrong_year_is_not(self, till, order):
        now = datetime.now(UTC)
        assert till.post("/track", order("A", timestamp=(now + timedelta(hours=23)).isoformat())).status_code == 200
        assert till.post("/track", order("B", timestamp=(now + timedelta(hours=25)).isoformat())).status_code == 422

    @pytest.mark.parametrize("name", ["originalTimestamp", "sentAt"])
    def test_what_stands_in_for_it(self, till, order, name):
        told = order()
        told[name] = told.pop("timestamp")
        assert till.post("/track", told).status_code == 200


class TestPeople:
    def test_one_person_over_two_sources(self, till, order):
        contact = {"context": {"traits": {"phone": "138 1234 5678"}}}
        till.post("/track", order("A-1", user="u1", source="tmall", **contact))
        till.post("/track", order("B-1", user="x9", source="jd", **contact))
        assert Customer.objects.count() == 1
        assert points("u1", "tmall") == 200

    @pytest.mark.parametrize(
        ("traits", "code"),
        [
            ({"phone": "138****5678"}, "masked"),
            ({"phone": "13812345678-1234"}, "privacy"),
            ({"phone": "13800138000"}, "placeholder"),
            ({"phone": "1.38E+10"}, "shortened"),
            ({"phone": "17012345678"}, "virtual"),
            ({"phone": "010-62345678"}, "landline"),
            ({"phone": "12" * 100_000}, "invalid"),
            ({"phone": {"number": 1}}, "invalid"),
            ({"email": "guest"}, "placeholder"),
            ({"email": "a@b"}, "invalid"),
            ({"memberNumber": "null"}, "placeholder"),
            ({"openid": "o123"}, "invalid"),
        ],
    )
    def test_a_dirty_contact_is_left_out_and_the_order_kept(self, till, order, traits, code):
        answer = till.post("/track", order(context={"traits": traits})).json()
        [name] = list(traits)
        [warning] = answer["warnings"]
        assert answer["status"] == "recorded"
        assert (warning["field"], warning["code"]) == (f"context.traits.{name}", code)
        assert list(Identity.objects.values_list("kind", flat=True)) == [IdentityKind.EXTERNAL_ID]

    @pytest.mark.parametrize("user", ["null", "0", "-1", "anonymous", "散客"])
    def test_placeholders_are_nobody(self, till, order, user):
        answer = till.post("/track", order(user=user)).json()
        assert [warning["code"] for warning in answer["warnings"]] == ["placeholder", "nobody"]
        assert not Identity.objects.exists()

    def test_every_identity_there_is(self, till, order):
        traits = {"phone": "13812345678", "email": "Lin@Regulars.shop", "memberNumber": 42, "unionid": "U"}
        told = order(anonymousId="v1", context={"traits": {**traits, "openid": "O", "appid": "wx1"}})
        assert "warnings" not in till.post("/track", told).json()
        assert set(Identity.objects.values_list("kind", "space", "value")) == {
            (IdentityKind.MEMBER_NUMBER, "", "42"),
            (IdentityKind.UNIONID, "", "U"),
            (IdentityKind.OPENID, "wx1", "O"),
            (IdentityKind.EXTERNAL_ID, "api:Till", "u1"),
            (IdentityKind.PHONE, "", "+8613812345678"),
            (IdentityKind.EMAIL, "", "lin@regulars.shop"),
            (IdentityKind.ANONYMOUS, "api:Till", "v1"),
        }
        assert Customer.objects.count() == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"event": None}, "event"),
            ({"event": ["Order Completed"]}, "event"),
            ({"event": "x" * 201}, "event"),
            ({"userId": ["u1"]}, "userId"),
            ({"userId": True}, "userId"),
            ({"context": "here"}, "context"),
            ({"context": {"traits": 1}}, "traits"),
            ({"source": "s" * 101}, "source"),
            ({"properties": {"order_id": None}}, "properties.order_id"),
            ({"properties": {"order_id": "null"}}, "properties.order_id"),
            ({"properties": {"order_id": 1.5}}, "properties.order_id"),
            ({"properties": {"total": "a lot"}}, "properties.total"),
            ({"properties": {"total": -1}}, "properties.total"),
            ({"properties": {"total": 1e300}}, "properties.total"),
            ({"properties": {"total": "1E+999999999"}}, "properties.total"),
            ({"properties": {"total": 1.005}}, "properties.total"),
            ({"properties": {"currency": "USD"}}, "properties.currency"),
            ({"properties": {"products": {"sku": "A"}}}, "properties.products"),
            ({"properties": {"products": ["A"]}}, "properties.products"),
            ({"properties": {"products": [{"quantity": 10**9, "price": 10**13}]}}, "properties.products"),
            ({"properties": {"store": "s" * 101}}, "properties.store"),
        ],
    )
    def test_the_field_is_named_and_nothing_is_kept(self, till, order, more, field):
        response = till.post("/track", order(**more))
        assert (response.status_code, response.json()["code"]) == (422, "malformed_fact")
        assert response.json()["field"] == field
        assert not Fact.objects.exists()
        assert not Customer.objects.exists()

    def test_no_programme_yet(self, db, till):
        from regulars.api import situation
        from regulars.loyalty.models import PolicyVersion

        PolicyVersion.objects.all().delete()
        situation.forget()
        response = till.post("/track", examples.ORDER)
        assert (response.status_code, response.json()["code"]) == (503, "invalid_policy")


@pytest.mark.parametrize("name", examples.TRACK)
def test_the_examples_of_the_documentation(till, name):
    response = till.post("/track", examples.TRACK[name]["value"])
    assert response.json()["status"] == "recorded"
    assert "warnings" not in response.json()

"""Rewards over HTTP: listed, claimed, handed over and given back by whoever holds a key with that scope."""

from dataclasses import replace
from datetime import timedelta

import jsonschema_rs
import pytest
from django.utils import timezone

from regulars.api import reward_schemas
from regulars.api.problems import CODES
from tests.flows.world import SHANGHAI
from tests.loyalty.rewards.shop import AT, MUG

ANNA = {"userId": "u1"}
PATHS = {
    "/rewards/list": reward_schemas.LIST_BODIES,
    "/rewards/claims": reward_schemas.CLAIMS_BODIES,
    "/rewards/claim": reward_schemas.CLAIM_BODIES,
    "/rewards/collect": reward_schemas.COLLECT_BODIES,
    "/rewards/cancel": reward_schemas.CANCEL_BODIES,
}


@pytest.fixture
def counter(new_till, order):
    """A key; Anna has 1,000 points; there are two mugs and a teapot that is too dear."""
    from regulars.loyalty.rewards import actions

    till = new_till("rewards.claim", "facts.write")
    assert till.track(**order("A-1", total=1000)).json()["status"] == "recorded"
    actions.create(code="mug", terms=MUG, actor="", at=AT)
    actions.create(code="teapot", terms=replace(MUG, points=5000, stock=None, tiers=("gold",)), actor="", at=AT)
    return till


def claim(counter, key="k-1", **more):
    return counter.post("/rewards/claim", {**ANNA, "reward": "mug", "store": "S01", **more}, Idempotency_Key=key)


def collect(counter, code, key="c-1", store="S01"):
    return counter.post("/rewards/collect", {"code": code, "store": store}, Idempotency_Key=key)


class TestListing:
    def test_what_a_member_can_have_and_why_not(self, counter):
        told = counter.post("/rewards/list", ANNA).json()
        assert told["customer"] == {"known": True, "spendable": 1000, "balances": {"points": 1000}}
        assert [(one["code"], one["can_claim"], one["left"]) for one in told["rewards"]] == [
            ("mug", True, 2),
            ("teapot", False, None),
        ]
        assert told["rewards"][1]["refused"] == {
            "code": "not_for_this_tier",
            "said": {"zh": "只限金卡会员兑换。", "en": "Only for Gold members."},
        }
        assert told["rewards"][1]["conditions"] == [{"zh": "限金卡会员", "en": "For Gold members"}]

    def test_early_access_is_told_and_the_claim_goes_by_it(self, counter):
        from regulars.api import situation
        from regulars.loyalty import actions as programme
        from regulars.loyalty.rewards import actions
        from regulars.loyalty.rules import preset_terms

        tomorrow = timezone.localdate(timezone=SHANGHAI) + timedelta(days=1)
        early = {"code": "early", "kind": "early_access", "days": 1, "tiers": ["silver"]}
        programme.launch(
            terms={**preset_terms(2), "benefits": [early]}, live_from=AT, time_zone="Asia/Shanghai", actor="", at=AT
        )
        situation.forget()
        actions.create(code="cup", terms=replace(MUG, starts_on=tomorrow), actor="", at=AT)
        actions.create(code="bowl", terms=replace(MUG, starts_on=tomorrow + timedelta(1)), actor="", at=AT)
        told = {one["code"]: one for one in counter.post("/rewards/list", ANNA).json()["rewards"]}
        assert told["cup"]["can_claim"]
        assert told["cup"]["early"] == {
            "for_all_from": str(tomorrow),
            "said": {"zh": f"优先购：现在就能兑换，其他会员 {tomorrow} 起",
                     "en": f"Early access: now already, others from {tomorrow}"},
        }  # fmt: skip
        assert "early" not in told["mug"]
        assert told["bowl"]["refused"] == {
            "code": "reward_not_yet",
            "said": {"zh": f"从 {tomorrow} 起可以兑换，比其他会员早 1 天。",
                     "en": f"It can be claimed from {tomorrow} on, 1 day before everybody else."},
        }  # fmt: skip
        body = {**ANNA, "store": "S01"}
        assert counter.post("/rewards/claim", {**body, "reward": "cup"}, Idempotency_Key="k").status_code == 200
        refused = counter.post("/rewards/claim", {**body, "reward": "bowl"}, Idempotency_Key="l")
        assert (refused.status_code, refused.json()["code"]) == (422, "reward_not_yet")

    def test_the_catalogue_alone(self, counter):
        told = counter.post("/rewards/list", {}).json()
        assert told["customer"] == {"known": False}
        assert ["can_claim" in one for one in told["rewards"]] == [False, False]


class TestClaiming:
    def test_once_and_the_same_again_for_the_same_key(self, counter):
        first = claim(counter)
        told = first.json()
        assert (first.status_code, told["state"], told["spendable"], told["store"]) == (200, "claimed", 700, "S01")
        assert claim(counter).json() == told
        other = claim(counter, store="S02")
        assert (other.status_code, other.json()["code"]) == (409, "key_reused")
        assert counter.post("/rewards/claims", ANNA).json() == {"claims": [told]}

    @pytest.mark.parametrize(
        ("more", "status", "code"),
        [
            ({"reward": "no-such"}, 404, "no_reward"),
            ({"reward": ""}, 422, "malformed_fact"),
            ({"reward": ["mug"]}, 422, "malformed_fact"),
            ({"store": ""}, 422, "malformed_fact"),
            ({"userId": "nobody"}, 404, "unknown_customer"),
            ({"reward": "teapot"}, 422, "not_for_this_tier"),
        ],
    )
    def test_what_is_refused_says_why(self, counter, more, status, code):
        response = claim(counter, **more)
        assert (response.status_code, response.json()["code"]) == (status, code)

    def test_without_a_key_it_could_be_done_twice(self, counter):
        response = counter.post("/rewards/claim", {**ANNA, "reward": "mug", "store": "S01"})
        assert (response.status_code, response.json()["code"]) == (400, "key_missing")

    def test_another_scope_may_not(self, new_till, counter):
        response = new_till("coupons.redeem").post("/rewards/list", {})
        assert (response.status_code, response.json()["code"]) == (403, "scope_missing")


class TestEnding:
    def test_collected_once(self, counter):
        code = claim(counter).json()["code"]
        first = collect(counter, code.lower().replace("-", " "))
        assert (first.status_code, first.json()["state"]) == (200, "collected")
        assert collect(counter, code).json() == first.json()
        again = collect(counter, code, "c-2")
        assert (again.status_code, again.json()["code"], again.json()["store"]) == (422, "already_collected", "S01")
        wrong = collect(counter, "22222222", "c-3")
        assert (wrong.status_code, wrong.json()["code"]) == (404, "unknown_code")

    def test_cancelled_the_points_are_back(self, counter):
        made = claim(counter).json()
        for _ in range(2):
            told = counter.post("/rewards/cancel", {"claim_id": made["claim_id"]}).json()
            assert (told["state"], bool(told["ended_at"])) == ("cancelled", True)
        assert counter.post("/rewards/list", ANNA).json()["customer"]["spendable"] == 1000
        for claim_id, status, code in ((10**9, 404, "no_claim"), ("1", 422, "malformed_fact")):
            response = counter.post("/rewards/cancel", {"claim_id": claim_id})
            assert (response.status_code, response.json()["code"]) == (status, code)


class TestDocument:
    def test_the_examples_keep_to_the_schemas_and_so_does_what_is_answered(self, counter, client):
        document = client.get("/api/v1/openapi.json").json()

        def validator(name):
            schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
            return jsonschema_rs.Draft202012Validator(schema)

        for name, shown in reward_schemas.ANSWERS.items():
            for example in shown.values():
                validator(name).validate(example["value"])
        validator("RewardClaim").validate(claim(counter).json())
        validator("Rewards").validate(counter.post("/rewards/list", ANNA).json())
        validator("Claims").validate(counter.post("/rewards/claims", ANNA).json())
        for status, shown in reward_schemas.PROBLEMS.items():
            for example in shown.values():
                assert CODES[example["value"]["code"]] == (status, example["value"]["title"])

    def test_the_examples_are_answered(self, counter):
        for path, bodies in PATHS.items():
            for one in bodies.values():
                response = counter.post(path, one["value"], Idempotency_Key="k")
                assert response.status_code in (200, 404), response.content

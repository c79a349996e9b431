"""The catalogue of rewards over HTTP: made once, changed from now on, retired and brought back."""

import pytest

from regulars.loyalty.rewards import catalogue
from regulars.staff.models import AuditEntry
from tests.api.conftest import AT

MUG = {"code": "mug", "name": {"zh": "马克杯", "en": "A mug"}, "points": 300, "cost": 25, "stock": 50}


@pytest.fixture
def desk(new_till):
    return new_till("rewards.manage", "rewards.claim", name="Shop")


def create(desk, key="k", **more):
    return desk.post("/rewards/create", {**MUG, **more}, Idempotency_Key=key)


def call(desk, verb, **body):
    response = desk.post(f"/rewards/{verb}", body)
    assert response.status_code == 200, response.content
    return response.json()["reward"]


def refused(response):
    told = response.json()
    return response.status_code, told["code"], told.get("field")


def test_made_once_and_offered_at_once(desk):
    told = create(desk).json()["reward"]
    assert (told["version"], told["stock"], told["left"], told["cost"]) == (1, 50, 50, "25.00")
    assert (told["kind"], told["collect_days"], told["each_most"]) == ("item", 30, None)
    assert create(desk).json()["reward"] == told
    assert refused(create(desk, points=301))[:2] == (409, "key_reused")
    assert refused(create(desk, "other")) == (409, "reward_code_taken", "code")
    assert [one["code"] for one in desk.post("/rewards/list", {}).json()["rewards"]] == ["mug"]
    line = AuditEntry.objects.get(action="rewards.create")
    assert (line.user_id, line.detail["points"]) == (None, 300)
    assert catalogue.versions(catalogue.reward_with_code("mug", at=AT).id)[0].created_by == "api:Shop"


def test_changed_from_now_on_what_is_not_named_stays(desk):
    create(desk, each_most=1, each_period="month")
    told = call(desk, "change", code="mug", version=1, points=350, each_most=None)
    assert (told["version"], told["points"], told["stock"], told["each_most"]) == (2, 350, 50, None)
    same = call(desk, "change", code="mug", version=1, points=350, each_most=None)
    assert same == told, "the same again, as its answer was lost"
    late = desk.post("/rewards/change", {"code": "mug", "version": 1, "points": 1})
    assert refused(late)[:2] == (409, "reward_changed")
    assert AuditEntry.objects.filter(action="rewards.change").count() == 1


def test_retired_and_brought_back_once_each(desk):
    create(desk)
    for _ in range(2):
        assert call(desk, "retire", code="mug")["retired"]
    assert desk.post("/rewards/list", {}).json()["rewards"] == []
    [kept] = desk.post("/rewards/catalogue", {}).json()["rewards"]
    assert kept["retired"]
    assert not call(desk, "bring_back", code="mug")["retired"]
    lines = AuditEntry.objects.filter(action__in=["rewards.pause", "rewards.resume"])
    assert sorted(lines.values_list("action", flat=True)) == ["rewards.pause", "rewards.resume"]


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"code": "A mug"}, "invalid_reward", "code"),
        ({"name": {}}, "invalid_reward", "name"),
        ({"name": "A mug"}, "malformed_fact", "name"),
        ({"points": 0}, "malformed_fact", "points"),
        ({"points": "300"}, "malformed_fact", "points"),
        ({"cost": "dear"}, "malformed_fact", "cost"),
        ({"cost": -1}, "invalid_reward", "cost"),
        ({"currency": "stamps"}, "invalid_reward", "currency"),
        ({"tiers": ["none"]}, "invalid_reward", "tiers"),
        ({"stores": ["S99"]}, "invalid_reward", "stores"),
        ({"segments": [99]}, "invalid_reward", "segments"),
        ({"segments": ["99"]}, "malformed_fact", "segments"),
        ({"kind": "coupon"}, "invalid_reward", "offer_id"),
        ({"kind": "gift"}, "malformed_fact", "kind"),
        ({"starts_on": "2026-06-02", "ends_on": "2026-06-01"}, "invalid_reward", "ends_on"),
        ({"each_most": 0}, "invalid_reward", "each_most"),
        ({"stock": 1.5}, "malformed_fact", "stock"),
    ],
)
def test_what_cannot_be_says_which_field(desk, more, code, field):
    assert refused(create(desk, **more)) == (422, code, field)


def test_a_coupon_of_an_offer_that_is_not_there(desk):
    assert refused(create(desk, kind="coupon", offer_id=99))[:2] == (404, "no_offer")


def test_who_may_claim_may_not_keep_the_catalogue(new_till):
    response = new_till("rewards.claim").post("/rewards/catalogue", {})
    assert refused(response)[:2] == (403, "scope_missing")
    gone = new_till("rewards.manage", name="m").post("/rewards/retire", {"code": "none"})
    assert refused(gone)[:2] == (404, "no_reward")

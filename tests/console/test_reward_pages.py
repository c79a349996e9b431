"""Rewards on their pages: made, changed, paused, claimed for a member, handed over at the till, given back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from regulars.customers import lookup
from regulars.loyalty.actions import launch
from regulars.loyalty.membership import number_of
from regulars.loyalty.rewards import actions, catalogue, queries
from regulars.loyalty.rewards.rules import Claim, ClaimState, Reward, Terms
from regulars.loyalty.rules import preset_terms
from regulars.staff import queries as people
from tests.flows.world import SHANGHAI, when

from ..loyalty.rewards.shop import MUG
from .acting import HX
from .forms import form_of
from .shop import LIN, a_shop, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin() -> str:
    """Lin's member number; she has 1,300 points."""
    a_shop()
    return number_of(lookup.owner([LIN]) or 0)


def a_reward(code: str = "mug", terms: Terms = MUG) -> Reward:
    actions.create(code=code, terms=terms, actor="", at=timezone.now())
    return catalogue.reward_with_code(code, at=timezone.now())


def made(client: Client, **changes: str) -> Reward | None:
    told = form_of(client.get("/rewards/new/").content.decode(), "reward-form").dict() | changes
    client.post("/rewards/new/", told)
    found = catalogue.rewards(at=timezone.now())
    return found[-1] if found else None


def claimed(client: Client, number: str, code: str = "mug", key: str = "k", store: str = "S1") -> Claim | None:
    client.post(f"/customers/{number}/rewards/claim/", {"reward": code, "key": key, "store": store})
    found = queries.page(most=1)
    return found[0] if found else None


def audited() -> list[str]:
    return [line.action for line in people.audit_trail(limit=20)]


class TestMaking:
    def test_with_nothing_but_a_name_and_a_price(self) -> None:
        client = staff()
        one = made(client, zh="马克杯", en="A mug", points="1,300")
        assert one is not None
        assert (one.code, one.terms) == ("a-mug", Terms(replace(MUG).name, MUG.kind, 1300, collect_days=30))
        again = made(client, zh="帆布袋", points="500", each_most="1", each_period="month", stock="20", worth="12.5")
        assert again is not None
        assert (again.code, again.left, again.terms.worth_minor) == ("reward-2", 20, 1250)
        listed = client.get("/rewards/").context["lines"]
        assert [(line.name, line.conditions) for line in listed] == [
            ("帆布袋", ["1 a month for each member", "Collected within 30 days"]),
            ("A mug", ["Collected within 30 days"]),
        ]
        assert audited()[:2] == ["rewards.create"] * 2

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"zh": "", "en": ""}, "zh"),
            ({"points": ""}, "points"),
            ({"points": "many"}, "points"),
            ({"worth": "-1"}, "worth"),
            ({"stock": "x"}, "stock"),
            ({"each_most": "0"}, "each_most"),
            ({"kind": "coupon", "collect_days": ""}, "offer"),
            ({"starts_on": "tomorrow"}, "starts_on"),
            ({"starts_on": "2026-03-05", "ends_on": "2026-03-04"}, "ends_on"),
            ({"collect_days": "900"}, "collect_days"),
            ({"code": "A mug!"}, "code"),
        ],
    )
    def test_what_cannot_be_so_is_said_beside_its_field(self, change: dict[str, str], field: str) -> None:
        client = staff()
        told = form_of(client.get("/rewards/new/").content.decode(), "reward-form").dict()
        page = client.post("/rewards/new/", told | {"en": "A mug", "points": "300"} | change)
        assert (page.status_code, list(page.context["problems"])) == (422, [field])
        assert f'id="problem-{field}"' in page.content.decode()
        assert catalogue.rewards(at=timezone.now()) == []

    def test_changed_it_keeps_what_was_said_before(self, lin: str) -> None:
        client, one = staff(), a_reward()
        path = f"/rewards/{one.id}/edit/"
        told = form_of(client.get(path).content.decode(), "reward-form").dict()
        for turn, points in enumerate(("400", "500")):
            page = client.post(path, told | {"points": points})
            assert page.status_code == (302, 422)[turn], "the second wrote upon what the first has changed"
        page = client.get(f"/rewards/{one.id}/")
        assert [version.number for version in page.context["versions"]] == [2, 1]
        assert page.context["gives_back"] == {"spend": "¥400", "percent": "6.2%"}
        assert "400 points · 2 in all · costs ¥25" in page.content.decode()

    def test_paused_nobody_can_claim_it(self, lin: str) -> None:
        client, one = staff(), a_reward()
        client.post(f"/rewards/{one.id}/pause/")
        assert claimed(client, lin) is None
        client.post(f"/rewards/{one.id}/resume/")
        assert claimed(client, lin) is not None
        assert audited()[:3] == ["rewards.claim", "rewards.resume", "rewards.pause"]

    def test_who_may(self, lin: str) -> None:
        one = a_reward()
        for role, edit, see, claim in (
            ("marketer", 200, 200, 302),
            ("cashier", 403, 403, 302),
            ("viewer", 403, 200, 403),
        ):
            client = staff(role)
            assert client.get(f"/rewards/{one.id}/edit/").status_code == edit
            assert client.get("/rewards/").status_code == see
            sent = client.post(f"/customers/{lin}/rewards/claim/", {"reward": "mug", "key": role, "store": "S1"})
            assert sent.status_code == claim


class TestClaiming:
    def test_on_a_members_page(self, lin: str) -> None:
        a_reward()
        a_reward("teapot", replace(MUG, points=5000, tiers=("gold",)))
        client = staff("marketer")
        page = client.get(f"/customers/{lin}/rewards/?store=S1")
        assert [(one.name, one.refused) for one in page.context["offered"]] == [
            ("A mug", ""),
            ("A mug", "Only for Gold members."),
        ]
        for _ in range(2):
            one = claimed(client, lin, key=page.context["key"])
        assert one is not None
        assert (one.store, one.points, one.state) == ("S1", 300, ClaimState.CLAIMED)
        assert len(queries.page(most=9)) == 1, "a second click does nothing"
        text = client.get(f"/customers/{lin}/").content.decode()
        assert f"{one.code[:4]}-{one.code[4:]}" in text
        assert "Reward claimed" in text
        assert "points for “A mug”." in text

    def test_a_member_with_early_access_has_it_before_the_day(self, lin: str) -> None:
        early = {"code": "early", "kind": "early_access", "days": 3, "tiers": ["silver"]}
        live_from = when("2024-01-01 00:00")
        launch(
            terms={**preset_terms(2), "benefits": [early]}, live_from=live_from, time_zone="Asia/Shanghai", actor="",
            at=live_from,
        )  # fmt: skip
        day = timezone.localdate(timezone=SHANGHAI) + timedelta(days=3)
        a_reward(terms=replace(MUG, starts_on=day))
        a_reward("bowl", replace(MUG, starts_on=day + timedelta(days=1)))
        client = staff("marketer")
        page = client.get(f"/customers/{lin}/rewards/?store=S1")
        assert f"Early access: now already, others from {date_format(day, 'SHORT_DATE_FORMAT')}" in page.text
        assert [one.refused for one in page.context["offered"]] == [
            "", f"It can be claimed from {date_format(day - timedelta(days=2), 'SHORT_DATE_FORMAT')} on, 3 days before "
            "everybody else.",
        ]  # fmt: skip
        assert claimed(client, lin) is not None
        assert claimed(client, lin, code="bowl", key="l") == queries.page(most=1)[0]
        assert len(queries.page(most=9)) == 1

    def test_the_store_is_chosen_first(self, lin: str) -> None:
        a_reward()
        client = staff()
        assert claimed(client, lin, store="") is None
        page = client.get(f"/customers/{lin}/rewards/")
        assert "Choose the store first" in page.content.decode()

    def test_the_card_says_what_can_be_had(self, lin: str) -> None:
        client = staff()
        assert "rewards" not in client.get(f"/customers/{lin}/").context
        for points in (100, 200, 300, 400, 5000):
            a_reward(f"r{points}", replace(MUG, points=points))
        card = client.get(f"/customers/{lin}/").context["rewards"]
        assert (card.open[0][1], len(card.open), card.more) == ("400 points", 3, 1)


class TestClaims:
    def test_handed_over_and_back_and_cancelled_from_the_list(self, lin: str) -> None:
        a_reward()
        client = staff()
        one = claimed(client, lin)
        assert one is not None
        for verb, state in (
            ("collect", ClaimState.COLLECTED), ("cancel", ClaimState.COLLECTED), ("put-back", ClaimState.CLAIMED),
            ("cancel", ClaimState.CANCELLED), ("collect", ClaimState.CANCELLED),
        ):  # fmt: skip
            sent = client.post(f"/rewards/claims/{one.id}/{verb}/", {"back": f"/customers/{lin}/rewards/"})
            assert sent.headers["Location"] == f"/customers/{lin}/rewards/"
            assert queries.of_id(one.id).claim.state is state
        assert audited()[:4] == ["rewards.cancel", "rewards.put_back", "rewards.collect", "rewards.claim"]
        page = client.get("/rewards/claims/?all=1")
        assert [(line.state, line.can_cancel) for line in page.context["claims"]] == [("Cancelled", False)]
        assert client.get("/rewards/claims/").context["claims"] == []

    def test_no_other_place_is_led_to(self, lin: str) -> None:
        a_reward()
        client = staff()
        one = claimed(client, lin)
        assert one is not None
        sent = client.post(f"/rewards/claims/{one.id}/cancel/", {"back": "https://elsewhere.example/"})
        assert sent.headers["Location"] == "/rewards/claims/"

    def test_a_store_handles_its_own(self, lin: str) -> None:
        a_reward()
        one = claimed(staff(), lin)
        assert one is not None
        assert staff("service", stores=["S2"]).post(f"/rewards/claims/{one.id}/cancel/").status_code == 404
        assert staff("cashier", stores=["S1"]).post(f"/rewards/claims/{one.id}/cancel/").status_code == 302


class TestTill:
    def test_a_code_is_looked_at_and_handed_over_once(self, lin: str) -> None:
        a_reward()
        one = claimed(staff(), lin)
        assert one is not None
        till = staff("cashier", stores=["S1"])
        page = till.post("/redeem/look/", {"code": one.code.lower()}, headers=HX)
        assert (page.context["waiting"].name, page.context["waiting"].whose) == ("A mug", "林** 138****0001")
        for _ in range(2):
            done = till.post("/redeem/hand-over/", {"code": one.code, "key": page.context["key"]}, headers=HX)
            assert "Handed over" in done.text
        again = till.post("/redeem/look/", {"code": one.code}, headers=HX)
        assert again.status_code == 422
        assert "This was handed over on" in again.text
        back = till.post(f"/redeem/take-back/{one.id}/", headers=HX)
        assert back.status_code == 200
        assert queries.of_id(one.id).claim.state is ClaimState.CLAIMED
        assert till.post(f"/redeem/take-back/{one.id}/", headers=HX).status_code == 422

    def test_a_wrong_code_is_said_and_counted(self, lin: str) -> None:
        till = staff("cashier")
        told = [till.post("/redeem/look/", {"code": "2222-2222"}, headers=HX) for _ in range(6)]
        assert ["There is no such code" in page.text for page in told] == [True] * 5 + [False]
        assert "Too many wrong codes" in told[-1].text


def test_the_pages_are_as_quick_with_many(lin: str, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    client = staff()
    for number in range(12):
        a_reward(f"r{number}", replace(MUG, points=1, stock=None))
        claimed(client, lin, f"r{number}", f"k{number}")
    for path, most in (("/rewards/", 16), ("/rewards/claims/", 14), (f"/customers/{lin}/rewards/", 22)):
        with django_assert_max_num_queries(most):
            client.get(path)


def test_everything_is_said_in_chinese_too(lin: str) -> None:
    a_reward()
    client = staff(language="zh-hans")
    assert claimed(client, lin) is not None
    for path in ("/rewards/", "/rewards/claims/", f"/customers/{lin}/rewards/"):
        page = client.get(path).content.decode()
        assert "马克杯" in page
        assert "A mug" not in page

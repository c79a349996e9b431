"""Rewards are claimed for points, handed over once, or given back whole; one that is refused changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.facts.kinds import order_completed
from regulars.facts.rules import KeyReused, NewFact
from regulars.flows import claim_rewards
from regulars.flows.lapse_claims import lapse_claims
from regulars.ledger import statements
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty import queries as loyalty
from regulars.loyalty import reasons
from regulars.loyalty.actions.commands import AccountFrozen, UnknownCustomer
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.actions import TooManyGuesses, UnknownCode
from regulars.loyalty.coupons.actions.issuing import OfferArchived
from regulars.loyalty.coupons.rules import Guesser, GuesserKind
from regulars.loyalty.earning.rules import Period
from regulars.loyalty.rewards import actions, catalogue, codes, queries, refusals
from regulars.loyalty.rewards.rules import ClaimState, RewardKind
from regulars.loyalty.rules import ItemKind
from tests.flows.world import SHANGHAI, counts, member, order, query, refund, state, when
from tests.loyalty.coupons import shop as coupon_shop
from tests.loyalty.rewards.shop import AT, MUG, Shop

TILL = Guesser(GuesserKind.STAFF, 1)


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def refused(shop: Shop, error: type[DomainError], act: Callable[[], object]) -> DomainError:
    """It is refused under this name, and everything is as it was."""
    before = state(), counts(), rows()
    with pytest.raises(error) as raised, transaction.atomic():
        act()
    assert (state(), counts(), rows()) == before
    return raised.value


def rows() -> list[tuple[object, ...]]:
    return query(
        """SELECT (SELECT count(*) FROM loyalty_rewardclaim), (SELECT count(*) FROM loyalty_coupon),
                  (SELECT coalesce(sum(used), 0) FROM limits_use)"""
    )


class TestClaiming:
    def test_points_go_and_one_piece_is_set_aside(self, shop: Shop) -> None:
        shop.reward()
        claim = shop.claim()
        assert (claim.points, claim.worth_minor, claim.spendable) == (300, 25_00, 700)
        assert (claim.state, claim.store, len(claim.code)) == (ClaimState.CLAIMED, "S1", codes.LENGTH)
        assert shop.wallet("anna")["available"] == 700
        assert (shop.now_is().taken, shop.now_is().left) == (1, 1)
        shop.assert_agrees()

    def test_the_same_key_and_request_is_one_claim(self, shop: Shop) -> None:
        shop.reward()
        shop.reward("cup")
        first = shop.claim()
        assert shop.claim(at=shop.now + timedelta(days=2)) == first
        for other in ({"code": "cup"}, {"store": "S2"}, {"who": "bo"}):
            refused(shop, KeyReused, lambda other=other: shop.claim(**{"who": "anna", **other}))  # type: ignore[misc]
        assert shop.now_is().taken == 1

    def test_the_same_key_is_answered_also_when_the_last_one_is_gone(self, shop: Shop) -> None:
        shop.reward(stock=1)
        first = shop.claim()
        assert shop.claim() == first
        refused(shop, refusals.SoldOut, lambda: shop.claim("bo", "k2"))

    @pytest.mark.parametrize(
        ("more", "error"),
        [
            ({"points": 1001}, InsufficientPoints),
            ({"stock": 0}, refusals.SoldOut),
            ({"tiers": ("gold",)}, refusals.NotForThisTier),
            ({"segments": (1,)}, refusals.NotForThisSegment),
            ({"stores": ("S2",)}, refusals.WrongStore),
            ({"starts_on": when("2024-06-02 00:00").date()}, refusals.RewardNotYet),
            ({"ends_on": when("2024-05-31 00:00").date()}, refusals.RewardEnded),
        ],
    )
    def test_what_is_refused_changes_nothing(self, shop: Shop, more: dict[str, Any], error: type[DomainError]) -> None:
        shop.reward(**more)
        refused(shop, error, shop.claim)

    def test_nobody_and_nothing_are_named(self, shop: Shop) -> None:
        one = shop.reward()
        refused(shop, UnknownCustomer, lambda: shop.claim(10**9))
        refused(shop, refusals.NoReward, lambda: shop.claim(code="no-such"))
        actions.pause(reward_id=one, at=shop.now)
        refused(shop, refusals.RewardPaused, shop.claim)
        actions.resume(reward_id=one)
        shop.claim()

    def test_its_last_day_is_the_shops_own(self, shop: Shop) -> None:
        """23:30 in Shanghai is 15:30 in London: the 31st is not over; half an hour later it is."""
        shop.reward(ends_on=when("2024-05-31 00:00").date())
        shop.claim(at=when("2024-05-31 23:30"))
        refused(shop, refusals.RewardEnded, lambda: shop.claim("bo", "k2", at=when("2024-06-01 00:00")))

    def test_a_member_takes_it_as_often_as_one_may(self, shop: Shop) -> None:
        shop.reward(each_most=1, each_period=Period.MONTH, points=100, stock=None)
        first = shop.claim(at=when("2024-05-31 23:59"))
        second = shop.claim(key="k2")
        refused(shop, refusals.RewardLimitReached, lambda: shop.claim(key="k3"))
        shop.cancel(second)
        shop.claim(key="k4")
        assert first.id != second.id
        shop.assert_agrees()

    def test_tiers_and_segments_that_fit(self, shop: Shop) -> None:
        shop.reward(tiers=("silver",), points=1)
        shop.claim()
        refused(shop, refusals.NotForThisTier, lambda: shop.claim("bo", "k2"))

    def test_a_claim_keeps_its_price(self, shop: Shop) -> None:
        one = shop.reward()
        claim = shop.claim()
        terms = shop.now_is().terms
        dearer = type(terms)(MUG.name, MUG.kind, 400, worth_minor=30_00, stock=5)
        assert actions.change(reward_id=one, terms=dearer, after=1, actor="kim", at=shop.now) == 2
        assert queries.of_id(claim.id).claim.points == 300
        assert shop.claim("bo", "k2").points == 400
        tally = queries.tallies()[one]
        assert (tally.standing, tally.waiting, tally.points, tally.cost_minor) == (2, 2, 700, 55_00)
        shop.cancel(claim)
        assert shop.wallet("anna")["available"] == 1000
        shop.assert_agrees()

    def test_what_was_not_used_of_a_frozen_account_stays(self, shop: Shop) -> None:
        shop.reward()
        shop.command(ItemKind.FREEZE, "anna", 0, "f")
        refused(shop, AccountFrozen, shop.claim)
        found = claim_rewards.choices(customer_id=shop.customer("anna"), policies=shop.policies, at=shop.now)
        assert [type(one.refused) for one in found.rewards] == [AccountFrozen]
        shop.command(ItemKind.UNFREEZE, "anna", 0, "u")
        claim = shop.claim()
        shop.command(ItemKind.FREEZE, "anna", 0, "f2")
        assert shop.cancel(claim).state is ClaimState.CANCELLED
        shop.assert_agrees()


class TestChanging:
    def test_two_who_write_on_the_same_version(self, shop: Shop) -> None:
        one = shop.reward()
        terms = shop.now_is().terms
        assert actions.change(reward_id=one, terms=terms, after=1, actor="kim", at=shop.now) == 1
        actions.change(reward_id=one, terms=MUG.__class__(MUG.name, MUG.kind, 1), after=1, actor="kim", at=shop.now)
        with pytest.raises(refusals.RewardChanged):
            actions.change(reward_id=one, terms=terms, after=1, actor="lee", at=shop.now)
        assert [(one.number, one.created_by) for one in catalogue.versions(one)] == [(2, "kim"), (1, "kim")]

    def test_fewer_than_were_claimed_cannot_be_there(self, shop: Shop) -> None:
        one = shop.reward()
        shop.claim()
        shop.claim("bo", "k2")
        terms = type(MUG)(MUG.name, MUG.kind, 300, stock=1)
        with pytest.raises(refusals.InvalidReward):
            actions.change(reward_id=one, terms=terms, after=1, actor="kim", at=shop.now)

    def test_codes_are_one_rewards_own(self, shop: Shop) -> None:
        shop.reward()
        for code, error in (("mug", refusals.RewardCodeTaken), ("A mug", refusals.InvalidReward)):
            with pytest.raises(error):
                shop.reward(code)

    def test_versions_stay_in_the_database(self, shop: Shop) -> None:
        shop.reward()
        for statement in ("UPDATE loyalty_rewardversion SET points = 1", "DELETE FROM loyalty_rewardversion"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


class TestEnding:
    def test_cancelled_everything_is_as_before(self, shop: Shop) -> None:
        shop.reward()
        claim = shop.claim()
        ended = shop.cancel(claim)
        assert (ended.state, ended.ended_by) == (ClaimState.CANCELLED, "kim")
        assert shop.cancel(claim, at=shop.now + timedelta(days=1)) == ended
        assert shop.wallet("anna")["available"] == 1000
        assert shop.now_is().left == 2
        assert shop.claim() == ended, "the same key is still that claim"
        shop.assert_agrees()

    def test_points_that_expired_meanwhile_come_back_for_a_while(self, shop: Shop) -> None:
        shop.reward()
        claim = shop.claim()
        later = when("2026-01-05 10:00")
        shop.cancel(claim, at=later)
        shop.now = later
        [(expires_at, points)] = statements.expiring(shop.customer("anna"), at=later)
        assert (expires_at, points) == (when("2026-01-20 00:00"), 300)
        shop.assert_agrees()

    def test_after_the_points_were_clawed_back_the_debt_is_paid_first(self, shop: Shop) -> None:
        shop.reward(points=1000)
        claim = shop.claim()
        shop.tell(refund("R", "A", shop.now, 400_00))
        assert shop.wallet("anna")["debt"] == -400
        shop.cancel(claim)
        assert (shop.wallet("anna")["debt"], shop.wallet("anna")["available"]) == (0, 600)
        shop.assert_agrees()

    def test_an_order_told_late_changes_no_claim(self, shop: Shop) -> None:
        shop.reward()
        claim = shop.claim()
        shop.tell(refund("R", "A", AT + timedelta(days=1)))
        assert queries.of_id(claim.id).claim == claim
        assert shop.wallet("anna")["debt"] == -300
        shop.tell(order("B", "anna", AT - timedelta(days=9), 90_00))
        shop.assert_agrees()


class TestCollecting:
    def test_by_its_code_once(self, shop: Shop) -> None:
        shop.reward()
        claim = shop.claim()
        told = {"guesser": TILL, "store": "S2", "zone": SHANGHAI, "actor": "till", "at": shop.now}
        code = codes.shown(claim.code).lower()
        first = claim_rewards.collect(code=code, key="c", **told)  # type: ignore[arg-type]
        assert (first.state, first.collected_store, first.collected_by) == (ClaimState.COLLECTED, "S2", "till")
        assert claim_rewards.collect(code=code, key="c", **told) == first  # type: ignore[arg-type]
        again = refused(shop, refusals.AlreadyCollected, lambda: shop.collect(claim, "c2"))
        assert (again.context["day"], again.context["store"]) == (shop.now.date(), "S2")
        refused(shop, KeyReused, lambda: shop.collect(claim, "c", store="S1"))
        refused(shop, refusals.ClaimCollected, lambda: shop.cancel(claim))
        assert shop.now_is().taken == 1
        shop.assert_agrees()

    def test_what_was_not_handed_over_after_all_waits_again(self, shop: Shop) -> None:
        shop.reward()
        claim = shop.claim()
        shop.collect(claim)
        assert claim_rewards.put_back(claim_id=claim.id) == claim
        assert shop.cancel(claim).state is ClaimState.CANCELLED
        assert claim_rewards.put_back(claim_id=claim.id).state is ClaimState.CANCELLED
        refused(shop, refusals.ClaimEnded, lambda: shop.collect(claim))

    def test_only_where_it_is_to_be_had(self, shop: Shop) -> None:
        shop.reward(stores=("S1",))
        claim = shop.claim()
        refused(shop, refusals.WrongStore, lambda: shop.collect(claim, store="S2"))
        shop.collect(claim)

    @pytest.mark.django_db(transaction=True)
    def test_wrong_codes_count_together_with_those_of_coupons(self) -> None:
        shop = Shop()
        shop.reward()
        claim = shop.claim()
        for turn in range(5):
            look_up, code = (actions.look_up, "22222222") if turn % 2 else (coupons.look_up, "222222222222")
            with pytest.raises(UnknownCode):
                look_up(code=code, guesser=TILL, at=shop.now)
        with pytest.raises(TooManyGuesses):
            actions.look_up(code=claim.code, guesser=TILL, at=shop.now)

    def test_what_nobody_collected_goes_back(self, shop: Shop) -> None:
        shop.reward(collect_days=7)
        claim = shop.claim()
        until = when("2024-06-09 00:00")
        assert claim.collect_by == until
        assert list(lapse_claims(policies=shop.policies, at=until - timedelta(seconds=1))) == []
        refused(shop, refusals.ClaimLapsed, lambda: shop.collect(claim, at=until))
        assert list(lapse_claims(policies=shop.policies, at=until)) == [1]
        assert list(lapse_claims(policies=shop.policies, at=until)) == []
        found = queries.of_id(claim.id).claim
        assert (found.state, found.ended_by) == (ClaimState.LAPSED, "")
        assert shop.wallet("anna")["available"] == 1000
        assert shop.now_is().left == 2
        shop.assert_agrees()

    def test_it_counts_no_more_once_its_time_is_over(self, shop: Shop) -> None:
        """By date and not by job: the member may claim again at once, with the points that the first one took."""
        shop.reward(points=1000, stock=1, each_most=1, collect_days=7)
        first = shop.claim()
        second = shop.claim(key="k2", at=when("2024-06-09 00:00"))
        assert queries.of_id(first.id).claim.state is ClaimState.LAPSED
        assert second.state is ClaimState.CLAIMED
        shop.now = when("2024-06-09 00:00")
        shop.assert_agrees()


class TestCoupons:
    def test_a_coupon_is_given_at_once(self, shop: Shop) -> None:
        offer = coupon_shop.offer()
        shop.reward("ten-off", kind=RewardKind.COUPON, offer_id=offer, stock=None)
        claim = shop.claim(code="ten-off")
        assert (claim.state, claim.code, len(claim.coupon_code)) == (ClaimState.ISSUED, "", 12)
        refused(shop, refusals.NothingToCollect, lambda: shop.collect(claim))
        assert query("SELECT customer_id, voided_at FROM loyalty_coupon") == [(shop.customer("anna"), None)]
        shop.cancel(claim)
        assert query("SELECT count(*) FROM loyalty_coupon WHERE voided_at IS NOT NULL") == [(1,)]
        shop.assert_agrees()

    def test_used_it_is_not_given_back(self, shop: Shop) -> None:
        offer = coupon_shop.offer(coupon_shop.LATTE)
        shop.reward("latte", kind=RewardKind.COUPON, offer_id=offer)
        claim = shop.claim(code="latte")
        with transaction.atomic():
            coupons.redeem(coupon_id=claim.coupon_id or 0, key="u", at=shop.now, zone=SHANGHAI)
        refused(shop, refusals.ClaimCouponUsed, lambda: shop.cancel(claim))

    def test_of_an_offer_that_was_put_away_none_is_given(self, shop: Shop) -> None:
        offer = coupon_shop.offer()
        shop.reward("ten-off", kind=RewardKind.COUPON, offer_id=offer)
        coupons.archive(offer_id=offer, at=shop.now)
        refused(shop, OfferArchived, lambda: shop.claim(code="ten-off"))
        with pytest.raises(OfferArchived):
            shop.reward("another", kind=RewardKind.COUPON, offer_id=offer)


class TestMerging:
    def test_two_members_with_claims_become_one(self, shop: Shop) -> None:
        shop.reward(each_most=2, stock=None)
        first, second = shop.claim(), shop.claim("bo", "k2")
        merged = shop.merge("bo", "anna")
        assert shop.claim("bo", "k2") == second, "the same key and request, whoever stands for the group"
        refused(shop, refusals.RewardLimitReached, lambda: shop.claim("bo", "k3"))
        shop.collect(second)
        shop.cancel(first)
        shop.assert_agrees()
        third = shop.claim("bo", "k3")
        shop.undo(merged)
        shop.cancel(third)
        shop.assert_agrees()

    def test_points_of_both_buy_what_neither_could(self, shop: Shop) -> None:
        shop.reward(points=1400)
        refused(shop, InsufficientPoints, shop.claim)
        shop.merge("bo", "anna")
        claim = shop.claim()
        assert claim.spendable == 100
        shop.cancel(claim)
        assert shop.wallet("anna")["available"] + shop.wallet("bo")["available"] == 1500
        shop.assert_agrees()


class TestSaying:
    def test_the_entry_names_the_reward(self, shop: Shop) -> None:
        shop.reward()
        claim = shop.claim()
        shop.cancel(claim)
        ids = [row[0] for row in query("SELECT id FROM loyalty_command ORDER BY id")]
        commands = loyalty.commands_by_ids(ids)
        assert [commands[one].reward for one in ids] == [Text("马克杯", "A mug")] * 2
        entries = statements.of_origins(shop.customer("anna"), command_ids=ids)
        for language, taken in (("zh", "用 300 积分兑换“马克杯”。"), ("en", "300 points for “A mug”.")):
            wording = reasons.Wording(language, "CNY", SHANGHAI)
            said = [reasons.why(e, commands[e.origin_id], policies=shop.policies, wording=wording) for e in entries]
            assert taken in [sentence for one in said for sentence in one]
            titles = [reasons.title(e, commands[e.origin_id], wording) for e in entries]
            assert all("马克杯" in one or "A mug" in one for one in titles)

    def test_what_a_customer_can_have_comes_first(self, shop: Shop) -> None:
        shop.reward("dear", points=5000)
        shop.reward("cheap", points=10)
        shop.reward("middle", points=400)
        shop.reward("gone", points=1, stock=0)
        found = claim_rewards.choices(customer_id=shop.customer("anna"), policies=shop.policies, at=shop.now)
        assert found.spendable == 1000
        assert [one.reward.code for one in found.rewards] == ["cheap", "middle", "gone", "dear"]
        assert [one.reward.code for one in found.open] == ["cheap", "middle"]


class TestEarning:
    def test_what_was_paid_with_points_earns_nothing(self, shop: Shop) -> None:
        """An order of ¥100 of which points paid ¥30: the till tells these as vouchers, and ¥70 earns."""
        body = order_completed.make_body(currency="CNY", paid=100_00, lines=[["1", "TEA", 1, 100_00]], vouchers=30_00)
        shop.tell(NewFact("till", order_completed.CODE, "P", AT, body, (member("cara"),), amount=100_00))
        assert shop.wallet("cara")["available"] == 70
        assert shop.wallet("cara")["growth"] == 70

    def test_a_claim_itself_earns_nothing(self, shop: Shop) -> None:
        shop.reward()
        growth, tiers = shop.wallet("anna")["growth"], shop.tiers("anna")
        shop.collect(shop.claim())
        assert (shop.wallet("anna")["growth"], shop.tiers("anna")) == (growth, tiers)
        assert query("SELECT count(*) FROM ledger_transfer WHERE purpose = 1 AND origin_kind = 2") == [(0,)]


def test_verify_tells_what_does_not_agree(shop: Shop) -> None:
    shop.reward()
    claim = shop.claim()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE limits_use SET used = 5 WHERE kind = 4")
    assert queries.differences()[0] == ["reward mug: 1 claims stand, and 5 are counted"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE limits_use SET used = 1 WHERE kind = 4")
    shop.command(ItemKind.REVERSE, "anna", 300, "by hand", refers_to=claim.command_id)
    assert queries.differences()[0] == [
        f"claim {claim.id}: 300 points were taken for 300, 300 given back, and it stands"
    ]
    assert not shop.verify().clean

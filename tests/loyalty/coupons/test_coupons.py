"""Coupons: issued once a key, used as often as they may be, undone, counted."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from regulars.facts.actions import ensure_source
from regulars.facts.rules import KeyReused
from regulars.limits import actions as limits
from regulars.limits.models import Use
from regulars.limits.rules import EVER, Take
from regulars.loyalty.coupons import actions, codes, queries
from regulars.loyalty.coupons.actions import NoUse, TooManyGuesses, UnknownCode
from regulars.loyalty.coupons.guesses import wrong_guesses
from regulars.loyalty.coupons.rules import (
    GUESSES,
    CouponExpired,
    CouponNotYetValid,
    CouponRefused,
    CouponUsedUp,
    CouponVoided,
    Guesser,
    GuesserKind,
    OrderKey,
    SomebodyElsesCoupon,
)
from regulars.loyalty.models import Coupon, CouponUse
from tests.insight.segments.shop import join, people
from tests.loyalty.coupons import shop
from tests.loyalty.coupons.shop import AT, DAY, LATTE, PART_OFF, SHANGHAI, TEN_OFF

pytestmark = pytest.mark.django_db
TILL = Guesser(GuesserKind.API_KEY, 1)


class TestIssuing:
    def test_the_same_key_gives_the_same_coupon(self) -> None:
        made = shop.offer()
        (anna,) = people(1)
        first = shop.issue(made, "delivery:1", anna)
        assert shop.issue(made, "delivery:1", anna, at=AT + DAY) == first
        assert first.expires_at == datetime(2026, 3, 16, tzinfo=SHANGHAI)
        assert codes.read(codes.shown(first.code)) == first.code

    def test_thousands_at_once_and_those_that_are_new_on_the_next_day(self) -> None:
        made = shop.offer()
        first = actions.issue_many(offer_id=made, wanted=shop.keys("c:", range(3000)), zone=SHANGHAI, at=AT)
        wanted = shop.keys("c:", range(2000, 4000))
        again = actions.issue_many(offer_id=made, wanted=wanted, zone=SHANGHAI, at=AT + DAY)
        assert len({one.code for one in first.values()}) == 3000
        assert list(again) == sorted(one.key for one in wanted)
        assert sum(again[key] == first[key] for key in again if key in first) == 1000
        assert Coupon.objects.count() == 4000

    def test_a_key_means_one_coupon(self) -> None:
        made, other = shop.offer(), shop.offer(LATTE)
        anna, bo, cy = people(3)
        shop.issue(made, "delivery:1", anna)
        for ask in (lambda: shop.issue(other, "delivery:1", anna), lambda: shop.issue(made, "delivery:1", bo)):
            with pytest.raises(KeyReused):
                ask()
        join(anna, cy)
        assert shop.issue(made, "delivery:1", cy).customer_id == anna, "they are one person by now"

    def test_a_code_that_is_taken_is_made_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = shop.offer()
        taken = shop.issue(made, "a").code
        ahead = iter([[taken, "222222222222"], ["333333333333"]])
        monkeypatch.setattr(codes, "new_codes", lambda count: next(ahead))
        found = actions.issue_many(offer_id=made, wanted=shop.keys("k", [1, 2]), zone=SHANGHAI, at=AT)
        assert {key: one.code for key, one in found.items()} == {"k1": "333333333333", "k2": "222222222222"}

    def test_one_that_begins_later(self) -> None:
        coupon = shop.issue(shop.offer(), valid_from=AT + 3 * DAY)
        with pytest.raises(CouponNotYetValid):
            shop.redeem(coupon)
        assert shop.redeem(coupon, at=AT + 17 * DAY).discount_minor == 10_00

    def test_the_database_refuses_another_kind_of_code(self) -> None:
        coupon = shop.issue(shop.offer())
        for code in ("ABCD2345WXY0", "abcd2345wxyz", "ABCD"):
            with pytest.raises(DatabaseError), transaction.atomic():
                Coupon.objects.filter(pk=coupon.coupon_id).update(code=code)


class TestUsing:
    def test_a_single_use_is_used_once(self) -> None:
        coupon = shop.issue(shop.offer())
        receipt = shop.redeem(coupon)
        assert (receipt.discount_minor, receipt.uses_left, receipt.code, receipt.at) == (10_00, 0, coupon.code, AT)
        with pytest.raises(CouponUsedUp) as raised:
            shop.redeem(coupon, "till:2", at=AT + DAY)
        assert raised.value.context["day"] == AT.date()
        shop.assert_agrees()

    def test_the_same_key_gives_the_same_receipt(self) -> None:
        coupon = shop.issue(shop.offer())
        first = shop.redeem(coupon)
        assert shop.redeem(coupon, at=AT + DAY) == first
        with pytest.raises(KeyReused):
            shop.redeem(coupon, spend=60_00)
        with pytest.raises(KeyReused):
            shop.redeem(shop.issue(shop.offer(), "delivery:2"))
        assert CouponUse.objects.count() == 1
        shop.assert_agrees()

    def test_a_shared_code_is_used_by_many(self) -> None:
        shared = shop.issue(shop.offer(replace(TEN_OFF, uses_most=3)))
        for turn in range(3):
            assert shop.redeem(shared, f"till:{turn}").uses_left == 2 - turn
        with pytest.raises(CouponUsedUp):
            shop.redeem(shared, "till:4")

    def test_an_undone_use_can_be_used_again(self) -> None:
        coupon = shop.issue(shop.offer())
        first = shop.redeem(coupon)
        undone = shop.undo(first, AT + DAY)
        assert (undone.undone_at, undone.uses_left, undone.use_id) == (AT + DAY, 1, first.use_id)
        assert shop.undo(first, AT + 2 * DAY) == undone, "it is undone once"
        assert shop.redeem(coupon).undone_at == AT + DAY, "the old key means the old use"
        assert shop.redeem(coupon, "till:2").uses_left == 0
        shop.assert_agrees()
        with pytest.raises(NoUse):
            actions.undo(use_id=999, actor="", at=AT)

    def test_who_has_the_code_may_use_it_unless_the_shop_names_somebody_else(self) -> None:
        made = shop.offer()
        anna, bo, cy = people(3)
        personal = shop.issue(made, "a", anna)
        with pytest.raises(SomebodyElsesCoupon):
            shop.redeem(personal, customer_id=bo)
        join(anna, cy)
        assert shop.redeem(personal, customer_id=cy).discount_minor == 10_00
        assert shop.redeem(shop.issue(made, "b", anna), "till:2").discount_minor == 10_00
        assert shop.redeem(shop.issue(made, "c"), "till:3", customer_id=bo).discount_minor == 10_00

    def test_a_refusal_changes_nothing(self) -> None:
        coupon = shop.issue(shop.offer())
        for refused in ({"spend": 29_99}, {"spend": None}, {"at": AT + 15 * DAY}, {"at": AT - DAY}):
            with pytest.raises(CouponRefused):
                shop.redeem(coupon, **refused)  # type: ignore[arg-type]
        assert not CouponUse.objects.exists()
        assert shop.left(coupon) == [1]

    def test_what_was_taken_back_is_refused_and_what_was_used_stays(self) -> None:
        made = shop.offer()
        used, unused = shop.issue(made, "a"), shop.issue(made, "b")
        shop.redeem(used)
        ids = [used.coupon_id, unused.coupon_id]
        assert actions.void(coupon_ids=ids, actor="kim", at=AT) == 2
        assert actions.void(coupon_ids=ids, actor="kim", at=AT + DAY) == 0
        with pytest.raises(CouponVoided) as raised:
            shop.redeem(unused, "till:2", at=AT + DAY)
        assert raised.value.context["day"] == AT.date()
        shop.assert_agrees()

    def test_a_quote_uses_nothing(self) -> None:
        coupon = shop.issue(shop.offer(PART_OFF))
        for _ in range(3):
            quote = actions.quote(coupon_id=coupon.coupon_id, at=AT, zone=SHANGHAI, spend_minor=100_00)
            assert (quote.discount_minor, quote.uses_left) == (15_00, 1)
        with pytest.raises(CouponExpired):
            actions.quote(coupon_id=coupon.coupon_id, at=AT + 30 * DAY, zone=SHANGHAI, spend_minor=100_00)
        with pytest.raises(UnknownCode):
            actions.quote(coupon_id=999, at=AT, zone=SHANGHAI)

    def test_the_database_refuses_more_off_than_the_order_came_to(self) -> None:
        use = shop.redeem(shop.issue(shop.offer())).use_id
        with pytest.raises(DatabaseError), transaction.atomic():
            CouponUse.objects.filter(pk=use).update(discount_minor=50_01)


class TestGuessing:
    def guess(self, code: str = "222222222222", *, by: Guesser = TILL, at: datetime = AT) -> int:
        return actions.look_up(code=code, guesser=by, at=at)

    def test_after_five_wrong_ones_nothing_is_looked_up_for_a_while(self) -> None:
        coupon = shop.issue(shop.offer())
        for turn in range(5):
            with pytest.raises(UnknownCode):
                self.guess(at=AT + timedelta(seconds=turn))
        with pytest.raises(TooManyGuesses) as raised:
            self.guess(coupon.code, at=AT + timedelta(seconds=10))
        wait = raised.value.context["retry_after"]
        assert wait == 291
        assert self.guess(coupon.code, at=AT + timedelta(seconds=10 + 291)) == coupon.coupon_id
        lately = wrong_guesses(at=AT + timedelta(minutes=10))
        assert (lately.codes, [(one.guesser, one.codes) for one in lately.by]) == (5, [(TILL, 5)])
        assert lately.by[0].last_at == AT + timedelta(seconds=4)
        assert wrong_guesses(at=AT + timedelta(days=2)).by == ()

    def test_right_codes_and_what_is_no_code_do_not_count(self) -> None:
        coupon = shop.issue(shop.offer())
        for _ in range(12):
            assert self.guess(coupon.code.lower()) == coupon.coupon_id
            with pytest.raises(codes.MalformedCode):
                self.guess("6901234567892")
        assert wrong_guesses(at=AT).codes == 0

    def test_each_guesser_is_counted_alone(self) -> None:
        for _ in range(5):
            with pytest.raises(UnknownCode):
                self.guess()
        for other in (Guesser(GuesserKind.STAFF, 1), Guesser(GuesserKind.API_KEY, 2), Guesser(GuesserKind.MEMBER, 1)):
            with pytest.raises(UnknownCode):
                self.guess(by=other)

    def test_many_wrong_ones_in_an_hour_are_an_alarm_for_a_day(self) -> None:
        def guess(till: int, hours: float, times: int) -> None:
            by = Guesser(GuesserKind.STAFF, till)
            limits.take([Take(GUESSES, by.subject, 1) for _ in range(times)], at=AT + timedelta(hours=hours))

        for turn in range(12):
            guess(1, turn / 2, 5)
        slow = wrong_guesses(at=AT + timedelta(hours=6))
        assert (slow.codes, slow.worst_hour, slow.alarms) == (60, 10, False)
        for till in range(2, 7):
            guess(till, 3.25, 5)
        night = wrong_guesses(at=AT + timedelta(hours=26))
        assert (night.worst_hour, night.alarms, night.worst_began) == (35, True, AT + timedelta(hours=2.5))
        assert not wrong_guesses(at=AT + timedelta(hours=28)).alarms


class TestLists:
    def test_what_came_of_coupons(self) -> None:
        made, gift = shop.offer(), shop.offer(replace(LATTE, uses_most=2))
        coupons = [shop.issue(made, f"campaign:7:{number}") for number in range(4)]
        shop.issue(made, "campaign:70:1")
        shop.redeem(coupons[0], "1")
        shop.redeem(coupons[1], "2", spend=30_00)
        shop.undo(shop.redeem(coupons[2], "3"))
        actions.void(coupon_ids=[coupons[3].coupon_id], actor="", at=AT)
        free = shop.issue(gift, "campaign:7:gift")
        shop.redeem(free, "4", spend=None)
        shop.redeem(free, "5", spend=None)
        tally = queries.tally_of_prefix("campaign:7:")
        assert (tally.issued, tally.voided, tally.redeemed, tally.uses, tally.undone) == (5, 1, 3, 4, 1)
        assert (tally.discount_minor, tally.gift_cost_minor) == (20_00, 16_00)
        assert queries.tally_of_offer(made).issued == 5
        assert queries.tally_of_prefix("campaign:8:").issued == 0
        assert queries.tally_of_prefix("campaign:7:", until=AT).uses == 0
        assert queries.tally_of_prefix("campaign:7:", until=AT + DAY).uses == 4
        assert queries.tally_of_prefix("").issued == 6

    def test_pages(self) -> None:
        made = shop.offer()
        (anna,) = people(1)
        coupons = [shop.issue(made, f"c:{number}", anna, at=AT + number * DAY) for number in range(3)]
        receipts = [shop.redeem(one, f"till:{one.coupon_id}", at=AT + 3 * DAY) for one in coupons]
        assert [(one.key, one.used) for one in queries.of_customer([anna, 999])] == [("c:2", 1), ("c:1", 1), ("c:0", 1)]
        assert queries.of_keys(["c:1", "x"])["c:1"].terms == TEN_OFF
        newest = queries.uses(made, most=2)
        assert [one.id for one in newest] == [receipts[2].use_id, receipts[1].use_id]
        assert [one.id for one in queries.uses(made, most=2, before=newest[-1].id)] == [receipts[0].use_id]
        assert queries.latest_uses(most=1)[0].discount_minor == 10_00
        assert (newest[0].issued_to, newest[0].actor, newest[0].source, newest[0].store) == (anna, "till", "", "")

    def test_a_use_knows_its_order(self) -> None:
        made = shop.offer()
        shop.redeem(shop.issue(made), order=OrderKey(ensure_source("web"), "SO-1"))
        (use,) = queries.uses(made, most=5)
        assert (use.source, use.order_key, use.spend_minor) == ("web", "SO-1", 50_00)
        assert queries.use_of_key("till:1") == use.id
        assert queries.use_of_key("till:2") is None

    def test_differences_are_found(self) -> None:
        made = shop.offer()
        one, two = shop.issue(made, "a"), shop.issue(made, "b")
        shop.redeem(one)
        assert queries.differences() == ([], {"coupons_used": 1, "coupon_uses": 1})
        CouponUse.objects.create(coupon_id=one.coupon_id, key="x", digest=b"", at=AT, discount_minor=0, recorded_at=AT)
        Use.objects.create(kind=3, subject=two.coupon_id, bucket=EVER, used=2)
        found, _ = queries.differences()
        assert found == [
            f"coupon {one.coupon_id}: 2 uses stand, and 1 are allowed",
            f"coupon {one.coupon_id}: 2 uses stand, and 1 are counted",
            f"coupon {two.coupon_id}: no use stands, and 2 are counted",
        ]

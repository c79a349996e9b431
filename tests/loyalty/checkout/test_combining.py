"""The best combination, and why the rest is left out; points for money, and what goes back by line."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.core.calendar import zone
from regulars.loyalty.benefits.kinds.discount import Discount
from regulars.loyalty.benefits.kinds.free_shipping import FreeShipping
from regulars.loyalty.benefits.rules import AppliedBenefit, Benefit, TakenOff
from regulars.loyalty.checkout.combining import best
from regulars.loyalty.checkout.rules import NoPointsValue, RefundAboveOrder, Worth, back_by_line
from regulars.loyalty.checkout.terms import CheckoutTerms, InvalidCheckout
from regulars.loyalty.coupons.rules import OfferKind, Promise, Terms, check

AT = datetime(2026, 3, 1, tzinfo=UTC)
SHANGHAI = zone("Asia/Shanghai")
LATTE = Text("拿铁", "latte")


def coupon(code: str, kind: OfferKind, value: int = 0, *, least: int = 0, days: int = 10) -> Promise:
    gift = LATTE if kind is OfferKind.GIFT else Text("", "")
    terms = Terms(kind, value, gift, min_spend_minor=least)
    number = sum(map(ord, code))
    return Promise(number, code, 1, Text("", ""), terms, 1, AT, AT + timedelta(days=days), None, 0)


def benefit(code: str, off: int, *, alone: bool = False, shipping: bool = False) -> AppliedBenefit:
    effect: Any = object.__new__(FreeShipping if shipping else Discount)
    return AppliedBenefit(Benefit(code, {}, effect, alone=alone), TakenOff(None, off), None)


def chosen(some=(), own=(), /, paid=100_00, **terms):
    return best(
        list(some), list(own), paid=paid, terms=CheckoutTerms(**terms),
        takes_off=lambda promise, left: check(promise, at=AT, zone=SHANGHAI, spend_minor=left, customer_id=1),
    )  # fmt: skip


def codes(found):
    return [code for code, _ in found.coupons], [code for code, _ in found.benefits]


TEN = coupon("TEN", OfferKind.AMOUNT_OFF, 10_00)
FIFTH = coupon("FIFTH", OfferKind.PERCENT_OFF, 20)


def test_one_coupon_and_the_one_that_takes_most_off():
    found = chosen([TEN, FIFTH])
    assert (codes(found), found.off_minor, found.due_minor) == ((["FIFTH"], []), 20_00, 80_00)
    assert found.why == {"TEN": "enough_coupons"}
    assert codes(chosen([TEN, FIFTH], paid=20_00)) == (["TEN"], [])


def test_of_equals_the_one_that_ends_first_and_a_gift_where_there_is_nothing_else():
    later, sooner = coupon("LATER", OfferKind.AMOUNT_OFF, 10_00, days=20), coupon("SOON", OfferKind.AMOUNT_OFF, 10_00)
    assert codes(chosen([later, sooner])) == (["SOON"], [])
    gift = coupon("GIFT", OfferKind.GIFT)
    assert codes(chosen([gift])) == (["GIFT"], [])
    assert codes(chosen([gift, TEN])) == (["TEN"], [])


def test_benefits_count_first_and_a_coupon_of_what_is_left():
    found = chosen([FIFTH], [benefit("member", 10_00)])
    assert (codes(found), found.off_minor) == ((["FIFTH"], ["member"]), 10_00 + 18_00)


def test_several_coupons_where_the_programme_allows_them_percentages_first():
    found = chosen([TEN, FIFTH], coupons=2)
    assert (found.coupons, found.off_minor) == ((("FIFTH", 20_00), ("TEN", 10_00)), 30_00)
    assert codes(chosen([TEN], coupons=0)) == ([], [])
    assert chosen([TEN], coupons=0).why == {"TEN": "no_coupons"}


def test_a_benefit_that_stands_alone_goes_with_nothing_on_the_same_part():
    alone, member = benefit("alone", 25_00, alone=True), benefit("member", 10_00)
    found = chosen([TEN], [alone, member])
    assert codes(found) == (["TEN"], []) or found.off_minor == 25_00
    assert (codes(found), found.off_minor) == (([], ["alone"]), 25_00)
    assert found.why == {"TEN": "not_with_benefit", "member": "not_with_benefit"}
    found = chosen([FIFTH], [alone, member])
    assert (codes(found), found.why) == ((["FIFTH"], ["member"]), {"alone": "not_with_coupon"})
    free = benefit("free", 8_00, shipping=True, alone=True)
    assert codes(chosen([FIFTH], [free])) == (["FIFTH"], ["free"]), "freight is another part"


def test_where_coupons_never_go_with_benefits_the_better_one_is_chosen():
    found = chosen([TEN], [benefit("member", 12_00)], with_benefits=False)
    assert (codes(found), found.why) == (([], ["member"]), {"TEN": "not_with_benefit"})


def test_a_benefit_is_left_out_where_it_would_cost_a_better_coupon():
    large = coupon("LARGE", OfferKind.AMOUNT_OFF, 30_00, least=100_00)
    found = chosen([large], [benefit("member", 5_00)])
    assert (codes(found), found.why) == ((["LARGE"], []), {"member": "takes_less"})
    found = chosen([coupon("SMALL", OfferKind.AMOUNT_OFF, 3_00, least=100_00)], [benefit("member", 5_00)])
    assert found.why == {"SMALL": "below_after_others"}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_no_allowed_combination_takes_more_off(data):
    paid = data.draw(st.integers(0, 200_00))
    terms = CheckoutTerms(coupons=data.draw(st.integers(0, 2)), with_benefits=data.draw(st.booleans()))
    kinds = st.sampled_from([OfferKind.PERCENT_OFF, OfferKind.AMOUNT_OFF])
    coupons = [
        coupon(f"C{n}", data.draw(kinds), data.draw(st.integers(1, 99)), least=data.draw(st.integers(0, 150_00)))
        for n in range(data.draw(st.integers(0, 3)))
    ]
    benefits = [
        benefit(f"b{n}", data.draw(st.integers(1, 40_00)), alone=data.draw(st.booleans()))
        for n in range(data.draw(st.integers(0, 3)))
    ]

    def off(promise, left):
        return check(promise, at=AT, zone=SHANGHAI, spend_minor=left, customer_id=1)

    usable = []
    for one in coupons:
        try:
            off(one, paid)
            usable.append(one)
        except Exception:
            continue
    found = best(usable, benefits, paid=paid, terms=terms, takes_off=off)
    most = 0
    for own in [some for size in range(4) for some in combinations(benefits, size)]:
        if len(own) > 1 and any(one.benefit.alone for one in own):
            continue
        for some in [x for size in range(terms.coupons + 1) for x in combinations(usable, size)]:
            if some and own and (not terms.with_benefits or any(one.benefit.alone for one in own)):
                continue
            total = min(paid, sum(one.off_minor for one in own))
            try:
                for one in sorted(
                    some, key=lambda one: (one.terms.kind is not OfferKind.PERCENT_OFF, one.expires_at, one.coupon_id)
                ):
                    total += off(one, paid - total)
            except Exception:
                continue
            most = max(most, total)
    assert found.off_minor == most
    assert found.off_minor + found.due_minor == paid


@pytest.mark.parametrize(
    "told",
    [{"coupons": 4}, {"coupons": True}, {"points_percent": 101}, {"offline_days": -1}, {"offline_debt": 1.5},
     {"with_benefits": 1}, {"other": 1}, [1]],
)  # fmt: skip
def test_terms_out_of_range(told):
    with pytest.raises(InvalidCheckout):
        CheckoutTerms.read(told)


class TestPoints:
    def test_pay_money_rounded_in_nobodys_favour_twice(self):
        assert Worth(100, 100).needs(5_00) == 500
        assert (Worth(3, 10).needs(16_66), Worth(3, 10).pays(500)) == (500, 16_66)
        assert Worth(3, 10).needs(1) == 1, "a point is the least that there is"
        with pytest.raises(NoPointsValue):
            Worth().needs(1)

    @given(st.integers(0, 10**7), st.integers(0, 100), st.integers(1, 1000), st.integers(1, 1000))
    def test_never_pay_more_than_the_share_that_is_allowed(self, due, percent, points, minor):
        worth = Worth(points, minor)
        most = worth.most(due, percent)
        assert (worth.pays(most) or 0) <= due * percent // 100
        assert worth.needs(worth.pays(most) or 0) <= most


class TestBackByLine:
    LINES = (("1", 100), ("2", 100), ("3", 100))

    def test_largest_remainder_and_the_whole_at_the_end(self):
        assert back_by_line(10, self.LINES, [(("1", 100),)]) == (4, False)
        assert back_by_line(10, self.LINES, [(("2", 50),)]) == (1, False)
        assert back_by_line(10, self.LINES, [(("1", 100), ("2", 100)), (("3", 100),)]) == (10, True)
        assert back_by_line(10, (("1", 0),), []) == (0, False)

    @pytest.mark.parametrize("back", [(("1", 101),), (("9", 1),), (("1", 60), ("1", 60))])
    def test_never_more_than_was_paid(self, back):
        with pytest.raises(RefundAboveOrder):
            back_by_line(10, self.LINES, [back])

    @given(st.integers(0, 1000), st.lists(st.integers(0, 50), min_size=1, max_size=5), st.data())
    def test_in_any_steps_it_comes_to_the_same_and_never_to_more(self, points, amounts, data):
        lines = tuple((str(place), amount) for place, amount in enumerate(amounts))
        refunds, before = [], 0
        for line, amount in lines:
            part = data.draw(st.integers(0, amount))
            for back in (part, amount - part):
                refunds.append(((line, back),))
                so_far, _ = back_by_line(points, lines, refunds)
                assert before <= so_far <= points
                before = so_far
        assert before == points

"""Codes, terms, discounts and words: what needs no database."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.core.calendar import zone
from regulars.core.errors import DomainError
from regulars.loyalty.coupons import codes, rules, words
from regulars.loyalty.coupons.rules import OfferKind, Promise, Terms

SHANGHAI = zone("Asia/Shanghai")
AT = datetime(2026, 3, 1, 10, tzinfo=SHANGHAI)
TEN_OFF = Terms(OfferKind.AMOUNT_OFF, 10_00, min_spend_minor=30_00)
PART_OFF = Terms(OfferKind.PERCENT_OFF, 15)
LATTE = Terms(OfferKind.GIFT, gift=Text("拿铁一杯", "a latte"), unit_cost_minor=8_00)


def promise(terms: Terms = TEN_OFF, **changes: object) -> Promise:
    ends = rules.end_of(AT, terms.days_valid, SHANGHAI)
    one = Promise(1, "ABCD2345WXYZ", 1, Text("好久不见", "Hello"), terms, 5, AT, ends, None, 0)
    return replace(one, **changes)  # type: ignore[arg-type]


def off(one: Promise, spend: int | None = 50_00, *, at: datetime = AT, who: int | None = None) -> int:
    return rules.check(one, at=at, zone=SHANGHAI, spend_minor=spend, customer_id=who)


class TestCodes:
    def test_31_symbols_that_nobody_takes_for_one_another(self) -> None:
        assert len(set(codes.ALPHABET)) == len(codes.ALPHABET) == 31
        assert not set("01OIL") & set(codes.ALPHABET)

    def test_they_are_all_different_and_use_every_letter_evenly(self) -> None:
        made = codes.new_codes(20_000)
        assert len(set(made)) == 20_000
        assert {len(code) for code in made} == {12}
        counted = Counter("".join(made))
        expected = 20_000 * 12 / 31
        assert set(counted) == set(codes.ALPHABET)
        # Chi-square with 30 degrees of freedom: above 85 once in a million runs.
        assert sum((n - expected) ** 2 / expected for n in counted.values()) < 85

    @given(st.integers(0, 40))
    def test_as_many_as_asked(self, count: int) -> None:
        assert len(codes.new_codes(count)) == count

    @pytest.mark.parametrize(
        "told",
        ["7KQMR4WX92TD", "7KQM-R4WX-92TD", " 7kqm r4wx 92td\n", "７ＫＱＭ－ｒ４ｗｘ－９２ｔｄ",
         "7KQM—R4WX–92TD", "7KQM_R4WX\u200b92TD", "7KQM\u3000R4WX\u00a092TD"],
    )  # fmt: skip
    def test_they_are_read_as_people_type_them(self, told: str) -> None:
        assert codes.read(told) == "7KQMR4WX92TD"

    @given(st.sampled_from(codes.new_codes(5)))
    def test_what_is_shown_is_read(self, code: str) -> None:
        assert codes.read(codes.shown(code)) == code
        assert len(codes.shown(code)) == 14

    @pytest.mark.parametrize(
        "told",
        ["", "7KQM-R4WX", "7KQM-R4WX-92TDX", "7KQM-R4WX-92T0", "7KQM-R4WX-92TI", "好久不见好久不见好久不见", "x" * 999],
    )
    def test_what_is_no_code_is_said_to_be_none(self, told: str) -> None:
        with pytest.raises(codes.MalformedCode):
            codes.read(told)

    @given(st.text(max_size=80))
    def test_whatever_is_typed_is_a_code_or_none(self, told: str) -> None:
        with suppress(codes.MalformedCode):
            assert set(codes.read(told)) <= set(codes.ALPHABET)


class TestDiscounts:
    @pytest.mark.parametrize(
        ("terms", "spend", "expected"),
        [(TEN_OFF, 30_00, 10_00), (TEN_OFF, 9_99, 9_99), (TEN_OFF, 0, 0), (TEN_OFF, None, 10_00),
         (PART_OFF, 100_00, 15_00), (PART_OFF, 9_99, 1_50), (PART_OFF, 3, 0), (PART_OFF, 4, 1),
         (LATTE, 50_00, 0), (LATTE, None, 0)],
    )  # fmt: skip
    def test_what_is_taken_off(self, terms: Terms, spend: int | None, expected: int) -> None:
        assert rules.discount_minor(terms, spend) == expected

    @given(st.integers(0, 10**9), st.integers(1, 99), st.integers(1, 10**9))
    def test_never_more_than_the_order_and_never_a_cent_from_the_exact_part(
        self, spend: int, part: int, value: int
    ) -> None:
        exact = rules.discount_minor(Terms(OfferKind.PERCENT_OFF, part), spend)
        assert 0 <= exact <= spend
        assert abs(exact * 100 - spend * part) <= 50
        assert rules.discount_minor(Terms(OfferKind.AMOUNT_OFF, value), spend) == min(value, spend)

    def test_a_part_of_nobody_knows_what(self) -> None:
        with pytest.raises(rules.SpendMissing):
            rules.discount_minor(PART_OFF, None)

    @given(st.integers(1, 10**7), st.integers(1, 99))
    def test_what_was_paid_leads_back_to_what_the_order_came_to(self, spend: int, part: int) -> None:
        for terms in (Terms(OfferKind.PERCENT_OFF, part), Terms(OfferKind.AMOUNT_OFF, part)):
            taken = rules.discount_minor(terms, spend)
            assert rules.spend_before(spend - taken, taken, terms) == spend or taken == 0
            found = rules.spend_before(spend - taken, 0, terms)
            if taken < spend:
                # Rounding hides at most what one minor unit of the rest stands for.
                assert abs(found - spend) <= 100 / (100 - part) + 1
            assert rules.discount_minor(terms, found) <= found


class TestWhenItMayBeUsed:
    def test_through_the_end_of_its_last_day_where_the_shop_is(self) -> None:
        ends = rules.end_of(AT, 7, SHANGHAI)
        assert ends == datetime(2026, 3, 8, 16, tzinfo=UTC)
        assert rules.last_day(ends, SHANGHAI) == date(2026, 3, 8)

    def test_in_its_time_for_an_order_that_is_large_enough(self) -> None:
        assert off(promise()) == 10_00
        assert off(promise(), 30_00, who=5) == 10_00
        assert off(promise(customer_id=None), who=6) == 10_00
        assert off(promise(LATTE), None) == 0

    @pytest.mark.parametrize(
        ("one", "refused", "told", "context"),
        [
            (promise(voided_at=AT), rules.CouponVoided, {}, {"day": date(2026, 3, 1)}),
            (promise(valid_from=AT + timedelta(days=2)), rules.CouponNotYetValid, {}, {"day": date(2026, 3, 3)}),
            (promise(), rules.CouponExpired, {"at": AT + timedelta(days=15)}, {"day": date(2026, 3, 15)}),
            (promise(used=1, last_used_at=AT, last_store="总店"), rules.CouponUsedUp, {},
             {"day": date(2026, 3, 1), "store": "总店"}),
            (promise(), rules.SomebodyElsesCoupon, {"who": 6}, {}),
            (promise(), rules.BelowMinimumSpend, {"spend": 29_99}, {"min_spend_minor": 30_00, "spend_minor": 29_99}),
            (promise(), rules.SpendMissing, {"spend": None}, {"min_spend_minor": 30_00}),
            (promise(PART_OFF), rules.SpendMissing, {"spend": None}, {}),
        ],
    )  # fmt: skip
    def test_or_else_it_says_why_not(
        self, one: Promise, refused: type[DomainError], told: dict[str, object], context: dict[str, object]
    ) -> None:
        with pytest.raises(refused) as raised:
            off(one, **told)  # type: ignore[arg-type]
        assert raised.value.context == context
        said = words.refusal_said(raised.value, "CNY")
        assert said is not None
        for language in said:
            assert language
            assert "None" not in language

    def test_an_hour_before_midnight_of_the_last_day_it_is_good(self) -> None:
        assert off(promise(), at=datetime(2026, 3, 15, 23, 59, tzinfo=SHANGHAI)) == 10_00

    def test_a_shared_code_is_good_until_all_uses_are_gone(self) -> None:
        shared = replace(TEN_OFF, uses_most=3)
        assert off(promise(shared, used=2)) == 10_00
        with pytest.raises(rules.CouponUsedUp, match="3 times"):
            off(promise(shared, used=3))

    def test_each_guesser_has_a_number_of_their_own(self) -> None:
        subjects = {rules.Guesser(kind, one).subject for kind in rules.GuesserKind for one in range(50)}
        assert len(subjects) == 150


class TestTerms:
    @pytest.mark.parametrize("terms", [TEN_OFF, PART_OFF, LATTE])
    def test_these_make_sense(self, terms: Terms) -> None:
        assert rules.checked(terms) == terms

    @pytest.mark.parametrize(
        ("terms", "field"),
        [
            (replace(TEN_OFF, value=0), "value"),
            (replace(PART_OFF, value=100), "value"),
            (replace(LATTE, value=1), "value"),
            (replace(LATTE, gift=Text(" ", "")), "gift"),
            (replace(LATTE, gift=Text("x" * 81, "")), "gift"),
            (replace(TEN_OFF, gift=Text("咖啡", "")), "gift"),
            (replace(TEN_OFF, min_spend_minor=-1), "min_spend_minor"),
            (replace(TEN_OFF, days_valid=0), "days_valid"),
            (replace(TEN_OFF, uses_most=0), "uses_most"),
            (replace(LATTE, unit_cost_minor=-1), "unit_cost_minor"),
        ],
    )
    def test_these_do_not(self, terms: Terms, field: str) -> None:
        with pytest.raises(rules.InvalidOffer) as raised:
            rules.checked(terms)
        assert raised.value.context["field"] == field


class TestWords:
    @pytest.mark.parametrize(
        ("terms", "currency", "zh", "en"),
        [
            (TEN_OFF, "CNY", "满30元减10元", "¥10 off from ¥30"),
            (replace(TEN_OFF, min_spend_minor=0), "CNY", "立减10元", "¥10 off"),
            (replace(TEN_OFF, value=9_90), "CNY", "满30元减9.9元", "¥9.90 off from ¥30"),
            (replace(TEN_OFF, value=1_000_00), "CNY", "满30元减1000元", "¥1,000 off from ¥30"),
            (TEN_OFF, "USD", "满$30减$10", "$10 off from $30"),
            (PART_OFF, "CNY", "8.5折", "15% off"),
            (replace(PART_OFF, value=20, min_spend_minor=100_00), "CNY", "满100元打8折", "20% off from ¥100"),
            (replace(PART_OFF, value=95), "CNY", "0.5折", "95% off"),
            (LATTE, "CNY", "赠拿铁一杯", "Free: a latte"),
            (replace(LATTE, min_spend_minor=30_00), "CNY", "满30元赠拿铁一杯", "Free: a latte from ¥30"),
        ],
    )
    def test_an_offer(self, terms: Terms, currency: str, zh: str, en: str) -> None:
        assert words.terms_said(terms, currency) == Text(zh, en)

    def test_a_used_coupon(self) -> None:
        said = words.refusal_said(rules.CouponUsedUp("", day=date(2026, 3, 1), store="总店"), "CNY")
        assert said == Text("这张券已于 2026-03-01 在总店用过了。", "This coupon was used on 2026-03-01 at 总店.")
        bare = words.refusal_said(rules.CouponUsedUp("", day=None, store=""), "CNY")
        assert bare == Text("这张券已用过了。", "This coupon was used.")

    def test_what_is_missing_to_the_minimum(self) -> None:
        said = words.refusal_said(rules.BelowMinimumSpend("", min_spend_minor=30_00, spend_minor=29_99), "CNY")
        assert said == Text("满30元才能用，还差0.01元。", "This coupon is good from ¥30; ¥0.01 more is needed.")

    def test_other_errors_are_not_about_coupons(self) -> None:
        assert words.refusal_said(DomainError(), "CNY") is None

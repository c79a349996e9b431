"""What each kind of benefit takes off a bill, and which terms are no benefit."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.loyalty.benefits.applying import applicable
from regulars.loyalty.benefits.kinds import BENEFIT_KINDS, OWN
from regulars.loyalty.benefits.kinds.early_access import EarlyAccess
from regulars.loyalty.benefits.reading import benefits
from regulars.loyalty.benefits.rules import (
    AmountMissing,
    Benefit,
    Bill,
    Holder,
    InvalidBenefit,
    MinimumSpend,
    Names,
    NotForThisOrder,
    NothingToTakeOff,
    QuotaPeriod,
    TakenOff,
)
from regulars.loyalty.benefits.words import KINDS, refusal_said, said
from regulars.loyalty.rules import InvalidPolicy, Policy, preset_terms
from tests.flows.world import SHANGHAI, when
from tests.loyalty.benefits import club

TIERS = ("basic", "silver", "gold", "black")
NAMES = Names("CNY", {7: Text("买一送一", "two for one")}, {}, {"silver": Text("银卡", "Silver")})

UNHURRIED = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no mistake."""


def read(*told: dict[str, Any]) -> tuple[Benefit, ...]:
    return benefits(told, tiers=TIERS, rules=("member_day",))


def effect(**told: Any) -> Any:
    return read({"code": "x", **told})[0].effect


def test_every_kind_is_read_shown_and_told_apart() -> None:
    assert set(BENEFIT_KINDS) == set(OWN) == set(KINDS)
    found = read(*club.ALL["benefits"])
    assert {one.kind for one in found} == set(BENEFIT_KINDS)
    sentences = {language: {said(one, NAMES).said(language) for one in found} for language in ("zh", "en")}
    assert all(len(told) == len(found) for told in sentences.values())


@pytest.mark.parametrize(
    ("percent", "cap", "total", "off"),
    [(5, 0, 100_00, 5_00), (5, 0, 99, 5), (5, 0, 9, 0), (5, 0, 10, 1), (10, 20_00, 1000_00, 20_00), (99, 0, 1, 1)],
)
def test_a_discount_is_per_cent_rounded_half_up_up_to_its_cap(percent: int, cap: int, total: int, off: int) -> None:
    discount = effect(kind="discount", percent=percent, most_minor=cap)
    assert discount.takes_off(Bill(total)) == TakenOff(total, off)


def test_a_discount_has_a_minimum_spend_that_says_what_is_missing() -> None:
    discount = effect(kind="discount", percent=5, min_spend_minor=100_00)
    assert discount.takes_off(Bill(100_00)).off_minor == 5_00
    with pytest.raises(MinimumSpend) as refused:
        discount.takes_off(Bill(99_99))
    assert refused.value.context == {"min_spend_minor": 100_00, "spend_minor": 99_99}
    assert refusal_said(refused.value, NAMES) == Text(
        "满100元才能用，还差0.01元。", "Good from ¥100; ¥0.01 more is needed."
    )
    with pytest.raises(AmountMissing):
        discount.takes_off(Bill())


def test_freight_is_free_up_to_an_amount_and_none_is_spent_where_there_is_none() -> None:
    post = effect(kind="free_shipping", most_minor=12_00)
    assert [post.takes_off(Bill(None, freight)) for freight in (8_00, 30_00)] == [(8_00, 8_00), (30_00, 12_00)]
    assert effect(kind="free_shipping").takes_off(Bill(None, 30_00)).off_minor == 30_00
    with pytest.raises(NothingToTakeOff):
        post.takes_off(Bill(50_00, 0))
    with pytest.raises(AmountMissing) as refused:
        post.takes_off(Bill(50_00))
    assert refused.value.context["field"] == "shipping"
    with pytest.raises(MinimumSpend):
        effect(kind="free_shipping", min_spend_minor=1).takes_off(Bill(0, 5_00))


@pytest.mark.parametrize(
    ("percent", "least", "fee", "off"), [(50, 1_00, 10_00, 5_00), (50, 1_00, 1_50, 50), (100, 0, 3_00, 3_00)]
)
def test_a_fee_never_falls_below_what_is_charged_at_least(percent: int, least: int, fee: int, off: int) -> None:
    wire = effect(kind="fee_discount", fee="transfer", percent=percent, least_minor=least)
    assert wire.takes_off(Bill(fees={"transfer": fee, "other": 99_00})) == TakenOff(fee, off)


def test_a_fee_that_is_not_there_is_named() -> None:
    wire = effect(kind="fee_discount", fee="transfer", percent=50, least_minor=1_00)
    with pytest.raises(AmountMissing) as refused:
        wire.takes_off(Bill(fees={"other": 99_00}))
    assert refused.value.context["field"] == "fees.transfer"
    with pytest.raises(NothingToTakeOff):
        wire.takes_off(Bill(fees={"transfer": 1_00}))


@UNHURRIED
@given(
    percent=st.integers(1, 99), cap=st.integers(0, 10**9), total=st.integers(0, 10**12), fee=st.integers(0, 10**9),
    least=st.integers(0, 10**9), freight=st.integers(1, 10**9),
)  # fmt: skip
def test_nothing_takes_off_more_than_there_is(
    percent: int, cap: int, total: int, fee: int, least: int, freight: int
) -> None:
    assert 0 <= effect(kind="discount", percent=percent, most_minor=cap).takes_off(Bill(total)).off_minor <= total
    assert 0 < effect(kind="free_shipping", most_minor=cap).takes_off(Bill(None, freight)).off_minor <= freight
    try:
        off = effect(kind="fee_discount", fee="f", percent=percent, least_minor=least).takes_off(Bill(fees={"f": fee}))
    except NothingToTakeOff:
        return
    assert fee - off.off_minor >= least


def test_early_access_takes_nothing_off() -> None:
    early = effect(kind="early_access", days=3)
    assert isinstance(early, EarlyAccess)
    assert (early.days, early.takes_off(Bill(total_minor=100_00)).off_minor) == (3, 0)


def test_a_condition_asks_about_the_bill_the_hour_and_the_tier() -> None:
    evening = {
        "all": [{"field": "hour", "op": "ge", "value": 18}, {"field": "channel", "op": "in", "value": ["store"]}]
    }
    found = read({**club.PERCENT, "if": evening})
    holder = Holder(1, "basic")

    def refused(at: datetime, channel: str) -> type | None:
        [one] = applicable(found, holder, Bill(50_00, channel=channel), at=at, zone=SHANGHAI)
        return type(one.refused) if one.refused else None

    assert refused(when("2026-03-10 18:00"), "store") is None
    assert refused(when("2026-03-10 17:59"), "store") is NotForThisOrder
    assert refused(when("2026-03-10 18:00"), "online") is NotForThisOrder
    assert said(found[0], NAMES).zh == "全单9.5折；仅限18 点以后，且渠道是门店。"


def test_what_a_tier_does_not_have_is_left_out_and_what_is_left_is_told() -> None:
    found = read(*club.ALL["benefits"])
    told = applicable(found, Holder(1, "gold", used={"post": 2}), None, at=club.AT, zone=SHANGHAI)
    assert [(one.benefit.code, one.left, one.again) for one in told] == [
        ("five", None, None), ("cake", 1, None), ("post", 0, date(2026, 4, 1)), ("wire", None, None),
        ("lounge", 2, None), ("early", None, None), ("double", None, None),
    ]  # fmt: skip
    codes = [one.benefit.code for one in applicable(found, Holder(1, "basic"), None, at=club.AT, zone=SHANGHAI)]
    assert codes == ["five", "cake", "wire", "lounge", "double"]


@pytest.mark.parametrize(
    ("period", "starts", "ends"),
    [
        (QuotaPeriod.DAY, "2026-02-28", "2026-03-01"),
        (QuotaPeriod.WEEK, "2026-02-23", "2026-03-02"),
        (QuotaPeriod.MONTH, "2026-02-01", "2026-03-01"),
        (QuotaPeriod.QUARTER, "2026-01-01", "2026-04-01"),
        (QuotaPeriod.YEAR, "2026-01-01", "2027-01-01"),
        (QuotaPeriod.EVER, "0001-01-01", None),
    ],
)
def test_periods_touch(period: QuotaPeriod, starts: str, ends: str | None) -> None:
    day = date(2026, 2, 28)
    assert (period.starts(day), period.ends(day)) == (
        date.fromisoformat(starts), date.fromisoformat(ends) if ends else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"kind": "present"}, "kind"),
        ({"kind": "discount", "percent": 0}, "percent"),
        ({"kind": "discount", "percent": 5.0}, "percent"),
        ({"kind": "discount", "percent": True}, "percent"),
        ({"kind": "discount", "percent": 100}, "percent"),
        ({"kind": "discount", "percent": 5, "most_minor": -1}, "most_minor"),
        ({"kind": "discount", "percent": 5, "days": 3}, "kind"),
        ({"kind": "birthday_gift"}, "gift"),
        ({"kind": "birthday_gift", "gift": {"fr": "gâteau"}}, "gift"),
        ({"kind": "birthday_gift", "gift": {"zh": "礼"}, "days_before": 61}, "days_before"),
        ({"kind": "birthday_gift", "gift": {"zh": "礼"}, "whole_month": True, "days_after": 1}, "days"),
        ({"kind": "birthday_gift", "gift": {"zh": "礼"}, "quota": {"period": "year", "times": 2}}, "quota"),
        ({"kind": "birthday_gift", "offer": 0}, "offer"),
        ({"kind": "fee_discount", "percent": 5}, "fee"),
        ({"kind": "early_access", "days": 0}, "days"),
        ({"kind": "early_access", "days": 3, "quota": {"period": "year", "times": 2}}, "quota"),
        ({"kind": "dedicated_service"}, "about"),
        ({"kind": "points", "rule": "nothing"}, "rule"),
        ({"kind": "discount", "percent": 5, "tiers": ["platinum"]}, "tiers"),
        ({"kind": "discount", "percent": 5, "quota": {"period": "decade", "times": 1}}, "quota"),
        ({"kind": "discount", "percent": 5, "quota": {"period": "year", "times": -1}}, "times"),
        ({"kind": "discount", "percent": 5, "quota": {"period": "year", "times": 1, "by_tier": {"x": 1}}}, "quota"),
        ({"kind": "discount", "percent": 5, "starts": "2026-03-02", "ends": "2026-03-01"}, "ends"),
        ({"kind": "discount", "percent": 5, "alone": "yes"}, "alone"),
        ({"kind": "discount", "percent": 5, "if": {"field": "first_order", "op": "is", "value": True}}, "if"),
    ],
)
def test_what_is_no_benefit_names_the_place(told: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidBenefit) as refused:
        read({"code": "x", **told})
    assert (refused.value.context["field"], refused.value.context["benefit"]) == (field, "x")


def test_terms_are_refused_with_a_sentence_that_names_the_benefit() -> None:
    terms = {**preset_terms(2), "benefits": [club.PERCENT, club.PERCENT]}
    with pytest.raises(InvalidPolicy, match="Two benefits are called five") as refused:
        Policy.from_terms(1, terms, SHANGHAI)
    assert refused.value.context["benefit"] == "five"

"""A use is recorded, limited over everybody who is one person, given back, and the same for the same key."""

from typing import Any

import pytest
from django.db import transaction

from regulars.facts.actions import ensure_source
from regulars.facts.rules import KeyReused
from regulars.flows.use_benefits import benefits_of, use_benefit
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.benefits import actions
from regulars.loyalty.benefits.actions import BenefitCouponUsed, NoBenefitUse
from regulars.loyalty.benefits.rules import (
    Bill,
    MemberFrozen,
    MinimumSpend,
    NotForThisTier,
    NothingToTakeOff,
    NothingToUse,
    NotNow,
    OrderGone,
    QuotaUsedUp,
    UnknownBenefit,
)
from regulars.loyalty.coupons.actions import Issued
from regulars.loyalty.coupons.rules import OrderKey
from regulars.loyalty.rules import ItemKind
from tests.console.shop import counted
from tests.flows.world import World, cancel, order, query, refund, when
from tests.loyalty.benefits import club
from tests.loyalty.benefits.club import AT, born, undo, use, uses
from tests.loyalty.coupons import shop as coupon_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> World:
    return club.shop()


def test_a_use_takes_off_what_the_version_promises_and_says_what_is_left(books: World) -> None:
    receipt = use(books, "anna", "post", shipping=15_00)
    assert (receipt.use.off_minor, receipt.use.part_minor, receipt.left, receipt.again) == (12_00, 15_00, 1, None)
    assert (receipt.use.tier, receipt.use.version, str(receipt.use.day)) == ("silver", 2, "2026-03-10")
    assert use(books, "anna", "five", "other", total=88_00).left is None


def test_the_same_key_is_the_same_use_and_another_body_is_refused(books: World) -> None:
    first = use(books, "anna", "post", "t1", shipping=15_00)
    assert use(books, "anna", "post", "t1", shipping=15_00, at=books.now) == first
    for more in ({"shipping": 16_00}, {"shipping": 15_00, "total": 1}, {"shipping": 15_00, "store": "S1"}):
        with pytest.raises(KeyReused):
            use(books, "anna", "post", "t1", **more)  # type: ignore[arg-type]
    with pytest.raises(KeyReused):
        use(books, "bo", "post", "t1", shipping=15_00)
    assert uses("post") == [("t1", 12_00, "")]


def test_a_merge_between_two_tries_changes_nothing_of_what_was_asked(books: World) -> None:
    first = use(books, "anna", "post", "t1", shipping=15_00)
    books.merge("anna", "bo")
    assert use(books, "anna", "post", "t1", shipping=15_00).use.id == first.use.id
    assert use(books, "bo", "post", "t1", shipping=15_00).use.id == first.use.id


def test_a_quota_is_used_up_says_when_there_is_room_and_has_room_then(books: World) -> None:
    use(books, "anna", "post", "1", shipping=15_00)
    assert str(use(books, "anna", "post", "2", shipping=15_00).again) == "2026-04-01"
    with pytest.raises(QuotaUsedUp) as refused:
        use(books, "anna", "post", "3", shipping=15_00, at=when("2026-03-31 23:59"))
    assert str(refused.value.context["day"]) == "2026-04-01"
    assert use(books, "anna", "post", "4", shipping=15_00, at=when("2026-04-01 00:00")).left == 1


def test_a_till_that_was_offline_counts_in_the_month_in_which_it_was(books: World) -> None:
    for key in ("1", "2"):
        use(books, "anna", "post", key, shipping=15_00, at=when("2026-04-02 10:00"))
    assert use(books, "anna", "post", "late", shipping=15_00, at=AT).left == 1


def test_what_cannot_be_used_has_a_name(books: World) -> None:
    with pytest.raises(NotForThisTier) as refused:
        use(books, "bo", "post", shipping=15_00)
    assert refused.value.context == {"tier": "basic", "tiers": ("silver", "gold", "black")}
    with pytest.raises(UnknownBenefit):
        use(books, "bo", "nothing")
    with pytest.raises(NothingToUse):
        use(books, "bo", "double")
    with pytest.raises(NothingToTakeOff):
        use(books, "anna", "post", shipping=0)
    with pytest.raises(UnknownCustomer):
        use_benefit(customer_id=10**9, code="five", key="k", bill=Bill(1), policies=books.policies, at=AT)
    assert query("SELECT count(*) FROM loyalty_benefituse") == [(0,)]


def test_a_benefit_holds_on_its_days_and_under_the_version_of_that_moment(db: None) -> None:
    limited = {**club.PERCENT, "starts": "2026-03-08", "ends": "2026-03-10"}
    books = World(
        terms=[("2020-01-01 00:00", {"benefits": [limited]}), ("2026-03-15 00:00", {"benefits": [
            {**club.PERCENT, "percent": 8, "min_spend_minor": 60_00}]})]
    )  # fmt: skip
    books.tell(order("A", "anna", when("2026-01-01 10:00"), 10_00))
    with pytest.raises(NotNow) as refused:
        use(books, "anna", "five", at=when("2026-03-07 23:59"))
    assert str(refused.value.context["day"]) == "2026-03-08"
    assert use(books, "anna", "five", "1", at=when("2026-03-10 23:59")).use.off_minor == 5_00
    with pytest.raises(NotNow):
        use(books, "anna", "five", at=when("2026-03-11 00:00"))
    late = use(books, "anna", "five", "2", at=when("2026-03-15 00:00"))
    assert (late.use.off_minor, late.use.version) == (8_00, 3)
    with pytest.raises(MinimumSpend):
        use(books, "anna", "five", "3", at=books.now, total=59_99)


def test_the_tier_is_that_of_the_day(books: World) -> None:
    books.tell(order("B2", "bo", when("2026-03-12 10:00"), 1000_00))
    with pytest.raises(NotForThisTier):
        use(books, "bo", "post", shipping=5_00, at=when("2026-03-11 23:59"))
    assert use(books, "bo", "post", shipping=5_00, at=when("2026-03-12 23:59")).use.tier == "silver"


def test_who_is_one_person_has_one_quota(books: World) -> None:
    """Two cards, each used once: together the quota is used up, and parted each has one left again."""
    use(books, "bo", "lounge", "1")
    use(books, "chen", "lounge", "2")
    merge = books.merge("chen", "bo")
    for who in ("bo", "chen"):
        with pytest.raises(QuotaUsedUp):
            use(books, who, "lounge", "3")
    books.undo(merge)
    assert use(books, "chen", "lounge", "4").left == 0
    assert use(books, "bo", "lounge", "5").left == 0


def test_a_use_is_undone_once_and_its_room_comes_back(books: World) -> None:
    use(books, "bo", "lounge", "1")
    use(books, "bo", "lounge", "2")
    undone = undo(books, "1")
    assert (undone.left, undone.use.undone_by) == (1, "test")
    assert undo(books, "1") == undone
    assert use(books, "bo", "lounge", "3").left == 0
    with pytest.raises(NoBenefitUse):
        undo(books, "nothing")


def test_a_frozen_member_uses_nothing_until_it_is_lifted(books: World) -> None:
    books.command(ItemKind.FREEZE, "bo", 0, "freeze")
    with pytest.raises(MemberFrozen):
        use(books, "bo", "five")
    books.command(ItemKind.UNFREEZE, "bo", 0, "lift")
    assert use(books, "bo", "five").use.off_minor == 5_00


def test_what_a_checkout_holds_counts_until_its_time_is_over(books: World) -> None:
    def held(key: str, at: Any, until: Any) -> actions.Receipt:
        return actions.use(
            customer_id=books.customer("bo"), code="lounge", key=key, bill=Bill(), at=at, policies=books.policies,
            reserved_until=until,
        )  # fmt: skip

    with transaction.atomic():
        first = held("1", AT, when("2026-03-10 15:15"))
        second = held("2", AT, when("2026-03-10 15:15"))
        actions.confirm(use_ids=[second.use.id], order=OrderKey(ensure_source("till"), "A9"))
    with pytest.raises(QuotaUsedUp):
        use(books, "bo", "lounge", "3", at=when("2026-03-10 15:14"))
    assert use(books, "bo", "lounge", "4", at=when("2026-03-10 15:15")).left == 0, "the first held for too long"
    with transaction.atomic():
        actions.release(use_ids=[first.use.id], actor="till", at=AT)
    assert query("SELECT order_key, reserved_until FROM loyalty_benefituse WHERE id = %s", [second.use.id]) == [
        ("A9", None)
    ]


@pytest.mark.parametrize("gone", ["cancelled", "refunded"])
def test_an_order_that_comes_to_nothing_gives_back_what_it_used(books: World, gone: str) -> None:
    use(books, "anna", "post", "1", shipping=15_00, order=("till", "N1"))
    use(books, "anna", "post", "2", shipping=15_00, order=("till", "N2"))
    books.tell(order("N1", "anna", AT, 80_00), order("N2", "anna", AT, 80_00))
    over = cancel("X", "N1", books.now) if gone == "cancelled" else refund("X", "N1", books.now)
    books.tell(refund("part", "N2", books.now, 79_99), over)
    assert uses("post") == [("1", 12_00, gone), ("2", 12_00, "")]
    assert use(books, "anna", "post", "3", shipping=15_00).left == 0
    books.tell(refund("rest", "N2", books.now, 1))
    assert uses("post")[1] == ("2", 12_00, "refunded")


def test_nothing_is_used_for_an_order_that_is_gone_already(books: World) -> None:
    books.tell(order("N1", "anna", AT, 80_00), cancel("X", "N1", books.now))
    with pytest.raises(OrderGone):
        use(books, "anna", "post", shipping=15_00, order=("till", "N1"))


def test_a_birthday_coupon_comes_with_the_gift_and_goes_with_it(db: None) -> None:
    offer_id = coupon_shop.offer()
    books = club.shop(terms={"benefits": [{"code": "cake", "kind": "birthday_gift", "offer": offer_id}]})
    born(books, "bo", "1990-03-10")
    receipt = use(books, "bo", "cake", "1")
    [(code, owner, voided)] = query("SELECT code, customer_id, voided_at FROM loyalty_coupon")
    assert (receipt.use.coupon, owner, voided) == (code, books.customer("bo"), None)
    assert undo(books, "1").use.undone_at == books.now
    assert query("SELECT voided_at FROM loyalty_coupon") == [(books.now,)]
    second = use(books, "bo", "cake", "2")
    assert second.use.coupon != code
    coupon_shop.redeem(Issued(second.use.coupon_id or 0, second.use.coupon, None, AT), at=AT)
    with pytest.raises(BenefitCouponUsed):
        undo(books, "2")


def test_what_a_member_has_is_read_in_few_statements(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    use(books, "anna", "post", shipping=15_00)
    customer_id = books.customer("anna")
    with counted(monkeypatch) as seen:
        found = benefits_of(customer_id=customer_id, policies=books.policies, currency="CNY", at=AT)
    assert found is not None
    assert len(seen) == 2
    assert {one.benefit.code: one.left for one in found.benefits} == {
        "five": None, "cake": 1, "post": 1, "wire": None, "lounge": 2, "double": None,
    }  # fmt: skip
    assert benefits_of(customer_id=10**9, policies=books.policies, currency="CNY", at=AT) is None

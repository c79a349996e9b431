"""One coupon at 64 tills: one reserves it; what is reserved is nobody else's until its time is over."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Barrier

import pytest

from regulars.flows.check_out import take_step
from regulars.flows.redeem_coupons import redeem_coupon
from regulars.flows.release_holds import release_holds
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.checkout.rules import Ask, HoldEnded, Step
from regulars.loyalty.coupons import queries
from regulars.loyalty.coupons.actions import Issued
from regulars.loyalty.coupons.rules import CouponReserved, CouponUsedUp, Guesser, GuesserKind
from regulars.loyalty.rules import ItemKind
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, query, when
from tests.loyalty.coupons import shop

CONNECTIONS, EACH = 64, 8


@pytest.fixture
def books(transactional_db: None) -> World:
    found = World(now="2026-03-01 12:00")
    for who in ("anna", "ben"):
        found.tell(order(f"A {who}", who, when("2026-02-01 10:00"), 100_00))
    return found


@pytest.fixture
def coupon(books: World) -> Issued:
    return shop.issue(shop.offer(), at=books.now)


def ask(kind: ItemKind, key: str, coupon: Issued | None = None, **more: object) -> Ask:
    codes = (coupon.code,) if coupon else None
    return Ask(kind, key, **{"points": None, "coupons": codes, "minutes": 15, **more})  # type: ignore[arg-type]


def step(books: World, one: Ask, till: int = 0, *, late: int = 0) -> Step:
    guesser = Guesser(GuesserKind.STAFF, till + 1) if one.kind in (ItemKind.HOLD, ItemKind.REDEEM) else None
    at = books.now + timedelta(minutes=late)
    return take_step(ask=one, policies=books.policies, zone=books.zone, guesser=guesser, at=at)


def reserve(books: World, coupon: Issued, till: int, turn: int = 0) -> Step:
    return step(books, ask(ItemKind.HOLD, f"{till}:{turn}", coupon, basket=basket()), till)


def basket() -> object:
    from regulars.facts.kinds import order_completed
    from regulars.loyalty.checkout.rules import Basket

    body = order_completed.make_body(currency="CNY", paid=50_00, lines=[])
    return Basket(when("2026-03-01 12:00"), 50_00, body)


def test_of_500_attempts_at_64_tills_one_reserves_it(books: World, coupon: Issued) -> None:
    def till(number: int) -> int:
        served = 0
        for turn in range(EACH):
            try:
                reserve(books, coupon, number, turn)
                served += 1
            except CouponReserved:
                continue
        return served

    results = at_once([lambda n=n: till(n) for n in range(CONNECTIONS)])  # type: ignore[misc]
    assert failures(results) == []
    assert sum(one for one in results if isinstance(one, int)) == 1
    assert query("SELECT count(*) FROM loyalty_couponuse") == [(1,)]
    assert query("SELECT count(*) FROM loyalty_checkoutstep") == [(1,)]
    shop.assert_agrees()


def test_with_the_lock_left_out_the_race_shows(
    books: World, coupon: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """The control: all read that one use is left, and more than one is told yes."""
    everybody, held, reading = Barrier(8), limits.hold, queries.promises

    def no_lock(subjects: Iterable[tuple[Kind, int]]) -> None:
        wanted = list(subjects)
        if wanted and wanted[0][0] is not Kind.COUPON_USES:
            held(wanted)

    def at_the_same_moment(*told: object, **more: object) -> object:
        found = reading(*told, **more)  # type: ignore[arg-type]
        everybody.wait(timeout=30)
        return found

    monkeypatch.setattr(limits, "hold", no_lock)
    monkeypatch.setattr(queries, "promises", at_the_same_moment)
    results = at_once([lambda n=n: reserve(books, coupon, n) for n in range(8)])  # type: ignore[misc]
    assert sum(isinstance(one, Step) for one in results) > 1 or any(
        isinstance(one, AssertionError) for one in failures(results)
    )


def test_reserved_at_one_till_it_is_used_at_no_other_until_its_time_is_over(books: World, coupon: Issued) -> None:
    hold = reserve(books, coupon, 1)
    guesser = Guesser(GuesserKind.STAFF, 9)

    def redeem(late: int) -> object:
        at = books.now + timedelta(minutes=late)
        return redeem_coupon(
            code=coupon.code, guesser=guesser, key=f"r{late}", zone=books.zone, at=at, spend_minor=50_00
        )  # fmt: skip

    with pytest.raises(CouponReserved):
        redeem(14)
    work: list[Callable[[], object]] = [lambda: redeem(15)]
    work += [lambda n=n: step(books, ask(ItemKind.CAPTURE, f"c{n}", refers_to=hold.id), late=15) for n in range(4)]  # type: ignore[misc]
    work += [lambda: list(release_holds(policies=books.policies, at=books.now + timedelta(minutes=15)))]
    results = at_once(work)
    assert {type(error) for error in failures(results)} == {HoldEnded}
    assert query("SELECT undone_at IS NULL, reserved_until IS NULL FROM loyalty_couponuse ORDER BY id") == [
        (False, False), (True, True),
    ]  # fmt: skip
    shop.assert_agrees()


def test_captures_and_releases_of_one_hold_use_its_coupon_once(books: World, coupon: Issued) -> None:
    hold = step(
        books, ask(ItemKind.HOLD, "h", coupon, points=60, customer_id=books.customer("anna"), basket=basket())
    )  # fmt: skip
    results = at_once(
        [
            *[lambda n=n: step(books, ask(ItemKind.CAPTURE, f"c{n}", refers_to=hold.id)) for n in range(4)],  # type: ignore[misc]
            *[lambda n=n: step(books, ask(ItemKind.RELEASE, f"r{n}", refers_to=hold.id)) for n in range(4)],  # type: ignore[misc]
        ]
    )
    assert sum(isinstance(one, Step) for one in results) == 1
    assert {type(error).__name__ for error in failures(results)} == {"NothingLeft"}
    shop.assert_agrees()
    books.assert_clean()


def test_one_key_of_nobody_at_many_tills_is_one_reservation(books: World, coupon: Issued) -> None:
    results = at_once([lambda: step(books, ask(ItemKind.HOLD, "the same", coupon, basket=basket())) for _ in range(8)])
    assert failures(results) == []
    [hold] = set(results)
    assert isinstance(hold, Step)
    captures = at_once(
        [lambda n=n: step(books, ask(ItemKind.CAPTURE, f"c{n % 2}", refers_to=hold.id)) for n in range(8)]  # type: ignore[misc]
    )
    assert [type(error).__name__ for error in failures(captures)] == ["NothingLeft"] * 4
    assert len({one for one in captures if isinstance(one, Step)}) == 1
    shop.assert_agrees()


def test_two_members_merge_between_reserve_and_capture(books: World) -> None:
    own = shop.issue(shop.offer(), who=books.customer("ben"), at=books.now)
    hold = step(
        books, ask(ItemKind.HOLD, "h", own, points=100, customer_id=books.customer("ben"), basket=basket())
    )  # fmt: skip
    books.merge("ben", "anna")
    captured = step(books, ask(ItemKind.CAPTURE, "c", refers_to=hold.id))
    assert (captured.points, captured.spendable, [one.off_minor for one in captured.coupons]) == (100, 100, [10_00])
    with pytest.raises(CouponUsedUp):
        step(books, ask(ItemKind.HOLD, "h2", own, customer_id=books.customer("anna"), basket=basket()))
    books.assert_clean()

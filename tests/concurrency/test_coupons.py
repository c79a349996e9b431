"""The last use of a coupon at many tills, and a thousand guesses at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from regulars.facts.rules import KeyReused
from regulars.flows.redeem_coupons import redeem_coupon, undo_redemption
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import actions, codes, queries
from regulars.loyalty.coupons.actions import Issued, Receipt, TooManyGuesses, UnknownCode
from regulars.loyalty.coupons.guesses import wrong_guesses
from regulars.loyalty.coupons.rules import CouponUsedUp, CouponVoided, Guesser, GuesserKind
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import query
from tests.loyalty.coupons import shop
from tests.loyalty.coupons.shop import AT, SHANGHAI

CONNECTIONS, EACH = 64, 8
TILLS = [Guesser(GuesserKind.STAFF, number) for number in range(CONNECTIONS)]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def coupon() -> Issued:
    return shop.issue(shop.offer())


def added(results: Sequence[Counter[str] | BaseException]) -> Counter[str]:
    return sum((one for one in results if isinstance(one, Counter)), Counter())


def redeem(coupon: Issued, key: str, till: Guesser = TILLS[0]) -> Receipt:
    return redeem_coupon(code=coupon.code, guesser=till, key=key, zone=SHANGHAI, at=AT, spend_minor=50_00)


def test_of_500_attempts_at_one_last_use_one_is_served(coupon: Issued) -> None:
    def till(number: int) -> Counter[str]:
        came: Counter[str] = Counter()
        for turn in range(EACH):
            try:
                redeem(coupon, f"{number}:{turn}", TILLS[number])
                came["served"] += 1
            except CouponUsedUp:
                came["used up"] += 1
        return came

    results = at_once([lambda n=n: till(n) for n in range(CONNECTIONS)])  # type: ignore[misc]
    assert failures(results) == []
    assert added(results) == {"served": 1, "used up": CONNECTIONS * EACH - 1}
    assert query("SELECT count(*) FROM loyalty_couponuse") == [(1,)]
    shop.assert_agrees()


def test_with_the_lock_left_out_the_race_shows(coupon: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all read that one use is left, and more than one is told yes."""
    everybody, held = Barrier(8), limits.hold
    reading = queries.promises

    def no_lock(subjects: Iterable[tuple[Kind, int]]) -> None:
        wanted = list(subjects)
        if wanted[0][0] is not Kind.COUPON_USES:
            held(wanted)

    def read_together(*args: Any, **named: Any) -> Any:
        found = reading(*args, **named)
        everybody.wait(timeout=30)
        return found

    monkeypatch.setattr(limits, "hold", no_lock)
    monkeypatch.setattr(queries, "promises", read_together)
    results = at_once([lambda n=n: redeem(coupon, f"till {n}", TILLS[n]) for n in range(8)])  # type: ignore[misc]
    monkeypatch.undo()
    assert sum(isinstance(result, Receipt) for result in results) > 1, results
    assert queries.differences()[0] != []


def test_one_key_at_many_tills_is_one_use(coupon: Issued) -> None:
    results = at_once([lambda n=n: redeem(coupon, "the same", TILLS[n]) for n in range(12)])  # type: ignore[misc]
    assert failures(results) == []
    assert len({result.use_id for result in results if isinstance(result, Receipt)}) == 1


def test_one_key_for_two_coupons_is_refused_for_one_of_them() -> None:
    made = shop.offer()
    for turn in range(5):
        two = [shop.issue(made, f"{turn}:{n}") for n in range(2)]
        results = at_once([lambda c=c, t=turn: redeem(c, f"{t}") for c in two])  # type: ignore[misc]
        assert [type(error) for error in failures(results)] == [KeyReused]
    shop.assert_agrees()


def test_used_and_undone_and_taken_back_at_once_it_is_counted_right(coupon: Issued) -> None:
    redeem(coupon, "first")
    work: list[Any] = []
    for n in range(6):
        work.append(lambda n=n: redeem(coupon, f"till {n}", TILLS[n]))
        work.append(lambda: undo_redemption(key="first", at=AT))
    work.append(lambda: actions.void(coupon_ids=[coupon.coupon_id], actor="", at=AT + timedelta(days=1)))
    refused = {type(error) for error in failures(at_once(work))}
    assert refused <= {CouponUsedUp, CouponVoided}
    shop.assert_agrees()


def test_one_key_is_issued_one_coupon() -> None:
    made = shop.offer()
    wanted = shop.keys("k", range(200))
    ask = [
        lambda order=order: actions.issue_many(offer_id=made, wanted=order, zone=SHANGHAI, at=AT)  # type: ignore[misc]
        for order in (wanted, wanted[::-1], wanted[50:]) * 3
    ]
    results = at_once(ask)
    assert failures(results) == []
    assert query("SELECT count(*), count(DISTINCT code) FROM loyalty_coupon") == [(200, 200)]
    assert len({frozenset((k, r["k99"].code) for k in ["k99"]) for r in results if isinstance(r, dict)}) == 1


def test_many_guesses_at_once_are_stopped_before_they_are_looked_up(coupon: Issued) -> None:
    """300 over 16 connections by one guesser: five are answered; the right code among the rest is not found."""
    wrong = codes.new_codes(300 - 1)
    mixed = [*wrong[:200], coupon.code, *wrong[200:]]
    for _ in range(5):
        with pytest.raises(UnknownCode):
            actions.look_up(code="222222222222", guesser=TILLS[1], at=AT)

    def guess(portion: list[str], till: Guesser) -> Counter[str]:
        came: Counter[str] = Counter()
        for code in portion:
            try:
                actions.look_up(code=code, guesser=till, at=AT)
                came["found"] += 1
            except (UnknownCode, TooManyGuesses) as error:
                came[error.code] += 1
        return came

    for till, expected in (
        (TILLS[0], {"unknown_code": 5, "too_many_guesses": 294}),
        (TILLS[1], {"too_many_guesses": 300}),
    ):
        told = wrong if till is TILLS[0] else mixed
        results = at_once([lambda n=n, t=till, m=told: guess(m[n::16], t) for n in range(16)])  # type: ignore[misc]
        assert failures(results) == []
        assert added(results) == expected
    assert wrong_guesses(at=AT).codes == 10
    assert connection.in_atomic_block is False

"""After which order, refund or tier change people leave, counted by hand."""

from datetime import timedelta

import pytest

from regulars.insight.compute.churn.moments import Moment, moments
from tests.insight.compute.churn.shops import DAY, OPENED, of_orders

HORIZON = 30
VISITS = {1: [0, 10, 200], 2: [5], 3: [50, 80, 111], 4: [280, 290], 5: [100, 100]}
"""1 comes back after 10 days and then not within 30; 2 never; 3 on the last day of the horizon, then a day late; 4 came
too recently to be watched; 5 twice on a day."""


def told() -> dict[tuple[str, int], Moment]:
    orders = [{"customer": one, "day": day} for one, days in VISITS.items() for day in days]
    back = [(3, 60, False), (1, 20, False), (2, 6, True), (4, 285, False)]
    returns = [
        {
            "return_id": place,
            "identity_id": who,
            "day": OPENED + timedelta(days=day),
            "amount": 5,
            "cancelled": cancelled,
        }
        for place, (who, day, cancelled) in enumerate(back)
    ]
    changes = [(1, 2, 0, 15), (1, 1, 15, None), (3, 0, 0, 70), (3, 1, 70, None)]
    tiers = [
        {
            "customer_id": who, "tier": tier, "from_date": OPENED + timedelta(days=start),
            "to_date": None if end is None else OPENED + timedelta(days=end),
        }
        for who, tier, start, end in changes
    ]  # fmt: skip
    found = moments(of_orders(orders, returns=returns, tiers=tiers), DAY, HORIZON)
    return {(one.kind, one.nth): one for one in found}


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, int], Moment]:
    return told()


@pytest.mark.parametrize(
    ("kind", "nth", "left", "count"),
    [
        ("visit", 1, 2, 4),  # 2 and 5 left, 1 and 3 came back
        ("visit", 2, 2, 2),  # 1 and 3 did not come within 30 days
        ("visit", 3, 2, 2),
        ("refund", 0, 1, 2),  # 3 came 20 days later; a cancelled order is no refund; 4 is not watched long enough
        ("tier_down", 0, 1, 1),
        ("tier_up", 0, 0, 1),
    ],
)
def test_by_hand(found: dict[tuple[str, int], Moment], kind: str, nth: int, left: int, count: int) -> None:
    moment = found[kind, nth]
    assert (moment.left, moment.count) == (left, count)
    assert moment.share == left / count
    assert moment.low <= moment.share <= moment.high
    assert moment.usual == pytest.approx(6 / 8)
    assert not moment.key, "so few are no more than told"


def test_a_moment_is_a_sentence(found: dict[tuple[str, int], Moment]) -> None:
    assert found["visit", 1].said(HORIZON) == (
        "第 1 次购买之后，50% 的人在 30 天内没有再来。",
        "After purchase 1, 50% did not come back within 30 days.",
    )


def test_a_first_visit_after_which_most_leave_is_key() -> None:
    regulars = [{"customer": one, "day": day} for one in range(40) for day in range(0, 300, 10)]
    once = [{"customer": one, "day": 100} for one in range(100, 140)]
    found = {(one.kind, one.nth): one for one in moments(of_orders(regulars + once), DAY, HORIZON)}
    assert found["visit", 1].key
    assert (found["visit", 1].left, found["visit", 1].count) == (40, 80)
    assert not found["visit", 2].key


def test_no_orders_no_moments() -> None:
    assert moments(of_orders([]), DAY, HORIZON) == []

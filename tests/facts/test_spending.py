"""What customers did in a window and before it: the outcome by which campaigns are measured."""

from datetime import datetime

import pytest

from regulars.core.calendar import business_date
from regulars.facts.figures import revenue_by_day
from regulars.facts.spending import Period, Spending, spending
from tests.flows.world import SHANGHAI, World, cancel, order, refund, when

pytestmark = pytest.mark.django_db
SINCE, START, UNTIL = when("2026-03-01 00:00"), when("2026-04-01 00:00"), when("2026-05-01 00:00")
BEFORE, WINDOW = Period(SINCE, START), Period(START, UNTIL)


def spent(world: World, *names: str) -> dict[str, Spending]:
    ids = {world.customer(name): name for name in names}
    return {ids[one.customer_id]: one for one in spending(list(ids), window=WINDOW, before=BEFORE)}


def test_the_window_is_half_open_and_what_lies_outside_counts_nowhere() -> None:
    world = World()
    for key, day in enumerate(
        ("02-28 23:59", "03-01 00:00", "03-31 23:59", "04-01 00:00", "04-30 23:59", "05-01 00:00")
    ):
        world.tell(order(f"o{key}", "ann", when(f"2026-{day}"), 10 ** (key + 1)))
    world.tell(order("b", "bob", when("2026-05-02 10:00"), 500))
    found = spent(world, "ann", "bob")
    assert found == {"ann": found["ann"]}
    assert found["ann"][1:] == (2, 110_000, 0, 2, 1_100, 0)


def test_a_refund_counts_at_its_own_moment() -> None:
    world = World()
    world.tell(
        order("o1", "ann", when("2026-03-30 10:00"), 9_000),
        refund("r1", "o1", when("2026-04-02 10:00"), 4_000),
        refund("r2", "o1", when("2026-04-03 10:00")),
        refund("r3", "o1", when("2026-05-03 10:00")),
    )
    ann = spent(world, "ann")["ann"]
    assert (ann.orders, ann.paid, ann.refunded, ann.paid_before) == (0, 0, 9_000, 9_000)
    assert (ann.net, ann.net_before) == (-9_000, 9_000)


def test_a_cancelled_order_was_never_made_nor_given_back() -> None:
    world = World()
    world.tell(
        order("o1", "ann", when("2026-04-02 10:00"), 9_000),
        refund("r1", "o1", when("2026-04-03 10:00"), 4_000),
        cancel("c1", "o1", when("2026-06-01 10:00")),
    )
    assert spent(world, "ann") == {}


def test_a_merged_group_is_one_customer() -> None:
    world = World()
    world.tell(order("o1", "ann", when("2026-04-02 10:00"), 100), order("o2", "anna", when("2026-04-03 10:00"), 20))
    world.merge("anna", "ann")
    assert spent(world, "ann")["ann"][1:3] == (2, 120)
    assert spending([world.customer("anna")], window=WINDOW, before=BEFORE) == []


def test_everybody_together_spent_the_days_revenue() -> None:
    world = World()
    world.tell(
        order("o1", "ann", when("2026-03-10 10:00"), 700), order("o2", "bob", when("2026-04-02 10:00"), 900),
        order("o3", "cat", when("2026-04-02 11:00"), 1_100, lines=(600, 500)),
        refund("r1", "o3", when("2026-04-09 10:00"), lines=((1, 250),), amount=250),
        refund("r2", "o1", when("2026-04-12 10:00")), cancel("c1", "o2", when("2026-04-20 10:00")),
    )  # fmt: skip
    found = spent(world, "ann", "bob", "cat").values()
    assert sum(one.net for one in found) == revenue(START, UNTIL)
    assert sum(one.net_before for one in found) == revenue(SINCE, START)


def revenue(since: datetime, until: datetime) -> int:
    days = revenue_by_day(since=business_date(since, SHANGHAI), until=business_date(until, SHANGHAI))
    return sum(day.members for day in days)

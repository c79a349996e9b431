"""Revenue and buyers as they are told: refunds on their day, cancelled orders never made, stores apart."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from regulars.catalogue.queries import store_ids
from regulars.customers.identities import Identity, IdentityKind
from regulars.facts import figures
from regulars.facts.rules import NewFact

from ..flows.world import World, cancel, order, query, refund, when

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 5, 1), date(2026, 5, 11)


def told(key: str, who: str, day: int, amount: int, store: str | None = None) -> NewFact:
    fact = (
        order(key, who, when(f"2026-05-{day:02} 10:00"), amount)
        if who
        else order(key, [], when(f"2026-05-{day:02} 10:00"), amount)
    )
    return replace(fact, store=store)


def revenue(stores: tuple[str, ...] | None = None) -> dict[int, tuple[int, int]]:
    ids = None if stores is None else store_ids(stores)
    days = figures.revenue_by_day(since=FIRST, until=LAST, store_ids=ids)
    assert [day.day for day in days] == [FIRST + timedelta(days=n) for n in range(10)]
    return {day.day.day: (day.members, day.others) for day in days if day.members or day.others}


def test_orders_less_what_was_given_back_that_day() -> None:
    World().tell(
        told("1", "A", 2, 10_000), told("2", "B", 2, 5_000), told("3", "", 3, 700),
        refund("r1", "1", when("2026-05-04 09:00"), 2_000, who="A"),
        refund("r2", "1", when("2026-05-06 09:00"), who="A"),
    )  # fmt: skip
    assert revenue() == {2: (15_000, 0), 3: (0, 700), 4: (-2_000, 0), 6: (-8_000, 0)}


def test_a_cancelled_order_was_never_made() -> None:
    world = World()
    world.tell(
        told("1", "A", 2, 10_000), refund("r1", "1", when("2026-05-03 09:00"), 1_000),
        cancel("c1", "1", when("2026-05-08 09:00")), cancel("c2", "1", when("2026-05-09 09:00")),
        told("2", "A", 5, 300), told("3", "A", 6, 300),
    )  # fmt: skip
    assert revenue() == {5: (300, 0), 6: (300, 0)}
    assert figures.buyers(since=FIRST, until=LAST) == figures.Buyers(1, 1)
    assert figures.buyers(since=FIRST, until=date(2026, 5, 6)) == figures.Buyers(1, 0)


def test_refunds_count_for_the_store_that_they_or_their_order_name() -> None:
    World().tell(
        told("1", "A", 2, 10_000, "S1"), told("2", "B", 2, 900, "S2"),
        refund("r1", "1", when("2026-05-03 09:00"), 1_000),
        replace(refund("r2", "1", when("2026-05-04 09:00"), 500), store="S2"),
        replace(refund("r3", "2", when("2026-05-05 09:00")), store="S1"),
    )  # fmt: skip
    assert revenue(("S1",)) == {2: (10_000, 0), 3: (-1_000, 0), 5: (-900, 0)}
    assert revenue(("S2",)) == {2: (900, 0), 4: (-500, 0)}
    assert revenue(()) == {}


def test_who_bought_and_who_came_back_before_and_after() -> None:
    world = World()
    world.tell(
        told("1", "A", 2, 100),
        told("2", "A", 3, 100),
        told("3", "B", 4, 100),
        told("4", "B", 7, 100),
        told("5", "", 7, 1),
    )
    earlier, latest = figures.buyers_twice(since=FIRST, split=date(2026, 5, 6), until=LAST)
    assert (earlier, latest) == (figures.Buyers(2, 1), figures.Buyers(1, 0))
    assert latest.repurchase_rate == 0
    assert figures.Buyers(0, 0).repurchase_rate is None
    world.merge("B", "A")
    assert figures.buyers(since=FIRST, until=LAST) == figures.Buyers(1, 1)


def test_how_far_the_data_go() -> None:
    assert figures.days() == (None, None)
    World().tell(told("1", "A", 2, 100), told("2", "A", 9, 100))
    assert figures.days() == (date(2026, 5, 2), date(2026, 5, 9))
    assert figures.newest_day() == date(2026, 5, 9)


def test_a_customers_facts_newest_first_over_all_that_they_are_known_by() -> None:
    world = World()
    phone = Identity(IdentityKind.PHONE, "", "+8613800010001")
    for number in range(6):
        who = [phone] if number % 2 else [Identity(IdentityKind.MEMBER_NUMBER, "", "A")]
        world.tell(order(f"k{number}", who, when("2026-05-02 10:00"), 100))
    world.tell(order("link", [phone, Identity(IdentityKind.EMAIL, "", "a@b.cn")], when("2026-05-03 10:00"), 100))
    found = figures.of_customer(world.customer("A"), most=2)
    rest = figures.of_customer(world.customer("A"), most=9, before=(found[-1].occurred_at, found[-1].id))
    assert [fact.key for fact in found + rest] == ["k4", "k2", "k0"]


def test_the_order_that_a_refund_is_about() -> None:
    world = World()
    world.tell(
        told("1", "A", 2, 100), refund("r", "1", when("2026-05-03 09:00")), refund("q", "9", when("2026-05-03 09:00"))
    )
    ids = [
        answer.fact_id
        for answer in world.tell(refund("r", "1", when("2026-05-03 09:00")), refund("q", "9", when("2026-05-03 09:00")))
    ]
    facts = figures.by_ids(ids)
    assert {key: fact.key for key, fact in figures.orders_of(facts.values()).items()} == {("till", "1"): "1"}
    query("UPDATE facts_fact SET retracted_at = now() WHERE kind = 1 RETURNING id")
    taken_back = figures.orders_of(facts.values())["till", "1"]
    world.tell(told("1", "A", 2, 300))
    standing = figures.orders_of(facts.values())["till", "1"]
    assert (taken_back.amount, taken_back.retracted_at is None) == (100, False)
    assert (standing.amount, standing.retracted_at is None) == (300, True)


def test_who_ever_bought_in_a_store() -> None:
    world = World()
    world.tell(told("1", "A", 2, 100, "S1"))
    assert figures.bought_in(world.customer("A"), store_ids(["S1"]))
    assert not figures.bought_in(world.customer("A"), store_ids(["S2"]))
    assert not figures.bought_in(world.customer("A"), ())

"""A simulation over lives that were told: what it finds of today is in the ledger, and what it finds of a draft is
what the draft would have put there."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.ledger.movements import points_books
from regulars.ledger.rules import LotVintage
from regulars.loyalty.rules import ItemKind, preset_terms
from regulars.loyalty.simulation import replay, vintages
from regulars.loyalty.simulation.results import from_json, to_json
from regulars.loyalty.simulation.rules import Change, Question, Result
from regulars.loyalty.simulation.tally import Sums, Tally
from tests.flows.walk import TERMS, Walk
from tests.flows.world import World, cancel, event, order, query, refund, when, world

LIVE = {**preset_terms(2), **TERMS[-1][1]}
LIVE_SINCE = when(TERMS[-1][0]).date()
STEPS = 30


def simulated(books: World, question: Question, size: int = 10) -> tuple[Tally, Result, list[Change]]:
    """Everything replayed, in small portions."""
    under, tally, changes = replay.terms(question, books.zone, books.now), Tally(), list[Change]()
    for portion in replay.portions(size):
        tally.merge(replay.replay(portion, under, books.now, changes.append))
    return tally, replay.answer(tally, question, under), changes


def result(books: World, since: str | None = None, **changed: Any) -> Result:
    """The answer about the preset with some terms changed."""
    day = when(since).date() if since else None
    return simulated(books, Question({**preset_terms(2), **changed}, day, thousand_cost=10_00))[1]


def in_the_ledger() -> dict[tuple[int, int, int], int]:
    """Points moved between two accounts for a purpose, corrections netted."""
    moved: dict[tuple[int, int, int], int] = defaultdict(int)
    for source, target, purpose, amount in query(
        "SELECT source, target, purpose, amount FROM ledger_transfer WHERE currency = 1"
    ):
        _net(moved, source, target, purpose, amount)
    return {key: amount for key, amount in moved.items() if amount}


def replayed(sums: Sums) -> dict[tuple[int, int, int], int]:
    """The same of one side of a simulation."""
    moved: dict[tuple[int, int, int], int] = defaultdict(int)
    for found in (sums.moved, sums.before):
        for (source, target, purpose), amount in found.items():
            _net(moved, source, target, purpose, amount)
    return {key: amount for key, amount in moved.items() if amount}


def replayed_vintages(sums: Sums) -> list[tuple[Any, ...]]:
    """Vintages of one side in which anything is left to tell."""
    return _told(vintages.lot_vintages(sums.flows))


def ledger_vintages(books: World) -> list[tuple[Any, ...]]:
    """The same as the ledger tells them."""
    return _told(points_books(zone=books.zone, at=books.now).vintages)


def _told(found: Sequence[LotVintage]) -> list[tuple[Any, ...]]:
    return [
        (one.month, one.last_month, one.restored, one.issued, used, one.expired, one.revoked, one.held)
        for one in found
        if (used := {month: points for month, points in one.used.items() if points}) or one.issued
    ]


def _net(moved: dict[tuple[int, int, int], int], source: int, target: int, purpose: int, amount: int) -> None:
    moved[min(source, target), max(source, target), purpose] += amount if source < target else -amount


@pytest.mark.django_db
@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32))
def test_the_live_version_over_history_is_the_ledger(seed: int) -> None:
    with world(terms=TERMS) as books:
        life = Walk(books, Random(seed), Counter())
        for _ in range(STEPS):
            life.step()
        books.now += timedelta(days=100)  # so that nothing that was told lies ahead
        books.settle()
        tally, found, changes = simulated(books, Question(LIVE, LIVE_SINCE, thousand_cost=10_00))
        assert replayed(tally.today) == replayed(tally.draft) == in_the_ledger()
        assert (found.gaining, found.losing, found.same) == (0, 0, found.members)
        assert found.today == found.draft
        groups = query(
            """SELECT c.canonical_id, sum(w.pending + w.available + w.held + w.debt)::bigint FROM ledger_wallet w
               JOIN customers_customer c ON c.id = w.customer_id WHERE w.currency = 1 GROUP BY 1"""
        )
        held = {group: points for group, points in groups if points}
        assert {one.customer_id: one.draft for one in changes if one.draft} == held
        tiers = query(
            """SELECT customer_id, tier FROM loyalty_tierinterval
               WHERE from_date <= %(day)s AND (to_date IS NULL OR to_date > %(day)s)""".replace("%(day)s", "%s"),
            [found.until, found.until],
        )
        assert {one.customer_id: one.tier_draft for one in changes if one.tier_draft} == {c: t for c, t in tiers if t}
        assert replayed_vintages(tally.today) == ledger_vintages(books)
        in_all = found.today
        kept = in_all.outstanding - in_all.debt - sum(_before(tally.today))
        gone = in_all.clawed_back + in_all.deducted + in_all.redeemed + in_all.expired
        assert in_all.earned + in_all.granted - gone == kept, "opening and movement make the closing balance"


def _before(sums: Sums) -> list[int]:
    """What members had, less what they owed, when the window began."""
    inside = [1, 2, 3, 4]
    return [
        (amount if target in inside else 0) - (amount if source in inside else 0)
        for (source, target, _), amount in sums.before.items()
    ]


@pytest.fixture
def books(db: None) -> World:
    """Anna and Bo buy, Cy gives everything back."""
    found = World(now="2026-06-01 12:00")
    found.tell(
        order("A", "anna", when("2025-03-01 10:00"), 900_00),
        order("B", "anna", when("2026-03-01 10:00"), 900_00),
        order("C", "bo", when("2026-03-02 10:00"), 50_00, paid=60_00),
        order("D", "cy", when("2026-03-03 10:00"), 70_00),
        cancel("D-", "D", when("2026-03-04 10:00")),
    )
    found.command(ItemKind.REDEEM, "anna", 500, "k")
    found.command(ItemKind.GRANT, "bo", 7, "g")
    return found


def test_doubled_points_double_what_is_issued_and_what_was_spent_stays(books: World) -> None:
    found = result(books, minor_per_point=50)
    assert (found.today.earned, found.draft.earned) == (1920, 3840)
    assert (found.today.clawed_back, found.draft.clawed_back) == (70, 140)
    assert (found.today.issued, found.draft.issued) == (1857, 3707), "what was granted is not doubled"
    assert found.today.redeemed == found.draft.redeemed == 500
    assert (found.gaining, found.losing, found.same) == (2, 0, 1)
    assert [(one.today, one.draft) for one in found.most_gaining] == [(1300, 3100), (57, 107)]
    assert (found.orders, found.revenue) == (3, 1860_00), "what is cancelled was never bought"
    assert (found.today.cost, found.draft.cost) == (18_57, 37_07)
    assert (found.today.share, found.draft.share) == (100, 199)
    assert found.behaviour.low_cost < found.draft.cost < found.behaviour.high_cost


def test_from_a_day_on_only_that_window_counts(books: World) -> None:
    found = result(books, since="2026-01-01", minor_per_point=50)
    assert (found.today.earned, found.draft.earned) == (1020, 2040)
    assert (found.orders, found.revenue) == (2, 960_00)
    assert found.draft.outstanding - found.today.outstanding == 950
    assert found.since == when("2026-01-01").date()


def test_fewer_points_leave_debt_where_they_were_spent(books: World) -> None:
    found = result(books, minor_per_point=1000_00)
    assert (found.draft.earned, found.draft.outstanding, found.draft.debt) == (0, 7, 500)
    assert [(one.today, one.draft) for one in found.most_losing] == [(1300, -500), (57, 7)]
    assert found.losing == 2


def test_rules_are_told_apart_and_limits_are_seen(books: World) -> None:
    rule = {
        "code": "plus", "names": {"zh": "满额", "en": "Plus"}, "on": "order",
        "if": {"field": "paid", "op": "ge", "value": 500_00}, "then": {"kind": "fixed", "amount": 40},
        "limits": [{"period": "ever", "most": 60}],
    }  # fmt: skip
    found = result(books, rules=[rule], caps=[{"period": "day", "most": 900}])
    assert [(one.code, one.given, one.cut) for one in found.draft.rules] == [("", 1920, 0), ("plus", 60, 20)]
    assert (found.draft.capped, found.draft.earned) == (60, 1920)
    assert [one.code for one in found.today.rules] == [""]


def test_an_event_counts_where_the_version_of_its_time_rewards_it(books: World) -> None:
    rule = {"code": "visit", "names": {}, "on": "Checked In", "then": {"kind": "fixed", "amount": 5}}
    books.tell(
        *(event(f"e{at}", "anna", when(f"{at} 09:00"), "Checked In") for at in ("2026-01-05", "2026-04-05")),
        event("other", "anna", when("2026-04-05 09:00"), "Shared"),
    )
    found = result(books, since="2026-03-31", rules=[rule])
    assert (found.today.earned, found.draft.earned) == (0, 5)
    assert [(one.code, one.given) for one in found.draft.rules] == [("", 0), ("visit", 5)]
    assert result(books, rules=[rule]).draft.earned == 1930


def test_the_matrix_counts_every_member_once(books: World) -> None:
    tiers = [{"code": c, "threshold": t, "names": {}} for c, t in (("one", 0), ("two", 40), ("three", 500))]
    found = result(books, tiers=tiers)
    assert sum(map(sum, found.tiers)) == found.members == 3
    assert found.tiers == ((1, 1, 1), (0, 0, 0), (0, 0, 0), (0, 0, 0))
    assert (found.moved.up, found.moved.down) == (2, 0)
    assert [one.code for one in found.rungs_draft] == ["one", "two", "three"]
    assert sum(bar.members for bar in found.histogram) == 3


def test_nothing_after_the_moment_asked_is_looked_at(books: World) -> None:
    books.tell(order("E", "anna", when("2026-06-02 10:00"), 100_00))
    books.now = when("2026-06-01 12:00")
    assert result(books).orders == 3
    books.now = when("2026-06-02 12:00")
    assert result(books).orders == 4


def test_what_expires_under_the_draft_is_seen(books: World) -> None:
    books.now = when("2027-01-01 12:00")
    books.settle()
    found = result(books, expiry="never")
    assert (found.today.expired, found.draft.expired) == (400, 0)
    assert found.today.breakage == 2154, "400 of all 1857 expired"
    assert found.today.liability < found.draft.liability
    assert found.draft.outstanding - found.today.outstanding == 400


def test_vintages_are_those_of_the_ledger_with_debt_holds_and_what_came_back(books: World) -> None:
    spent = books.command(ItemKind.REDEEM, "anna", 100, "late").command_id
    books.command(ItemKind.HOLD, "bo", 20, "h")
    books.tell(refund("A-", "A", when("2026-06-02 12:00")))
    books.now = when("2026-07-01 12:00")
    books.tell(order("E", "anna", when("2026-07-01 09:00"), 300_00))
    books.now = when("2028-02-01 12:00")
    books.command(ItemKind.REVERSE, "anna", 100, "back", refers_to=spent)
    books.settle()
    tally = simulated(books, Question(preset_terms(2), None, thousand_cost=10_00))[0]
    assert query("SELECT count(*) FROM ledger_transfer WHERE target = 4") != [(0,)], "a debt was paid"
    assert replayed_vintages(tally.today) == ledger_vintages(books)
    assert any(restored for _, _, restored, *_ in ledger_vintages(books))


@pytest.mark.django_db
def test_an_empty_shop_has_an_answer() -> None:
    found = simulated(World(), Question(LIVE, None, thousand_cost=10_00))[1]
    assert (found.members, found.orders, found.today.share, found.same) == (0, 0, None, 0)


def test_an_answer_stays_what_it_is_as_json(books: World) -> None:
    found = result(books, since="2026-01-01", minor_per_point=50)
    assert from_json(to_json(found)) == found

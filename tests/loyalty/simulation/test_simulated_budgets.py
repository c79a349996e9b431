"""A draft's budgets over all members are used up in a simulation as they would have been: in the order of time."""

from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.facts.rules import NewFact
from regulars.flows import simulate_programme
from regulars.flows.export_simulation import _rows
from regulars.loyalty import budgets
from regulars.loyalty.earning.rules import Limit, Period
from regulars.loyalty.rules import preset_terms
from regulars.loyalty.simulation import queries, replay
from regulars.loyalty.simulation.budgets import KEPT, RETURN, WISH, share_out
from regulars.loyalty.simulation.past import NOTHING
from regulars.loyalty.simulation.results import from_json, to_json
from regulars.loyalty.simulation.rounds import Rounds, played
from regulars.loyalty.simulation.rules import Change, Question, Result
from regulars.staff.rules import SYSTEM
from tests.flows.world import SHANGHAI, World, cancel, event, order, refund, when, world

Terms = dict[str, Any]
ON_ALL: Terms = {"code": "all", "then": {"kind": "multiply", "percent": 200},
                 "limits": [{"period": "budget", "most": 900}, {"period": "month", "most": 250}]}  # fmt: skip
WELCOME: Terms = {"code": "welcome", "then": {"kind": "fixed", "amount": 40},
                  "if": {"field": "first_order", "op": "is", "value": True},
                  "limits": [{"period": "budget", "most": 3, "counts": "times"}]}  # fmt: skip
GROW: Terms = {"code": "grow", "earns": "growth", "then": {"kind": "fixed", "amount": 900},
               "limits": [{"period": "budget", "most": 4000}]}  # fmt: skip
SILVER: Terms = {"code": "silver", "then": {"kind": "fixed", "amount": 25},
                 "if": {"field": "tier", "op": "in", "value": ["silver", "gold"]},
                 "limits": [{"period": "budget", "most": 180}]}  # fmt: skip
CHECK_IN: Terms = {"code": "in", "on": "Checked In", "then": {"kind": "fixed", "amount": 30},
                   "limits": [{"period": "budget", "most": 70}]}  # fmt: skip
EVERY = [ON_ALL, WELCOME, GROW, SILVER, CHECK_IN]
WHO = [f"m{number}" for number in range(6)]


def terms(*rules: Terms, **more: Any) -> Terms:
    return {**preset_terms(2), "rules": list(rules), **more}


def simulated(books: World, draft: Terms, since: str | None = None, size: int = 2) -> tuple[Result, dict[int, Change]]:
    """The answer, and what it means for each member."""
    question = Question(draft, when(since).date() if since else None, thousand_cost=10_00)
    under, changes = replay.terms(question, books.zone, books.now), list[Change]()
    portions = replay.portions(size)
    rounds = Rounds(under, sum(portion.members for portion in portions))
    for turn in rounds:
        now = replace(under, shared=turn.shared)
        for portion in reversed(portions):
            rounds.take(played(turn, portion, now, books.now, NOTHING))
    for portion in portions:
        replay.replay(portion, replace(under, shared=rounds.sharing.decided), books.now, changes.append)
    return rounds.answer(question), {one.customer_id: one for one in changes}


def lived(random: Random, months: int = 4) -> list[NewFact]:
    """Orders, check-ins, returns and cancellations of everybody, in the order in which they happen."""
    facts: list[NewFact] = []
    orders: list[NewFact] = []
    at = when("2024-01-05 09:00")
    while at < when("2024-01-05 09:00") + timedelta(days=30 * months):
        at += timedelta(hours=random.randint(1, 60))
        who, number = random.choice(WHO), len(facts)
        kind = random.random()
        if kind < 0.65 or not orders:
            orders.append(order(f"o{number}", who, at, random.randint(1, 200) * 1_00))
            facts.append(orders[-1])
        elif kind < 0.8:
            facts.append(event(f"e{number}", who, at, "Checked In"))
        else:
            of = orders.pop(random.randrange(len(orders)))
            undo = [cancel(f"c{number}", of.key, at), refund(f"r{number}", of.key, at),
                    refund(f"p{number}", of.key, at, 50)]  # fmt: skip
            facts.append(random.choice(undo))
    return facts


def points(books: World) -> dict[str, int]:
    found = {}
    for who in WHO:
        try:
            wallet = books.wallet(who)
        except IndexError:
            continue
        found[who] = wallet["pending"] + wallet["available"] + wallet["debt"]
    return {who: amount for who, amount in found.items() if amount}


@pytest.mark.django_db
@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32))
def test_it_finds_what_the_same_facts_recorded_in_order_under_these_terms_come_to(seed: int) -> None:
    facts, draft = lived(Random(seed)), terms(*EVERY)
    with world("2024-12-01 10:00", [("2000-01-02", draft)]) as books:
        for fact in facts:
            books.tell(fact)
        books.assert_clean()
        real, used = points(books), budgets.used()
    with world("2024-12-01 10:00") as books:
        Random(seed).shuffle(facts)
        books.tell(*facts)
        found, changes = simulated(books, draft)
        there = {who: one.draft for who in real if (one := changes.get(books.customer(who))) is not None}
        assert {who: amount for who, amount in there.items() if amount} == real
        assert {one.code: one.used for one in found.budgets} == {code: used.get(code, 0) for code in
                                                                  [rule["code"] for rule in EVERY]}  # fmt: skip
        assert all(one.used <= one.most for one in found.budgets)
        assert simulated(books, draft, size=10**6)[0] == found, "whatever the portions"


@pytest.fixture
def books(db: None) -> World:
    """A live budget of 250 that was given to whoever came first to the books, not to whoever bought first."""
    found = World("2024-06-01 10:00", [("2000-01-02", terms(limited(250)))])
    for who, day in (("m0", 5), ("m1", 4), ("m2", 3), ("m3", 2)):
        found.tell(order(f"o-{who}", who, when(f"2024-03-0{day} 10:00"), 10_00))
    assert points(found) == {"m0": 110, "m1": 110, "m2": 60, "m3": 10}
    return found


def limited(most: int, **more: Any) -> Terms:
    return {"code": "hello", "then": {"kind": "fixed", "amount": 100},
            "limits": [{"period": "budget", "most": most, **more}]}  # fmt: skip


def drafted(books: World, changes: dict[int, Change]) -> dict[str, int]:
    return {who: changes[books.customer(who)].draft for who in WHO[:4]}


def test_the_live_terms_are_the_ledger_whoever_came_first(books: World) -> None:
    for live in (terms(limited(250)), terms({**limited(250), "names": {"en": "Hello"}}, expiry="never")):
        found, changes = simulated(books, live)
        assert drafted(books, changes) == points(books)
        assert (found.gaining, found.losing) == (0, 0)
        assert [(one.code, one.used, str(one.ended)) for one in found.budgets] == [("hello", 250, "2024-03-05")]


def test_another_budget_goes_by_time_and_says_when_it_ran_out(books: World) -> None:
    found, changes = simulated(books, terms(limited(150)))
    assert drafted(books, changes) == {"m3": 110, "m2": 60, "m1": 10, "m0": 10}
    assert [(one.used, one.most, str(one.ended)) for one in found.budgets] == [(150, 150, "2024-03-03")]
    assert [(rule.code, rule.given, rule.cut) for rule in found.draft.rules] == [("", 40, 0), ("hello", 150, 250)]
    found, changes = simulated(books, terms(limited(900)))
    assert drafted(books, changes) == {"m0": 110, "m1": 110, "m2": 110, "m3": 110}
    assert [(one.used, one.ended) for one in found.budgets] == [(400, None)]
    assert from_json(to_json(found)) == found


def test_what_was_given_before_the_draft_comes_is_gone(books: World) -> None:
    found, changes = simulated(books, terms(limited(300)), since="2024-03-04")
    assert drafted(books, changes) == {"m3": 10, "m2": 60, "m1": 110, "m0": 110}
    assert [one.used for one in found.budgets] == [250]
    found, changes = simulated(books, terms(limited(100)), since="2024-03-04")
    assert drafted(books, changes) == {"m3": 10, "m2": 60, "m1": 60, "m0": 10}, "50 were given in the days before"


def test_a_cancelled_order_gives_its_share_to_who_comes_later(books: World) -> None:
    books.tell(cancel("x", "o-m3", when("2024-03-03 18:00")))
    _, changes = simulated(books, terms(limited(150)))
    assert drafted(books, changes) == {"m3": 0, "m2": 60, "m1": 110, "m0": 10}


def test_the_export_of_members_goes_by_the_same_shares(books: World) -> None:
    rows = _rows(Question(terms(limited(150)), None, thousand_cost=10_00), books.now)
    assert {row[0]: row[3] for row in rows} == {
        books.customer(who): amount for who, amount in (("m3", 110), ("m2", 60), ("m1", 10), ("m0", 10))
    }


@pytest.mark.django_db(transaction=True)
def test_two_lanes_share_out_as_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    books = World("2024-12-01 10:00")
    books.tell(*lived(Random(7), months=2))
    monkeypatch.setattr(replay.portions, "__defaults__", (3,))
    found = []
    for lanes in (1, 2):
        question = Question(terms(*EVERY), None, thousand_cost=10_00)
        one = simulate_programme.ask_simulation(question=question, by=SYSTEM, key="user:1", at=books.now)
        steps = list(simulate_programme.simulate_programme(simulation_id=one, clock=timezone.now, lanes=lanes))
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert steps[-1] == (len(WHO), len(WHO))
        found.append(queries.run(one).result)
    assert found[0] == found[1]
    assert found[0] is not None
    assert any(one.ended for one in found[0].budgets)


ROWS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 60), st.sampled_from([WISH, WISH, KEPT])), max_size=30)


def shared_out(rows: Sequence[Sequence[int]], most: int, *, times: bool = False) -> Any:
    flat = array("q", [number for row in rows for number in row])
    return share_out("rule", Limit(Period.BUDGET, most, times), flat, SHANGHAI)


@given(ROWS, st.integers(0, 400), st.booleans(), st.randoms(use_true_random=False))
def test_whatever_the_order_in_which_claims_are_taken_the_shares_are_the_same(
    told: list[tuple[int, int, int]], most: int, times: bool, random: Any
) -> None:
    rows = [(at, place, min(value, 1) if times and kind == KEPT else value, kind)
            for place, (at, value, kind) in enumerate(told)]  # fmt: skip
    rows += [(at + 3, 100 + place, place, RETURN) for at, place, _, _ in rows[::3]]
    cut, use = shared_out(rows, most, times=times)
    random.shuffle(rows)
    assert shared_out(rows, most, times=times) == (cut, use)
    really = sum(row[2] for row in rows if row[3] == KEPT)
    assert use.used <= most + really
    assert cut is None or use.ended is not None


def test_who_is_cut_and_who_gets_what_came_back() -> None:
    rows = [(1, 1, 100, WISH), (2, 2, 100, WISH), (3, 3, 100, WISH), (4, 9, 1, RETURN), (5, 4, 70, WISH),
            (6, 5, 70, WISH), (7, 6, 70, WISH)]  # fmt: skip
    cut, use = shared_out(rows, 150)
    assert (cut.fact_id, dict(cut.after), cut.opens_again) == (2, {2: 50, 4: 70, 5: 30}, True)
    assert (use.used, use.most) == (150, 150)
    cut, use = shared_out(rows[:3], 300)
    assert (cut, use.used, str(use.ended)) == (None, 300, "1970-01-01")

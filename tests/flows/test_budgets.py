"""A rule's budget 活动预算: what all members together may get from it, in the order in which facts are recorded."""

from typing import Any

import pytest

from regulars.loyalty import budgets
from regulars.loyalty.rules import InvalidPolicy, Policy, preset_terms
from tests.flows.world import World, cancel, event, order, query, refund, when

DAY = when("2024-03-01 10:00")
WELCOME: dict[str, Any] = {
    "code": "welcome",
    "then": {"kind": "fixed", "amount": 100},
    "limits": [{"period": "budget", "most": 250}],
}
FIRST_TWO: dict[str, Any] = {
    "code": "in",
    "on": "Checked In",
    "then": {"kind": "fixed", "amount": 30},
    "limits": [{"period": "budget", "most": 2, "counts": "times"}],
}


def world(*rules: dict[str, Any], **terms: Any) -> World:
    return World(now="2024-06-01 10:00", terms=[("2000-01-02 00:00", {"rules": list(rules), **terms})])


def available(books: World, *who: str) -> list[int]:
    return [books.wallet(one)["available"] for one in who]


def test_it_is_given_until_nothing_is_left(db: None) -> None:
    books = world(WELCOME)
    books.tell(*(order(f"O{place}", f"m{place}", DAY, 10_00) for place in range(4)))
    assert available(books, "m0", "m1", "m2", "m3") == [110, 110, 60, 10]
    assert budgets.used() == {"welcome": 250}
    books.assert_clean()
    books.tell(order("late", "m9", when("2024-01-01 10:00"), 10_00))
    assert available(books, "m9", "m0") == [10, 110], "who comes later is too late, however old the order"
    books.assert_clean()


def test_times_are_counted_too(db: None) -> None:
    books = world(FIRST_TWO)
    books.tell(*(event(f"e{place}", "anna", when(f"2024-03-0{place + 1} 10:00"), "Checked In") for place in range(3)))
    assert available(books, "anna") == [60]
    assert budgets.used() == {"in": 2}
    books.assert_clean()


def test_what_is_decided_stays_decided(db: None) -> None:
    """Folding anna's whole history again, for an order that comes late, changes nothing of what the budget gave her."""
    books = world(WELCOME)
    books.tell(order("A", "anna", DAY, 10_00), order("B", "bo", DAY, 10_00), order("C", "cy", DAY, 10_00))
    books.tell(order("early", "anna", when("2024-02-01 10:00"), 10_00))
    assert available(books, "anna", "bo", "cy") == [120, 110, 60]
    books.merge("bo", "anna")
    books.assert_clean()
    assert query("SELECT count(*), sum(amount) FROM loyalty_budgetshare") == [(4, 250)]


@pytest.mark.parametrize("undo", ["cancel", "refund"])
def test_an_undone_order_gives_its_share_back(db: None, undo: str) -> None:
    books = world(WELCOME)
    books.tell(*(order(f"O{place}", f"m{place}", DAY, 10_00) for place in range(3)))
    later = when("2024-04-01 10:00")
    books.tell(cancel("x", "O0", later) if undo == "cancel" else refund("x", "O0", later))
    assert budgets.used() == {"welcome": 150}
    assert available(books, "m0") == [0]
    books.tell(order("new", "m5", DAY, 10_00))
    assert available(books, "m5") == [110]
    books.assert_clean()


def test_a_part_of_the_money_back_gives_nothing_back(db: None) -> None:
    books = world(WELCOME)
    books.tell(order("A", "anna", DAY, 10_00))
    books.tell(refund("r", "A", when("2024-04-01 10:00"), 5_00))
    assert budgets.used() == {"welcome": 100}
    books.assert_clean()


def test_a_members_own_limit_comes_first(db: None) -> None:
    both = [{"period": "budget", "most": 250}, {"period": "month", "most": 40}]
    books = world({**WELCOME, "limits": both})
    books.tell(order("A", "anna", DAY, 10_00), order("B", "anna", DAY, 10_00), order("C", "bo", DAY, 10_00))
    assert available(books, "anna", "bo") == [60, 50]
    assert budgets.used() == {"welcome": 80}
    books.assert_clean()


def test_another_version_goes_on_with_the_same_budget(db: None) -> None:
    more = {**WELCOME, "limits": [{"period": "budget", "most": 320}]}
    books = World(
        now="2024-06-01 10:00",
        terms=[("2000-01-02 00:00", {"rules": [WELCOME]}), ("2024-05-01 00:00", {"rules": [more]})],
    )
    books.tell(*(order(f"O{place}", f"m{place}", DAY, 10_00) for place in range(3)))
    books.tell(order("N", "new", when("2024-05-02 10:00"), 10_00))
    assert available(books, "m2", "new") == [60, 80]
    books.assert_clean()


def test_growth_has_a_budget_and_a_tier_may_follow_from_it(db: None) -> None:
    """Bo gets less growth than he would, stays below silver, and so does not get what silver members get."""
    growth = {"code": "grow", "earns": "growth", "then": {"kind": "fixed", "amount": 1000},
              "limits": [{"period": "budget", "most": 1500}]}  # fmt: skip
    silver = {"code": "silver", "if": {"field": "tier", "op": "in", "value": ["silver"]},
              "then": {"kind": "fixed", "amount": 7}, "limits": [{"period": "budget", "most": 100}]}  # fmt: skip
    books = world(growth, silver)
    books.tell(*(order(f"{who}{n}", who, when(f"2024-03-0{n} 10:00"), 10_00) for who in ("anna", "bo") for n in (1, 2)))
    assert available(books, "anna", "bo") == [27, 20]
    books.assert_clean()


def test_what_was_taken_back_with_its_import_and_comes_again_takes_anew(db: None) -> None:
    books = world(WELCOME)
    books.tell(order("A", "anna", DAY, 10_00), order("B", "bo", DAY, 10_00))
    books.tell(cancel("x", "A", when("2024-04-01 10:00")))
    books.tell(order("C", "cy", DAY, 10_00), order("D", "dan", DAY, 10_00))
    assert budgets.used() == {"welcome": 250}
    query_update("UPDATE facts_fact SET retracted_at = now() WHERE key = 'x' RETURNING 1")
    from regulars.loyalty.actions.rating import fold_again

    fold_again(canonical_ids=[books.customer("anna")], policies=books.policies, at=books.now)
    assert available(books, "anna") == [10], "the order stands again, but nothing is left of the budget"
    assert budgets.used() == {"welcome": 250}
    books.assert_clean()


def test_damage_is_found(db: None) -> None:
    books = world(WELCOME)
    books.tell(order("A", "anna", DAY, 10_00))
    query_update("UPDATE loyalty_budgetshare SET amount = amount - 1 RETURNING 1")
    assert any("budget of rule welcome" in one for one in books.verify().differences)


@pytest.mark.parametrize(
    "limits",
    [
        [{"period": "budget", "most": 5}, {"period": "budget", "most": 5, "counts": "times"}],
        [{"period": "budget", "most": 5, "by_tier": {"gold": 9}}],
    ],
)
def test_a_rule_has_one_budget_for_all(limits: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidPolicy, match="one budget"):
        Policy.from_terms(1, {**preset_terms(2), "rules": [{**WELCOME, "limits": limits}]}, DAY.tzinfo)  # type: ignore[arg-type]
    with pytest.raises(InvalidPolicy, match="belongs to one rule"):
        Policy.from_terms(1, {**preset_terms(2), "caps": [{"period": "budget", "most": 5}]}, DAY.tzinfo)  # type: ignore[arg-type]


def query_update(statement: str) -> None:
    assert query(statement)

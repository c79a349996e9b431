"""Badges: given once to each member, gone with the order that gave them, the same in whatever order facts come."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.core.calendar import zone
from regulars.customers.queries import canonicals
from regulars.facts.rules import NewFact
from regulars.loyalty.badges import queries
from regulars.loyalty.badges.rules import InvalidBadge, badges
from regulars.loyalty.badges.telling import badges_of
from regulars.loyalty.rules import InvalidPolicy, Policy, preset_terms
from regulars.loyalty.simulation import results
from tests.flows.test_simulate_programme import answered, asked
from tests.flows.world import World, cancel, event, order, query, refund, when
from tests.flows.world import world as own_world

DAY = when("2024-03-01 10:00")
REGULAR = {"code": "regular", "names": {"zh": "常客", "en": "Regular"}, "says": {"zh": "来了三次"}, "icon": "coffee"}
CRITIC = {"code": "critic", "names": {"zh": "美食家"}}
THIRD = {
    "code": "third", "names": {"zh": "第三次", "en": "Third time"}, "then": {"kind": "badge", "badge": "regular"},
    "if": {"field": "orders_before", "op": "ge", "value": 2},
}  # fmt: skip
CHECK_IN = {"code": "in", "on": "Checked In", "then": {"kind": "badge", "badge": "critic"}}
TERMS: dict[str, Any] = {"badges": [REGULAR, CRITIC], "rules": [THIRD, CHECK_IN]}


def world(**more: Any) -> World:
    return World(now="2024-06-01 10:00", terms=[("2000-01-02 00:00", {**TERMS, **more})])


def has(books: World, who: str) -> dict[str, str]:
    """Badges of this member's group by code, with the rule that gave each."""
    group = canonicals([books.customer(who)])[books.customer(who)]
    return {one.code: one.rule for one in queries.of_members([group]).get(group, [])}


def orders(*numbers: int, who: str = "anna") -> list[NewFact]:
    return [order(f"{who}{number}", who, DAY + timedelta(days=number), 10_00) for number in numbers]


def test_the_third_order_gives_it_once_and_every_later_one_leaves_it(db: None) -> None:
    books = world()
    books.tell(*orders(1, 2))
    assert has(books, "anna") == {}
    for _ in range(2):
        books.tell(*orders(3, 4, 5))
    [[code, at]] = [list(row) for row in query("SELECT code, at FROM loyalty_memberbadge")]
    assert (code, at) == ("regular", DAY + timedelta(days=3))
    assert books.wallet("anna")["available"] == 50, "points are earned as ever"
    books.assert_clean()


def test_an_event_gives_one_too(db: None) -> None:
    books = world()
    books.tell(*orders(1))
    books.tell(event("e1", "anna", DAY + timedelta(days=2), "Checked In"))
    assert has(books, "anna") == {"critic": "in"}
    books.assert_clean()


@pytest.mark.parametrize("back", [refund("r", "anna3", DAY + timedelta(days=9)), cancel("c", "anna3", DAY)])
def test_it_goes_with_its_order_unless_another_gives_it(db: None, back: NewFact) -> None:
    books = world()
    books.tell(*orders(1, 2, 3))
    assert has(books, "anna") == {"regular": "third"}
    books.tell(back)
    assert has(books, "anna") == {}
    books.assert_clean()
    books.tell(*orders(4, 5))
    assert has(books, "anna") == {"regular": "third"}
    books.assert_clean()


def test_part_of_the_money_back_leaves_it(db: None) -> None:
    books = world()
    books.tell(*orders(1, 2, 3))
    books.tell(refund("r", "anna3", DAY + timedelta(days=9), 1_00))
    assert has(books, "anna") == {"regular": "third"}
    books.assert_clean()


def test_merged_members_have_what_they_have_together_and_no_more_once_parted(db: None) -> None:
    books = world()
    books.tell(*orders(1, 2), *orders(3, 4, who="bo"))
    merge = books.merge("bo", "anna")
    assert has(books, "anna") == has(books, "bo") == {"regular": "third"}
    books.assert_clean()
    books.undo(merge)
    assert (has(books, "anna"), has(books, "bo")) == ({}, {})
    books.assert_clean()


def test_what_a_later_version_drops_stays_with_those_who_have_it(db: None) -> None:
    books = World(now="2024-06-01 10:00", terms=[("2000-01-02 00:00", TERMS), ("2024-05-01 00:00", {})])
    books.tell(*orders(1, 2, 3))
    books.tell(order("late", "bo", when("2024-05-02 10:00"), 10_00))
    [shown] = badges_of(books.customer("anna"), books.policies, books.zone)
    assert (shown.name, shown.says, shown.icon) == (Text("常客", "Regular"), Text("来了三次", "来了三次"), "coffee")
    assert shown.why == Text("2024-03-04 获得，依据规则“第三次”。", "Since 4 Mar 2024, by the rule “Third time”.")
    books.assert_clean()


def test_verify_finds_what_is_not_as_the_fold_says(db: None) -> None:
    books = world()
    books.tell(*orders(1, 2, 3))
    query("UPDATE loyalty_memberbadge SET fact_id = 0 RETURNING id")
    assert any("the badge regular" in one for one in books.verify().differences)
    query("DELETE FROM loyalty_memberbadge RETURNING id")
    assert any("the badge regular" in one for one in books.verify().differences)


def test_the_simulator_says_how_many_would_have_it(db: None) -> None:
    books = World(now="2026-05-01 12:00")
    for who in ("anna", "bo"):
        books.tell(*(order(f"{who}{n}", who, when(f"2026-04-0{n} 10:00"), 10_00) for n in (1, 2, 3)))
    books.tell(order("c1", "chen", when("2026-04-01 10:00"), 10_00))
    found = answered(asked(books, {**preset_terms(2), **TERMS})).result
    assert found is not None
    assert [(one.code, one.members) for one in found.draft.badges] == [("regular", 2)]
    assert found.today.badges == ()
    assert results.from_json(results.to_json(found)) == found


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["anna", "bo"]), st.integers(0, 20), st.sampled_from(["", "", "", "all", "part", "cancel"]),
        st.booleans(),
    ),
    min_size=1, max_size=9,
)  # fmt: skip


def told(steps: list[tuple[str, int, str, bool]]) -> list[NewFact]:
    found: list[NewFact] = []
    for place, (who, days, back, comes) in enumerate(steps):
        at = DAY + timedelta(days=days, seconds=place)
        found.append(order(f"O{place}", who, at, 10_00))
        if back == "cancel":
            found.append(cancel(f"c{place}", f"O{place}", at + timedelta(days=3)))
        elif back:
            found.append(refund(f"r{place}", f"O{place}", at + timedelta(days=3), None if back == "all" else 1_00))
        if comes:
            found.append(event(f"O{place}", who, at + timedelta(hours=1), "Checked In"))
    return sorted(found, key=lambda fact: (fact.occurred_at, fact.key, fact.kind))


def kept() -> list[tuple[Any, ...]]:
    return query(
        """SELECT i.value, b.code, b.rule, b.at FROM loyalty_memberbadge b
           JOIN customers_identity i ON i.customer_id = b.customer_id AND i.kind = 1 ORDER BY 1, 2"""
    )


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_shuffled_thrice_and_late_is_as_one_ordered_pass(steps: list[tuple[str, int, str, bool]], seed: int) -> None:
    """With merges and partings between; the first facts come in order, so that later ones are in their turn or late."""
    facts, random = told(steps), Random(seed)
    with own_world(now="2024-06-01 10:00", terms=[("2000-01-02 00:00", TERMS)]) as books:
        books.tell(*(order(f"first {who}", who, DAY, 10_00) for who in ("anna", "bo")))
        books.tell(*facts)
        books.assert_clean()
        ordered = kept()
    with own_world(now="2024-06-01 10:00", terms=[("2000-01-02 00:00", TERMS)]) as books:
        books.tell(*(order(f"first {who}", who, DAY, 10_00) for who in ("anna", "bo")))
        arriving, merge = facts * 3, 0
        random.shuffle(arriving)
        while arriving:
            size = random.choice((1, 2, 4))
            books.tell(*arriving[:size])
            arriving = arriving[size:]
            if merge:
                books.undo(merge)
                merge = 0
            elif random.random() < 0.3:
                merge = books.merge("bo", "anna")
        if merge:
            books.undo(merge)
        books.assert_clean()
        assert kept() == ordered


@pytest.mark.parametrize(
    "terms",
    [
        {"rules": [THIRD]},
        {"badges": [REGULAR], "rules": [{**THIRD, "earns": "points"}]},
        {"badges": [REGULAR], "rules": [{**THIRD, "then": {"kind": "badge"}}]},
        {"badges": [REGULAR], "rules": [{**THIRD, "then": {"kind": "fixed", "amount": 5}, "earns": "badge"}]},
        {"badges": [{**REGULAR, "icon": "skull"}]},
    ],
)
def test_what_makes_no_sense_is_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy):
        Policy.from_terms(1, {**preset_terms(2), **terms}, zone("Asia/Shanghai"))


@pytest.mark.parametrize(
    "wrong",
    [
        "x", [1], [{"code": "A"}], [{"code": "a"}], [{"code": "a", "names": {"zh": ""}}],
        [{"code": "a", "names": {"zh": "勋" * 31}}], [{"code": "a", "names": {"fr": "x"}}], [CRITIC, CRITIC],
        [{**CRITIC, "colour": "red"}],
    ],
)  # fmt: skip
def test_badges_that_cannot_be_read(wrong: Any) -> None:
    with pytest.raises(InvalidBadge):
        badges(wrong)

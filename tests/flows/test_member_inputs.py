"""Rules that ask about segments and the profile 人群与资料: what held when the fact was recorded decides, for ever."""

import pickle
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core import bulk
from regulars.flows.check_out import quote_basket
from regulars.loyalty.checkout.rules import Basket
from regulars.loyalty.rules import InvalidPolicy, Policy, preset_terms
from tests.flows.in_segments import enter, leave, segment
from tests.flows.world import SHANGHAI, World, event, order, query, state, when

DAY = when("2024-03-01 10:00")
MANY = 40


def asks(field: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"code": field, "if": {"field": field, "op": op, "value": value},
            "then": {"kind": "fixed", "amount": 100}, **more}  # fmt: skip


def in_segment(key: int, **more: Any) -> dict[str, Any]:
    return asks("segments", "has_any", [str(key)], **more)


def world(*rules: dict[str, Any]) -> World:
    return World(now="2024-06-01 10:00", terms=[("2000-01-02 00:00", {"rules": list(rules)})])


def available(books: World, *who: str) -> list[int]:
    return [books.wallet(one)["available"] for one in who]


def test_members_of_a_segment_earn_more(db: None) -> None:
    key = segment("VIP")
    books = world(in_segment(key))
    books.tell(order("A", "anna", DAY, 10_00), order("B", "bo", DAY, 10_00))
    enter(key, books.customer("anna"))
    books.tell(order("A2", "anna", when("2024-03-02 10:00"), 10_00), order("B2", "bo", when("2024-03-02 10:00"), 10_00))
    assert available(books, "anna", "bo") == [120, 20], "her first order was recorded before she was in it"
    books.assert_clean()


def test_who_is_in_none_of_them_is_known_too(db: None) -> None:
    key = segment("VIP")
    books = world(asks("segments", "has_none", [str(key)]))
    books.tell(order("A", "anna", DAY, 10_00))
    enter(key, books.customer("anna"))
    books.tell(order("A2", "anna", when("2024-03-02 10:00"), 10_00))
    assert available(books, "anna") == [120]
    books.assert_clean()


def test_what_happens_to_memberships_later_changes_nothing(db: None) -> None:
    key = segment("VIP")
    books = world(in_segment(key))
    books.tell(order("A", "anna", DAY, 10_00))
    enter(key, books.customer("anna"))
    books.tell(order("A2", "anna", when("2024-03-03 10:00"), 10_00))
    leave(key, books.customer("anna"), date(2024, 5, 1))
    books.assert_clean()
    books.tell(order("A1", "anna", when("2024-03-02 10:00"), 10_00))
    assert available(books, "anna") == [130], "the late one takes what holds by now; the others keep theirs"
    books.assert_clean()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.sampled_from(["anna", "bo"]), st.integers(0, 30), st.booleans()), max_size=8))
def test_folding_again_gives_what_was_posted_whatever_memberships_did(
    db: None, steps: list[tuple[str, int, bool]]
) -> None:
    """Orders of any day, in any order, between which members come and go; then they are merged, and parted again."""
    with transaction.atomic():
        key = segment("VIP")
        books = world(in_segment(key), asks("birthday_month", "is", True))
        books.tell(order("first anna", "anna", DAY, 10_00), order("first bo", "bo", DAY, 10_00))
        owed, inside = {"anna": 10, "bo": 10}, set[str]()
        for place, (who, days, moves) in enumerate(steps):
            if moves:
                (leave if who in inside else enter)(key, books.customer(who), date(2024, 3, 1))
                inside ^= {who}
            books.tell(order(f"O{place}", who, DAY + timedelta(days=days, seconds=place), 10_00))
            owed[who] += 110 if who in inside else 10
        assert available(books, "anna", "bo") == [owed["anna"], owed["bo"]]
        before = state()
        books.assert_clean()
        books.undo(books.merge("bo", "anna"))
        assert state() == before
        books.assert_clean()
        transaction.set_rollback(True)


def test_a_merged_group_is_in_what_any_of_it_is_in_and_facts_keep_their_own(db: None) -> None:
    key = segment("VIP")
    books = world(in_segment(key))
    books.tell(order("A", "anna", DAY, 10_00), order("B", "bo", DAY, 10_00))
    enter(key, books.customer("bo"))
    merge = books.merge("bo", "anna")
    books.tell(order("A2", "anna", when("2024-03-02 10:00"), 10_00))
    assert available(books, "anna", "bo") == [120, 10]
    books.assert_clean()
    books.undo(merge)
    books.tell(order("A3", "anna", when("2024-03-03 10:00"), 10_00))
    assert available(books, "anna", "bo") == [130, 10]
    books.assert_clean()


def test_events_are_asked_too(db: None) -> None:
    key = segment("VIP")
    books = world(in_segment(key, on="Checked In"))
    books.tell(order("A", "anna", DAY, 10_00))
    enter(key, books.customer("anna"))
    books.tell(event("e1", "anna", DAY + timedelta(hours=1), "Checked In"))
    assert available(books, "anna") == [110]
    books.assert_clean()


BORN = {"birthday": date(1990, 3, 1), "joined_on": date(2023, 3, 1)}


@pytest.mark.parametrize(
    ("rule", "given_on"),
    [
        (asks("birthday", "is", True), ["2024-03-01"]),
        (asks("birthday_month", "is", True), ["2024-03-01", "2024-03-15"]),
        (asks("birthday_month", "is", False), ["2024-04-01"]),
        (asks("join_anniversary", "is", True), ["2024-03-01"]),
        (asks("member_days", "gt", 366), ["2024-03-15", "2024-04-01"]),
        (asks("language", "in", ["en"]), ["2024-03-01", "2024-03-15", "2024-04-01"]),
    ],
)
def test_the_profile_is_seen_from_the_day_of_the_fact(db: None, rule: dict[str, Any], given_on: list[str]) -> None:
    books = world(rule)
    books.tell(replace(order("0", "anna", when("2023-03-01 10:00"), 0), profile=BORN))
    query("UPDATE customers_customer SET language = 'en' RETURNING id")
    start = sum(available(books, "anna"))
    for day in ("2024-03-01", "2024-03-15", "2024-04-01"):
        had = books.wallet("anna")["available"]
        books.tell(order(day, "anna", when(f"{day} 10:00"), 10_00))
        assert books.wallet("anna")["available"] - had == (110 if day in given_on else 10), day
    assert books.wallet("anna")["available"] - start == 30 + 100 * len(given_on)
    query("UPDATE customers_customer SET language = '', birthday = NULL, joined_on = '2024-05-01' RETURNING id")
    books.assert_clean()


def test_what_nobody_knows_fulfils_nothing(db: None) -> None:
    books = world(asks("birthday_month", "is", False), {**asks("language", "not_in", ["en"]), "code": "tongue"})
    books.tell(order("A", "anna", DAY, 10_00))
    assert available(books, "anna") == [10]
    assert query("SELECT told::text FROM loyalty_factinput") == [('{"language": null, "birthday_month": null}',)]
    books.assert_clean()


def test_nothing_that_names_anybody_is_kept(db: None) -> None:
    key = segment("VIP")
    books = world(in_segment(key), *(asks(one, "is", True) for one in ("birthday", "birthday_month")),
                  asks("member_days", "ge", 1))  # fmt: skip
    books.tell(replace(order("A", "anna", DAY, 10_00), profile={**BORN, "name": "Anna Lind"}))
    ((told,),) = query("SELECT told::text FROM loyalty_factinput")
    assert told == f'{{"birthday": true, "segments": {{"{key}": false}}, "member_days": 366, "birthday_month": true}}'


def test_only_versions_that_ask_keep_anything(db: None) -> None:
    key = segment("VIP")
    books = World(
        now="2024-06-01 10:00",
        terms=[("2000-01-02 00:00", {}), ("2024-04-01 00:00", {"rules": [in_segment(key)]})],
    )
    books.tell(order("A", "anna", DAY, 10_00))
    enter(key, books.customer("anna"))
    books.tell(order("B", "anna", when("2024-03-02 10:00"), 10_00), order("C", "anna", when("2024-04-02 10:00"), 10_00))
    assert available(books, "anna") == [130]
    assert query("SELECT count(*) FROM loyalty_factinput") == [(1,)]
    books.assert_clean()


def test_a_quote_is_what_is_then_earned(db: None) -> None:
    key = segment("VIP")
    books = world(in_segment(key), asks("member_days", "eq", 0, then={"kind": "fixed", "amount": 7}))
    books.tell(order("A", "anna", DAY, 10_00))
    enter(key, books.customer("anna"))
    told = order("B", "anna", DAY + timedelta(days=1), 20_00)
    basket = Basket(told.occurred_at, 20_00, told.body)

    def quoted(customer_id: int | None) -> int:
        found = quote_basket(
            customer_id=customer_id, basket=basket, policies=books.policies, zone=SHANGHAI, at=books.now
        )
        return found.earns.points

    had = books.wallet("anna")["available"]
    said = quoted(books.customer("anna"))
    books.tell(told)
    assert books.wallet("anna")["available"] - had == said == 120
    said = quoted(None)
    books.tell(order("N", "new", told.occurred_at, 20_00))
    assert available(books, "new") == [said] == [27], "who is new joins with the order"


def test_many_facts_ask_as_often_as_one_and_nothing_where_no_rule_asks(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = segment("VIP")
    seen: list[str] = []
    for name in ("run", "send"):
        whole = getattr(bulk, name)

        def counted(database: Any, statement: str, *more: Any, whole: Any = whole) -> Any:
            seen.append(statement)
            return whole(database, statement, *more)

        monkeypatch.setattr(bulk, name, counted)

    def told(books: World, many: int, day: str) -> list[str]:
        seen.clear()
        books.tell(*(order(f"{day}{place}", f"m{place}", when(f"{day} 10:00"), 10_00) for place in range(many)))
        return [one for one in seen if "factinput" in one or "membership" in one or "min(joined_on)" in one]

    books = world(in_segment(key), asks("member_days", "ge", 1))
    told(books, MANY, "2024-03-01")
    assert len(told(books, 1, "2024-03-02")) == len(told(books, MANY, "2024-03-03")) == 3
    query("DELETE FROM loyalty_policyversion WHERE number > 1 RETURNING 1")
    books.learn()
    assert told(books, MANY, "2024-03-04") == []


def test_processes_beside_this_one_ask_the_same(db: None) -> None:
    policies = world(in_segment(7), asks("birthday", "is", True)).policies
    copy = pickle.loads(pickle.dumps(policies))
    assert (copy.segments, copy.at(DAY).inputs) == (policies.segments, policies.at(DAY).inputs) != (frozenset(), {})


@pytest.mark.parametrize("value", [["VIP"], ["0"], ["-3"], ["٣"]])
def test_a_segment_is_named_by_its_number(value: list[str]) -> None:
    with pytest.raises(InvalidPolicy, match="numbers"):
        Policy.from_terms(1, {**preset_terms(2), "rules": [asks("segments", "has_any", value)]}, SHANGHAI)

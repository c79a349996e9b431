"""Facts may come twice, late, and in any order; what they come to is the same."""

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.core.calendar import zone
from regulars.facts.rules import NewFact, Outcome
from tests.flows.world import (
    KEEPING,
    RULES,
    STARS,
    World,
    cancel,
    differences,
    event,
    order,
    query,
    refund,
    state,
    when,
    world,
)

DB = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Examples cost a second each, so a failing one is not made smaller; take Phase.shrink in to look into it."""
MEMBERS = ("anna", "bo", "chen", "dai")
FIRST = when("2024-01-01 00:00")
orders = st.tuples(
    st.integers(0, 3),  # who
    st.integers(0, 800),  # day
    st.sampled_from((0, 0, 1, 600, 1439)),  # minute: often midnight
    st.integers(1, 2000_00),  # amount
    st.integers(1, 3),  # lines
    st.sampled_from(("store", "online")),
    st.sampled_from(("", "", "", "all", "amount", "line", "twice", "cancel")),
    st.integers(-20, 40),  # days after which it is refunded
)
histories = st.lists(orders, min_size=1, max_size=14)
SAME = {"bo": "anna"}


def told(history: list[tuple[int, int, int, int, int, str, str, int]]) -> list[NewFact]:
    """The facts of a drawn history, in order. Refunds do not say whose they are; some come before their order."""
    facts: list[NewFact] = []
    for number, (who, day, minute, amount, lines, channel, back, after) in enumerate(history):
        at = FIRST + timedelta(days=day, minutes=minute)
        source = ("till", "web")[number % 2]
        parts = [amount // lines] * (lines - 1)
        key, later = f"{number}", at + timedelta(days=after)
        facts.append(
            order(key, MEMBERS[who], at, amount, lines=[*parts, amount - sum(parts)], channel=channel, source=source)
        )
        if back == "all":
            facts.append(refund(f"r{key}", key, later, source=source))
        elif back == "amount":
            facts.append(refund(key, key, later, amount // 3, source=source, who="dai"))
        elif back in ("line", "twice"):
            facts.append(refund(f"r{key}", key, later, lines=[(1, amount // lines)], source=source))
            if back == "twice":
                facts.append(refund(f"rr{key}", key, at, lines=[(1, amount), (9, 100)], source=source))
        elif back == "cancel":
            facts.append(cancel(key, key, at, source=source))
        if number % 3 == 0:
            facts.append(event(key, MEMBERS[who], later, "Checked In", source=source))
    return sorted(facts, key=lambda fact: (fact.occurred_at, fact.source, fact.key, fact.kind))


RULES_COME = [("2025-01-01 00:00", RULES), ("2025-12-01 00:00", {**STARS, "keeping": KEEPING})]
"""In the middle of the history the programme gets rules."""


def in_one_pass(facts: list[NewFact]) -> dict[str, object]:
    with world(terms=RULES_COME) as books:
        for member in MEMBERS:
            books.tell(order(f"first {member}", member, when("2023-12-31 12:00"), 10_00))
        books.tell(*facts)
        books.merge("bo", "anna")
        books.settle()
        books.assert_clean()
        return state()


@pytest.mark.django_db
@DB
@given(histories, st.integers(0, 2**32), st.booleans())
def test_thrice_shuffled_and_late_with_merges_between_is_the_same(
    history: list[tuple[int, int, int, int, int, str, str, int]], seed: int, realistic: bool
) -> None:
    """Every fact three times, a tenth of them 90 days late; or in no order at all."""
    facts = told(history)
    random = Random(seed)
    arrivals: list[tuple[datetime, float, NewFact]] = []
    for fact in facts:
        for time in range(3):
            late = timedelta(days=90 if random.random() < 0.1 else 0, hours=time * random.choice((0, 1, 100)))
            arrives = fact.occurred_at + late if realistic else when("2026-05-30 12:00")
            arrivals.append((arrives, random.random(), fact))
    arrivals.sort(key=lambda arrival: arrival[:2])
    with world(terms=RULES_COME) as books:
        for member in MEMBERS:
            books.tell(order(f"first {member}", member, when("2023-12-31 12:00"), 10_00))
        merges: list[int] = []
        while arrivals:
            size = random.choice((1, 1, 2, 7))
            batch, arrivals = arrivals[:size], arrivals[size:]
            answers = books.tell(*(fact for _, _, fact in batch), at=batch[-1][0])
            assert Outcome.CONFLICT not in {answer.outcome for answer in answers}
            if merges and random.random() < 0.3:
                books.undo(merges.pop())
            elif not merges and random.random() < 0.3:
                merges.append(books.merge(*random.sample(MEMBERS, 2)))
            if random.random() < 0.2:
                books.assert_clean()
        if merges:
            books.undo(merges.pop())
        books.merge("anna", "bo")
        books.settle()
        books.assert_clean()
        found = state()
    assert differences(found, in_one_pass(facts)) == []


@pytest.mark.django_db
def test_a_repeat_is_done_already_and_another_body_is_a_conflict() -> None:
    books = World(now="2024-06-01 10:00")
    told = order("A", "anna", when("2024-03-01 10:00"), 100_00)
    first, second, third = books.tell(told, told, order("A", "anna", when("2024-03-01 10:00"), 90_00))
    assert [first.outcome, second.outcome, third.outcome] == [Outcome.RECORDED, Outcome.REPEATED, Outcome.CONFLICT]
    assert first.fact_id == second.fact_id == third.fact_id
    again, changed = books.tell(told, order("A", "bo", when("2024-03-01 10:00"), 100_00))
    assert (again.outcome, changed.outcome) == (Outcome.REPEATED, Outcome.CONFLICT)
    assert again.fact_id == changed.fact_id == first.fact_id
    assert books.wallet("anna")["available"] == 100
    books.assert_clean()


@pytest.mark.django_db
def test_the_same_number_in_another_source_is_another_order() -> None:
    books = World(now="2024-03-02 10:00")
    at = when("2024-03-01 10:00")
    answers = books.tell(order("1", "anna", at, 10_00), order("1", "anna", at, 20_00, source="web"))
    assert {answer.outcome for answer in answers} == {Outcome.RECORDED}
    books.tell(refund("1", "1", at, source="web"))
    assert books.wallet("anna")["available"] == 10
    books.assert_clean()


@pytest.mark.django_db
def test_nothing_at_all_is_nothing() -> None:
    assert World().tell() == []


@pytest.mark.django_db
def test_midnight_is_the_next_day_in_shanghai() -> None:
    books = World(now="2025-01-02 10:00")
    books.tell(order("A", "anna", when("2024-12-31 23:59"), 10_00), order("B", "anna", when("2025-01-01 00:00"), 20_00))
    assert state()["lots"]["till 1 A #0"][-1] == when("2026-01-01 00:00")
    assert state()["lots"]["till 1 B #0"][-1] == when("2027-01-01 00:00")
    books.assert_clean()


@pytest.mark.django_db
def test_days_of_a_business_in_new_york_begin_at_its_own_midnight() -> None:
    """On 3 November the clock shows one o'clock twice; the day still has one midnight."""
    books = World(now="2026-01-01 12:59", time_zone="America/New_York")
    new_york = zone("America/New_York")
    midnight = datetime(2024, 11, 4, tzinfo=new_york)
    books.tell(
        order("A", "anna", midnight, 10_00, channel="online"),
        order("B", "anna", midnight - timedelta(microseconds=1), 10_00, channel="online"),
        order("C", "anna", datetime(2024, 11, 3, 1, 30, tzinfo=new_york, fold=1), 10_00),
        order("D", "anna", datetime(2025, 1, 1, tzinfo=new_york), 10_00),
    )
    assert query("SELECT key, business_date::text FROM facts_fact ORDER BY key") == [
        ("A", "2024-11-04"), ("B", "2024-11-03"), ("C", "2024-11-03"), ("D", "2025-01-01"),
    ]  # fmt: skip
    lots = state()["lots"]
    assert lots["till 1 A #0"][-2] == datetime(2024, 11, 11, tzinfo=new_york)
    assert lots["till 1 B #0"][-2] == datetime(2024, 11, 10, tzinfo=new_york)
    assert (books.wallet("anna")["available"], books.settle()) == (40, 0)
    books.now = datetime(2026, 1, 1, tzinfo=new_york)
    books.settle()
    assert books.wallet("anna")["available"] == 10
    books.assert_clean()


@pytest.mark.django_db
def test_terms_that_change_hold_for_what_happens_after_whenever_it_is_told() -> None:
    terms = [("2024-05-01 00:00", {"minor_per_point": 50, "tiers": _tiers(0, 50)})]
    facts = [order("A", "anna", when("2024-04-30 23:59"), 60_00), order("B", "anna", when("2024-05-01 00:00"), 60_00)]
    found = []
    for order_of_arrival in (facts, facts[::-1]):
        with world(terms=terms, now="2024-06-01 10:00") as books:
            for fact in order_of_arrival:
                books.tell(fact)
            assert books.wallet("anna")["available"] == 60 + 120
            assert books.tiers("anna") == [
                (0, "2024-04-30", "2024-05-01"), (1, "2024-05-01", "2025-05-01"), (0, "2025-05-01", None),
            ]  # fmt: skip
            books.assert_clean()
            found.append(state())
    assert found[0] == found[1]


def _tiers(*thresholds: int) -> list[dict[str, object]]:
    return [{"code": f"t{n}", "threshold": n, "names": {"zh": "级", "en": "tier"}} for n in thresholds]


@pytest.mark.django_db
def test_a_refused_fact_changes_nothing() -> None:
    books = World()
    books.tell(order("A", "anna", when("2024-03-01 10:00"), 100_00))
    before = state()
    books.tell(order("A", "anna", when("2024-03-01 10:00"), 5_00))
    assert state() == before


@pytest.mark.django_db
def test_a_large_batch_may_hold_facts_that_are_known_already() -> None:
    facts = [order(f"{number}", MEMBERS[number % 4], FIRST + timedelta(hours=number), 100_00) for number in range(150)]
    books = World()
    books.tell(facts[40])
    other = order("40", "anna", FIRST, 5_00)
    answers = [answer.outcome for answer in books.tell(*facts[:40], other, *facts[41:])]
    assert answers == [Outcome.RECORDED] * 40 + [Outcome.CONFLICT] + [Outcome.RECORDED] * 109
    before = state()
    assert [answer.outcome for answer in books.tell(*facts)] == [Outcome.REPEATED] * 150
    assert state() == before
    books.assert_clean()

"""A draft that asks who was in a segment 人群, replayed: what was kept, then the record, then today."""

from datetime import date
from pathlib import Path
from typing import Any

from regulars.flows import jobs, simulate_programme
from regulars.flows.export_simulation import export_simulation
from regulars.loyalty.rules import preset_terms
from regulars.loyalty.simulation import queries
from regulars.loyalty.simulation.rules import Question, Result
from regulars.staff.rules import SYSTEM
from tests.flows.in_segments import enter, leave, segment
from tests.flows.working import context
from tests.flows.world import World, order, when


def terms(*rules: dict[str, Any]) -> dict[str, Any]:
    return {**preset_terms(2), "rules": list(rules)}


def in_segment(key: int) -> dict[str, Any]:
    return {"code": "vip", "if": {"field": "segments", "op": "has_any", "value": [str(key)]},
            "then": {"kind": "fixed", "amount": 100}}  # fmt: skip


def simulated(books: World, draft: dict[str, Any]) -> tuple[int, Result]:
    question = Question(draft, None, thousand_cost=10_00)
    asked = simulate_programme.ask_simulation(question=question, by=SYSTEM, key="user:1", at=books.now)
    jobs.simulate_programme(context(), simulation_id=asked)
    found = queries.run(asked).result
    assert found is not None
    return asked, found


def test_the_record_says_who_was_in_it_and_before_it_today_does(db: None, tmp_path: Path) -> None:
    key, books = segment("VIP"), World(now="2024-08-01 12:00")
    for month in range(1, 8):
        books.tell(order(f"A{month}", "anna", when(f"2024-0{month}-10 10:00"), 10_00))
    enter(key, books.customer("anna"), date(2024, 3, 1))
    leave(key, books.customer("anna"), date(2024, 6, 1))
    asked, found = simulated(books, terms(in_segment(key)))
    assert (found.today.earned, found.draft.earned) == (70, 370), "March to May; she is in it no more"
    assert found.guessed == 2, "January and February"
    enter(key, books.customer("anna"), date(2024, 7, 1))
    asked, found = simulated(books, terms(in_segment(key)))
    assert (found.draft.earned, found.guessed) == (670, 2), "and now she is again"
    file = tmp_path / "lines.csv"
    export_simulation(simulation_id=asked, file=file, actor=SYSTEM, at=books.now)
    assert ",70,670,600," in file.read_text()


def test_the_live_version_replayed_is_the_ledger_whatever_memberships_did_since(db: None) -> None:
    key, other = segment("VIP"), segment("other")
    live = terms(in_segment(key))
    books = World(now="2024-08-01 12:00", terms=[("2000-01-02 00:00", live)])
    books.tell(order("A1", "anna", when("2024-03-10 10:00"), 10_00))
    enter(key, books.customer("anna"), date(2024, 3, 11))
    books.tell(order("A2", "anna", when("2024-03-12 10:00"), 10_00))
    leave(key, books.customer("anna"), date(2024, 3, 11))
    enter(other, books.customer("anna"), date(2024, 3, 1))
    _, found = simulated(books, live)
    assert (found.today.earned, found.draft.earned, found.guessed) == (120, 120, 0)
    _, found = simulated(books, terms(in_segment(other)))
    assert (found.today.earned, found.draft.earned, found.guessed) == (120, 220, 0)

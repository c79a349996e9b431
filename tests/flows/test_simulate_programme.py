"""A question to the simulator through its background job: asked, answered once, and asked again where it broke off."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.exceptions import JobAborted

from regulars.flows import jobs, simulate_programme
from regulars.flows.export_simulation import export_simulation
from regulars.loyalty import drafts_view
from regulars.loyalty.actions import drafts
from regulars.loyalty.drafts_view import DraftState
from regulars.loyalty.membership import number_of
from regulars.loyalty.rules import InvalidPolicy, preset_terms
from regulars.loyalty.simulation import actions, queries, replay
from regulars.loyalty.simulation.queries import NoSimulation, Run
from regulars.loyalty.simulation.rules import InvalidQuestion, Question, State, digest_of
from regulars.staff.rules import SYSTEM
from tests.flows.working import context
from tests.flows.world import World, counts, order, query, when

DOUBLED = {**preset_terms(2), "minor_per_point": 50}
WEEKEND = {
    "code": "weekend", "names": {"zh": "周末", "en": "Weekend"}, "on": "order",
    "if": {"field": "weekday", "op": "in", "value": [6, 7]}, "then": {"kind": "multiply", "percent": 300},
}  # fmt: skip


def asked(books: World, terms: dict[str, object] = DOUBLED, **more: object) -> int:
    question = Question(terms, None, thousand_cost=10_00, **more)  # type: ignore[arg-type]
    return simulate_programme.ask_simulation(question=question, by=SYSTEM, key="user:1", at=books.now)


def answered(simulation_id: int) -> Run:
    jobs.simulate_programme(context(), simulation_id=simulation_id)
    return queries.run(simulation_id)


def shop() -> World:
    found = World(now="2026-05-01 12:00")
    for number in range(6):
        found.tell(order(f"o{number}", f"m{number}", when(f"2026-04-0{number + 1} 10:00"), 100_00 * (number + 1)))
    return found


@pytest.fixture
def books(db: None) -> World:
    return shop()


def test_a_question_is_answered_and_kept_and_nothing_else_is_written(books: World) -> None:
    one = asked(books)
    before = counts()
    assert queries.run(one).state is State.ASKED
    run = answered(one)
    assert counts() == before
    assert (run.state, run.done, run.whole, run.asked_by) == (State.DONE, 6, 6, "user:1")
    assert run.result is not None
    assert (run.result.today.earned, run.result.draft.earned) == (2100, 4200)
    assert queries.latest_of(digest_of({**DOUBLED, "time_zone": "Asia/Tokyo"})) == run
    assert queries.latest_of(digest_of(preset_terms(2))) is None
    assert query("SELECT count(*) FROM staff_auditentry WHERE action = 'programme.simulate'") == [(1,)]


def test_a_draft_with_these_terms_is_simulated_from_then_on(books: World) -> None:
    draft = drafts.begin(
        terms={**DOUBLED, "restore_days": 9}, names={}, time_zone="Asia/Shanghai", actor="user:1", at=books.now
    )
    answered(asked(books))
    assert drafts_view.draft(draft).state is DraftState.DRAFT, "others were replayed"
    answered(asked(books, dict(drafts_view.draft(draft).terms)))
    assert drafts_view.draft(draft).state is DraftState.SIMULATED


def test_each_member_is_a_line_of_the_export_and_the_export_is_recorded(books: World, tmp_path: Path) -> None:
    one = asked(books)
    file = tmp_path / "members.csv"
    assert export_simulation(simulation_id=one, file=file, actor=SYSTEM, at=books.now) == 6
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert [int(row["difference"]) for row in rows] == [100, 200, 300, 400, 500, 600]
    assert rows[0] == {
        "customer_id": str(books.customer("m0")), "member": number_of(books.customer("m0")), "points_today": "100",
        "points_draft": "200", "difference": "100", "tier_today": "basic", "tier_draft": "basic",
    }  # fmt: skip
    assert query("SELECT detail ->> 'rows' FROM staff_auditentry WHERE subject_kind = 'simulation' AND detail ? 'rows'")


def test_an_answer_stays_when_the_job_comes_twice(books: World) -> None:
    one = asked(books)
    first = answered(one)
    books.tell(order("late", "m1", when("2026-04-02 10:00"), 100_00))
    assert answered(one) == first


def test_a_stopped_worker_leaves_the_question_and_another_answers_it(books: World) -> None:
    one = asked(books)
    with pytest.raises(JobAborted):
        jobs.simulate_programme(context(abort_after=0), simulation_id=one)
    run = queries.run(one)
    assert run.state is State.RUNNING
    assert run.is_under_way
    assert answered(one).state is State.DONE


def test_what_goes_wrong_is_kept_with_the_question(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = asked(books)

    def broken(*_: object) -> None:
        raise InvalidPolicy("The lights went out.")

    monkeypatch.setattr(replay, "replay", broken)
    run = answered(one)
    assert (run.state, run.result) == (State.FAILED, None)
    assert "The lights went out" in run.failure
    monkeypatch.undo()
    assert answered(one) == run


def test_only_what_can_be_answered_is_asked(books: World) -> None:
    day = books.now.date()
    for name, value in (("minor_per_point", -1), ("tiers", [])):
        with pytest.raises(InvalidPolicy):
            asked(books, {**DOUBLED, name: value})
    for wrong in (
        Question(DOUBLED, day + timedelta(days=1), 10_00),
        Question(DOUBLED, None, -1),
        Question(DOUBLED, None, 10_00, change_percent=101),
    ):
        with pytest.raises(InvalidQuestion), transaction.atomic():
            actions.ask(question=wrong, today=day, actor="", at=books.now)
    with pytest.raises(NoSimulation):
        queries.run(10**9)


@pytest.mark.django_db(transaction=True)
def test_lanes_see_the_moment_when_it_began_and_find_what_one_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules with conditions go to other processes; an order that comes meanwhile is not seen by any of them."""
    books = shop()
    monkeypatch.setattr(replay.portions, "__defaults__", (2,))
    terms = {**DOUBLED, "rules": [WEEKEND]}
    found = []
    for lanes in (1, 2):
        one = asked(books, terms)
        for number, _ in enumerate(
            simulate_programme.simulate_programme(simulation_id=one, clock=timezone.now, lanes=lanes)
        ):
            if not number:
                books.tell(order(f"late {lanes}", "m5", when("2026-04-06 09:00"), 1000_00))
        found.append(queries.run(one).result)
    assert found[0] is not None
    assert found[1] is not None
    assert [(one.today.earned, one.draft.rules[1].given) for one in found if one] == [(2100, 3600), (3100, 3600)]

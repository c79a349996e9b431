"""What people do with their tasks, what is kept of it, and what came of it all."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from regulars.playbooks import actions, queries
from regulars.playbooks.actions.tasks import BadDay, CannotOwn, NoTask, TaskEnded, TooLate, UnknownOutcome
from regulars.playbooks.queries import TaskView
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import SHANGHAI, World, cancel, order, query
from tests.playbooks.cafe import at, day, guests, in_danger, look, person, playbook

pytestmark = pytest.mark.django_db


def one_task(worth: int = 1000_00) -> tuple[int, TaskView]:
    """Somebody who works here, and the one task that they have."""
    anna = person("anna")
    look(playbook(quiet_days=0), 0, in_danger(guests(1)[0], worth))
    return anna, queries.todo(today=day(0))[0]


def test_an_outcome_ends_task_and_run() -> None:
    anna, task = one_task()
    actions.record(task_id=task.id, outcome="will_come", note=" 周末带朋友来 ", by=anna, at=at(1))
    actions.record(task_id=task.id, outcome="will_come", by=anna, at=at(1, 1))
    done = queries.task(task.id)
    assert done is not None
    assert (done.state, done.outcome, done.note, done.ended_at, done.ended_by_id, done.run_outcome) == (
        "done", "will_come", "周末带朋友来", at(1), anna, "will_come",
    )  # fmt: skip
    assert queries.todo(today=day(1)) == []
    assert [one.id for one in queries.ended(since=at(1), owner_id=anna)] == [task.id]
    with pytest.raises(TaskEnded):
        actions.record(task_id=task.id, outcome="not_reached", by=anna, at=at(1, 2))
    with pytest.raises(UnknownOutcome):
        actions.record(task_id=task.id, outcome="came_back", by=anna, at=at(1, 2))
    with pytest.raises(NoTask):
        actions.record(task_id=0, outcome="reached", by=anna, at=at(1))


def test_taken_back_on_the_same_day_only() -> None:
    anna, task = one_task()
    actions.record(task_id=task.id, outcome="reached", note="oops", by=anna, at=at(0))
    actions.undo(task_id=task.id, by=anna, at=at(0, 14.9), zone=SHANGHAI)
    actions.undo(task_id=task.id, by=anna, at=at(0, 14.9), zone=SHANGHAI)
    again = queries.task(task.id)
    assert again is not None
    assert (again.state, again.outcome, again.note, again.run_outcome) == ("open", "", "", "")
    actions.drop(task_id=task.id, by=anna, at=at(0))
    actions.drop(task_id=task.id, by=anna, at=at(0))
    with pytest.raises(TooLate):
        actions.undo(task_id=task.id, by=anna, at=at(0, 15.1), zone=SHANGHAI)
    assert [(one.what, one.was, one.became) for one in queries.changes(task.id)] == [
        ("done", "open", "reached"), ("undone", "reached", "open"), ("dropped", "open", ""),
    ]  # fmt: skip


def test_not_taken_back_over_a_newer_run() -> None:
    anna, task = one_task()
    book = queries.playbooks()[0]
    actions.record(task_id=task.id, outcome="reached", by=anna, at=at(1))
    look(book, 1)
    look(book, 2, in_danger(task.customer_id))
    query("UPDATE playbooks_task SET ended_at = %s WHERE id = %s RETURNING id", [at(2), task.id])
    with pytest.raises(TooLate):
        actions.undo(task_id=task.id, by=anna, at=at(2), zone=SHANGHAI)


def test_put_off_and_handed_on_with_every_step_kept() -> None:
    anna, task = one_task()
    bo, till = person("bo"), person("till", role="cashier")
    actions.postpone(task_id=task.id, due_on=day(6), by=anna, at=at(0), zone=SHANGHAI)
    actions.postpone(task_id=task.id, due_on=day(9), by=anna, at=at(1), zone=SHANGHAI)
    actions.reassign(task_id=task.id, owner_id=bo, by=anna, at=at(2))
    for wrong in (day(1), day(200)):
        with pytest.raises(BadDay):
            actions.postpone(task_id=task.id, due_on=wrong, by=anna, at=at(2), zone=SHANGHAI)
    for nobody in (till, 0):
        with pytest.raises(CannotOwn):
            actions.reassign(task_id=task.id, owner_id=nobody, by=anna, at=at(2))
    now = queries.task(task.id)
    assert now is not None
    assert (now.due_on, now.owner_id, now.moved) == (day(9), bo, 2)
    assert [(one.what, one.was, one.became, one.by_id) for one in queries.changes(task.id)] == [
        ("moved", "2026-06-04", "2026-06-07", anna), ("moved", "2026-06-07", "2026-06-10", anna),
        ("assigned", str(anna), str(bo), anna),
    ]  # fmt: skip
    assert actions.hand_over(from_id=bo, to_id=anna, by=anna, at=at(3)) == 1
    assert [one.id for one in queries.todo(today=day(3), owner_id=anna)] == [task.id]
    with pytest.raises(DatabaseError), transaction.atomic():
        query("UPDATE playbooks_taskchange SET was = '' RETURNING id")


def test_the_list_of_a_day() -> None:
    book = playbook(new_most=9, quiet_days=0)
    anna = person("anna")
    ids = guests(5)
    look(book, 0, in_danger(ids[0], 10_00))
    look(book, 1, in_danger(ids[0], 10_00), in_danger(ids[1], 20_00), in_danger(ids[2], 90_00))
    look(book, 2, *(in_danger(who, 10_00) for who in ids[:3]), in_danger(ids[3], 500_00), in_danger(ids[4], 30_00))
    todo = queries.todo(today=day(4), owner_id=anna)
    assert [ids.index(one.customer_id) for one in todo] == [0, 2, 1, 3, 4], "overdue, today's, later; dearest first"
    assert [one.is_overdue(day(4)) for one in todo] == [True, False, False, False, False]
    assert len(queries.todo(today=day(4), until=day(4))) == 3
    assert [ids.index(one.customer_id) for one in queries.todo(today=day(4), most=2, offset=1)] == [2, 1]
    actions.record(task_id=todo[1].id, outcome="reached", by=anna, at=at(4))
    found = queries.todo_counts(today=day(4), today_from=at(4, -9), owner_id=anna)
    assert (found.overdue, found.today, found.later, found.open, found.done_today) == (1, 1, 2, 4, 1)
    assert found.at_stake_minor == (10_00 + 20_00 + 500_00 + 30_00) // 2
    assert queries.todo_counts(today=day(4), today_from=at(4, -9), owner_id=0).open == 0


def test_whoever_comes_by_themselves_needs_nothing_more() -> None:
    world = World(now="2026-07-20 10:00")
    book = playbook(new_most=9)
    person("anna")
    names = ("anna", "bo", "cat", "dan")
    world.tell(*(order(name, name, at(-60), 10_00) for name in names))
    look(book, 0, *(in_danger(world.customer(name)) for name in names))
    world.tell(
        order("a2", "anna", at(1), 10_00), order("c2", "cat", at(1), 10_00), cancel("c3", "c2", at(1, 1)),
        order("d0", "dan", at(-1), 10_00),
    )  # fmt: skip
    assert actions.close_returned(at=at(2)) == 1
    assert actions.close_returned(at=at(2)) == 0
    (task,) = queries.of_customer(world.customer("anna"))
    assert (task.state, task.ended_by_id, task.run_outcome) == ("dropped", None, "came_back")
    assert [(one.what, one.by_id, one.became) for one in queries.changes(task.id)] == [("dropped", None, "came_back")]
    assert len(queries.todo(today=day(2))) == 3, "a cancelled order is no visit, nor is one of before"


def test_what_came_of_it() -> None:
    world = World(now="2026-07-20 10:00")
    book = playbook(new_most=9)
    anna = person("anna")
    names = ("anna", "bo", "cat", "dan")
    world.tell(*(order(name, name, at(-60), 10_00) for name in names))
    look(book, 0, *(in_danger(world.customer(name)) for name in names))
    task = {one.customer_id: one.id for one in queries.todo(today=day(0))}
    for name, outcome in (("anna", "will_come"), ("bo", "not_reached"), ("cat", "reached")):
        actions.record(task_id=task[world.customer(name)], outcome=outcome, by=anna, at=at(1))
    world.tell(order("a2", "anna", at(3), 10_00), order("b2", "bo", at(29), 10_00), order("c2", "cat", at(31), 10_00))
    told = queries.results(since=at(-1), until=at(1), at=at(40))
    assert (told.runs, told.open, told.reached, told.came_back, told.too_early) == (4, 1, 2, 2, 0)
    assert told.by_outcome == {"will_come": 1, "not_reached": 1, "reached": 1}
    early = queries.results(since=at(-1), until=at(1), at=at(10))
    assert (early.came_back, early.too_early) == (1, 3), "as it looked then"
    assert queries.results(since=at(1), until=at(2), at=at(40)).runs == 0


def test_what_is_done_for_a_customer_is_shown_for_the_whole_group() -> None:
    world = World(now="2026-06-20 10:00")
    book = playbook()
    person("anna")
    world.tell(order("a", "anna", at(-90), 10_00), order("b", "bo", at(-90), 10_00))
    first, second = world.customer("anna"), world.customer("bo")
    look(book, 0, in_danger(first))
    world.merge("anna", "bo")
    assert [one.customer_id for one in queries.of_customer(second)] == [second]
    assert queries.todo(today=day(0))[0].customer_id == second


def test_the_database_refuses_half_a_task() -> None:
    _, task = one_task()
    for change in ("state = 'done'", "outcome = 'reached'", "state = 'gone'", "ended_at = now()", "kind = 'visit'"):
        with pytest.raises(IntegrityError), transaction.atomic():
            query(f"UPDATE playbooks_task SET {change} WHERE id = %s RETURNING id", [task.id])
    with pytest.raises(IntegrityError), transaction.atomic():
        query("UPDATE playbooks_run SET closed_at = now() RETURNING id")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_record_at_once_one_is_told_that_it_is_done() -> None:
    anna, task = one_task()
    record = partial(actions.record, task_id=task.id, by=anna, at=at(1))
    ends = at_once([partial(record, outcome=outcome) for outcome in ("reached", "not_reached", "other")])
    assert [type(error) for error in failures(ends)] == [TaskEnded, TaskEnded]
    assert len(queries.changes(task.id)) == 1
    assert queries.results(since=at(-1), until=at(1), at=at(1) + timedelta(days=50)).runs == 1

"""Rounds over pictures: who crosses into danger becomes a task once, under caps, and is left alone afterwards."""

from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from regulars.core import bulk
from regulars.playbooks import actions, queries
from regulars.playbooks import owners as loads
from regulars.playbooks.actions import alerts
from regulars.playbooks.actions.settings import BadPlaybook, NoPlaybook
from regulars.playbooks.actions.tasks import CannotOwn
from regulars.playbooks.models import Playbook, Run
from regulars.playbooks.rules import Owner
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, query
from tests.playbooks.cafe import START, at, day, guests, in_danger, look, person, playbook, reasons, store

pytestmark = pytest.mark.django_db


def test_a_preset_is_there_once_and_stays_as_it_was_changed() -> None:
    assert actions.install_presets(at=START) == ["slipping_away"]
    book = playbook(new_most=2)
    assert actions.install_presets(at=START) == []
    assert queries.playbooks()[0].new_most == 2
    assert book.name == ("好客人要流失了", "A good customer is slipping away")
    with pytest.raises(BadPlaybook):
        actions.change(playbook_id=book.id, worth_percent=0)
    with pytest.raises(BadPlaybook):
        actions.change(playbook_id=book.id, script={"zh": "话" * 801})
    with pytest.raises(CannotOwn):
        actions.change(playbook_id=book.id, owner_id=person("vera", role="viewer"))
    with pytest.raises(NoPlaybook):
        actions.change(playbook_id=0, due_days=1)
    actions.change(playbook_id=book.id, is_active=False)
    assert queries.playbooks(trigger="churn_alert") == []


def test_who_crosses_into_danger_becomes_a_task_with_its_cause() -> None:
    book, anna = playbook(), person("anna")
    one, other = guests(2)
    raised = look(book, 0, in_danger(one, 500_00, 0.4), in_danger(other, 100_00), floor=200_00)
    assert reasons(raised) == {one: "chosen", other: "low_value"}
    (task,) = queries.todo(today=day(0))
    assert (task.customer_id, task.owner_id, task.kind, task.due_on) == (one, anna, "call", day(3))
    assert (task.cause, task.at_stake_minor) == ("churn_alert", 200_00)
    assert task.numbers == {"spent_365_minor": 500_00, "recency_days": 20, "reasons": [one]}
    (seen,) = queries.rounds()
    assert (seen.day, seen.considered, seen.raised) == (day(0), 2, 1)


def test_the_same_picture_again_does_nothing() -> None:
    book = playbook()
    person("anna")
    (one,) = guests(1)
    first, again = look(book, 0, in_danger(one)), look(book, 0, in_danger(one))
    assert (first.runs, again.again, again.choices, again.round_id) == (1, True, (), first.round_id)
    assert len(queries.todo(today=day(0))) == 1


def test_danger_that_goes_on_is_no_news() -> None:
    book, anna = playbook(quiet_days=0), person("anna")
    (one,) = guests(1)
    look(book, 0, in_danger(one))
    actions.record(task_id=queries.todo(today=day(0))[0].id, outcome="will_come", by=anna, at=at(0))
    assert reasons(look(book, 1, in_danger(one))) == {}
    assert reasons(look(book, 2)) == {}, "out of danger"
    assert reasons(look(book, 3, in_danger(one))) == {one: "chosen"}, "and in danger again"


def test_a_quiet_period_holds_also_for_who_was_merged() -> None:
    world = World(now="2026-06-20 10:00")
    book, anna = playbook(quiet_days=60, new_most=9), person("anna")
    world.tell(order("a", "anna", at(-90), 10_00), order("b", "bo", at(-90), 10_00))
    first, second = world.customer("anna"), world.customer("bo")
    look(book, 0, in_danger(first))
    actions.record(task_id=queries.todo(today=day(0))[0].id, outcome="reached", by=anna, at=at(1))
    world.merge("anna", "bo")
    raised = look(book, 10, in_danger(second), in_danger(first))
    assert reasons(raised) == {second: "quiet_period"}, "who stands for nobody is not considered"
    assert raised.choices[0].numbers["until"] == (day(0) + timedelta(days=60)).isoformat()
    look(book, 59)
    assert reasons(look(book, 61, in_danger(second))) == {second: "chosen"}


def test_an_open_run_is_enough() -> None:
    book = playbook(quiet_days=0, new_most=9)
    person("anna")
    (one,) = guests(1)
    look(book, 0, in_danger(one))
    look(book, 1)
    assert reasons(look(book, 2, in_danger(one))) == {one: "open_run"}
    with pytest.raises(IntegrityError), transaction.atomic():
        query(
            """INSERT INTO playbooks_run (playbook_id, customer_id, cause, numbers, at_stake_minor, day, opened_at,
                 outcome) VALUES (%s, %s, 'churn_alert', '{}', 0, now(), now(), '') RETURNING id""",
            [book.id, one],
        )


def test_who_has_been_here_since_the_picture_needs_no_call() -> None:
    world = World(now="2026-06-20 10:00")
    book = playbook()
    person("anna")
    world.tell(order("a", "anna", at(0, -1), 10_00), order("b", "bo", at(-1), 10_00))
    came, silent = world.customer("anna"), world.customer("bo")
    assert reasons(look(book, 0, in_danger(came), in_danger(silent))) == {came: "came_meanwhile", silent: "chosen"}


def test_who_waits_for_somebody_with_time_is_chosen_later_but_not_for_ever() -> None:
    book = playbook(new_most=1)
    person("anna")
    ids = guests(4)
    found = [in_danger(who, worth) for who, worth in zip(ids, (400_00, 300_00, 200_00, 100_00), strict=True)]
    assert reasons(look(book, 0, *found)) == {ids[0]: "chosen", **dict.fromkeys(ids[1:], "nobody_free")}
    second = look(book, 1, *found)
    assert reasons(second) == {ids[1]: "chosen"}, "what was said of the others stays true"
    assert queries.rounds()[0].considered == 3
    look(book, 14, *found)
    assert {task.customer_id for task in queries.todo(today=day(14))} == {ids[0], ids[1]}, "it is no news by now"


def test_caps_count_what_somebody_has_already() -> None:
    book = playbook(open_most=2, new_most=2)
    anna, _ = person("anna"), person("till", role="cashier")
    ids = guests(5)
    look(book, 0, *(in_danger(who) for who in ids[:2]))
    assert set(reasons(look(book, 1, *(in_danger(who) for who in ids))).values()) == {"nobody_free"}
    actions.record(task_id=queries.todo(today=day(1))[0].id, outcome="reached", by=anna, at=at(1, 1))
    assert look(book, 2, *(in_danger(who) for who in ids)).runs == 1


def test_nobody_who_sees_the_store() -> None:
    book = playbook()
    there, elsewhere = store("湖滨店"), store("高新店")
    anna = person("anna", stores=["湖滨店"])
    ids = guests(2)
    raised = look(book, 0, in_danger(ids[0], store_id=there), in_danger(ids[1], store_id=elsewhere))
    assert reasons(raised) == {ids[0]: "chosen", ids[1]: "nobody_there"}
    assert queries.todo(today=day(0), owner_id=anna)[0].customer_id == ids[0]


def test_hundreds_at_once_take_a_few_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    book = playbook(open_most=500, new_most=500)
    person("anna")
    ids = guests(300)
    asked: list[str] = []
    run = bulk.run

    def counted(database: Any, statement: str, *told: Any) -> list[tuple[Any, ...]]:
        asked.append(statement)
        return run(database, statement, *told)

    monkeypatch.setattr(bulk, "run", counted)
    assert look(book, 0, *(in_danger(who) for who in ids)).runs == 300
    assert len(asked) < 12


def two_looks() -> None:
    """Two pictures are looked at at the same moment; both show the same people in danger."""
    book = playbook(open_most=3, new_most=3)
    person("anna")
    found = [in_danger(who) for who in guests(8)]
    assert not failures(at_once([partial(look, book, n, *found[4 * n :][:4]) for n in range(2)]))


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_give_nobody_too_many_tasks() -> None:
    two_looks()
    assert Run.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would(monkeypatch: pytest.MonkeyPatch) -> None:
    both_counted, counted = Barrier(2), loads.owners

    def owners(**told: Any) -> list[Owner]:
        found = counted(**told)
        both_counted.wait(timeout=10)
        return found

    monkeypatch.setattr(alerts, "owners", owners)
    monkeypatch.setattr(Playbook.objects, "select_for_update", lambda **told: Playbook.objects.all())
    two_looks()
    assert Run.objects.count() > 3

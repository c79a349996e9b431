"""Tasks that somebody gives by hand: for a reason of their own, one at a time for a customer."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.core.errors import DomainError
from regulars.playbooks import actions, queries
from regulars.playbooks.actions.by_hand import TaskThere, UnknownKind
from regulars.playbooks.actions.tasks import BadDay, CannotOwn
from tests.flows.world import SHANGHAI
from tests.playbooks.cafe import at, day, guests, person

pytestmark = pytest.mark.django_db


def give(who: int, owner: int, **more: Any) -> int:
    told = {"kind": "care", "due_on": day(2), "note": " A birthday cake ", "by": owner, "at": at(), **more}
    return actions.add(customer_id=who, owner_id=owner, zone=SHANGHAI, **told)


def test_a_task_stands_on_its_owners_list_with_its_reason() -> None:
    anna, (one,) = person("anna"), guests(1)
    made = give(one, anna)
    (task,) = queries.todo(today=day(0), owner_id=anna)
    assert (task.id, task.customer_id, task.kind, task.due_on, task.cause) == (made, one, "care", day(2), "by_hand")
    assert task.numbers == {"note": "A birthday cake", "by": anna}
    assert task.at_stake_minor == 0


def test_there_is_one_at_a_time_for_a_customer() -> None:
    anna, (one, other) = person("anna"), guests(2)
    made = give(one, anna)
    with pytest.raises(TaskThere):
        give(one, anna)
    give(other, anna)
    actions.record(task_id=made, outcome="reached", by=anna, at=at(0, 1))
    assert give(one, anna, at=at(0, 2)) > made


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"kind": "dance"}, UnknownKind),
        ({"due_on": day(-1)}, BadDay),
        ({"due_on": day(0) + timedelta(days=91)}, BadDay),
    ],
)
def test_what_cannot_be_given(more: dict[str, Any], error: type[DomainError]) -> None:
    anna, (one,) = person("anna"), guests(1)
    with pytest.raises(error):
        give(one, anna, **more)
    with pytest.raises(CannotOwn):
        give(one, person("vera", role="viewer"))
    assert queries.todo(today=day(0)) == []

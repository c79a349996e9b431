"""The last unit of a limit, taken by many at once: one gets it, because the subject's row is held before it is read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from regulars.limits import actions, queries
from regulars.limits.rules import Kind, Limit, Take
from tests.concurrency.crowd import at_once, failures

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
CAP = Limit(Kind.MESSAGES, 3, timedelta(days=7))
pytestmark = pytest.mark.django_db(transaction=True)


def take(*subjects: int) -> list[bool]:
    return actions.take([Take(CAP, subject) for subject in subjects], at=AT)


def test_the_last_unit_goes_to_one() -> None:
    take(1, 1)
    results = at_once([lambda: take(1) for _ in range(16)])
    assert failures(results) == []
    assert sorted(results) == [[False]] * 15 + [[True]]  # type: ignore[type-var]
    assert queries.had(Kind.MESSAGES, [1], at=AT, window=timedelta(days=7)) == {1: 3}


def test_subjects_whom_nobody_counted_before_are_not_counted_twice() -> None:
    results = at_once([lambda: take(*range(1, 51)) for _ in range(8)])
    assert failures(results) == []
    served = [sum(column) for column in zip(*results, strict=True)]  # type: ignore[arg-type]
    assert served == [3] * 50


def test_batches_in_any_order_do_not_wait_for_each_other_for_ever() -> None:
    """Each takes the same subjects in another order; locks are taken in one order all the same."""
    orders = [list(range(1, 41)), list(range(40, 0, -1)), [*range(1, 41, 2), *range(2, 41, 2)]] * 3
    results = at_once([lambda order=order: take(*order) for order in orders])  # type: ignore[misc]
    assert failures(results) == []
    assert sum(map(sum, results)) == 40 * 3  # type: ignore[arg-type]


def test_who_rolls_back_has_taken_nothing() -> None:
    def in_vain() -> list[bool]:
        with transaction.atomic():
            answer = take(1, 1, 1)
            transaction.set_rollback(True)
        return answer

    assert at_once([in_vain, in_vain, in_vain]) == [[True] * 3] * 3
    assert take(1, 1, 1, 1) == [True, True, True, False]


def test_with_the_lock_left_out_the_race_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all read that two are taken, and all are told yes."""
    take(1, 1)
    everybody = Barrier(8)

    def wait_for_everybody(subjects: Iterable[tuple[Kind, int]]) -> None:
        assert list(subjects)
        connection.ensure_connection()
        everybody.wait(timeout=30)

    monkeypatch.setattr(actions, "hold", wait_for_everybody)
    monkeypatch.setattr(queries, "used", _read_together(everybody))
    results = at_once([lambda: take(1) for _ in range(8)])
    assert [result for result in results if result == [True]] == [[True]] * 8
    monkeypatch.undo()
    assert queries.had(Kind.MESSAGES, [1], at=AT, window=timedelta(days=7)) == {1: 10}, "three were allowed"


def _read_together(everybody: Barrier):
    reading = queries.used

    def used(*args, **named):
        found = reading(*args, **named)
        everybody.wait(timeout=30)
        return found

    return used

"""A kept connection is looked at before each request; the server is asked only when there is something to read."""

from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper as DjangosOwn


@pytest.fixture
def own(transactional_db: None) -> Iterator[BaseDatabaseWrapper]:
    """A connection beside the test's own, as a serving thread has one."""
    made = connections.create_connection("default")
    made.settings_dict = {**connection.settings_dict, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    yield made
    made.close()


def asked(own: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What Django's own question to the server answered, each time that it was put."""
    answers: list[bool] = []
    whole = DjangosOwn.is_usable

    def ask(self: DjangosOwn) -> bool:
        answers.append(whole(self))
        return answers[-1]

    monkeypatch.setattr(DjangosOwn, "is_usable", ask)
    return answers


def value(own: BaseDatabaseWrapper) -> int:
    with own.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_living_connection_is_not_asked(own: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    first, answers = value(own), asked(own, monkeypatch)
    for _ in range(3):
        own.close_if_unusable_or_obsolete()  # as each request begins
        assert value(own) == first
    assert answers == []


def test_one_that_the_server_closed_is_made_anew(own: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    first, answers = value(own), asked(own, monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    own.close_if_unusable_or_obsolete()
    assert value(own) != first
    assert answers == [False]


def test_a_connection_closed_here_is_not_usable(own: BaseDatabaseWrapper) -> None:
    value(own)
    assert own.connection is not None
    own.connection.close()
    assert not own.is_usable()

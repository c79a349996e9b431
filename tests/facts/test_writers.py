"""Once those who write have ended, what was committed is in the feed; nobody who comes later is waited for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from regulars.core import bulk
from regulars.facts.writers import wait_for_writers
from tests.flows.world import settled

WRITE = "SELECT pg_current_xact_id()"


@pytest.fixture
def writer(transactional_db: None) -> Iterator[BaseDatabaseWrapper]:
    """Somebody else with a connection of their own."""
    settled()
    made = connections.create_connection("default")
    made.settings_dict = connection.settings_dict
    yield made
    made.close()


def begin(writer: BaseDatabaseWrapper) -> None:
    writer.set_autocommit(False)
    writer.inc_thread_sharing()
    bulk.run(writer, WRITE)
    with transaction.atomic():
        bulk.run(connection, WRITE)  # something is committed meanwhile, and the feed ends before it


def test_with_nobody_writing_there_is_nothing_to_wait_for(transactional_db: None) -> None:
    settled()
    assert wait_for_writers(seconds=0)


def test_it_waits_until_who_writes_has_ended(writer: BaseDatabaseWrapper) -> None:
    def end() -> None:
        sleep(0.1)
        writer.rollback()

    begin(writer)
    assert not wait_for_writers(seconds=0.05), "the control: they write still"
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(end)
        assert wait_for_writers(seconds=10)
        ended.result()


def test_who_writes_does_not_wait_for_themselves(writer: BaseDatabaseWrapper) -> None:
    with transaction.atomic():
        bulk.run(connection, WRITE)
        bulk.run(writer, WRITE)  # committed at once
        assert not wait_for_writers(seconds=60)

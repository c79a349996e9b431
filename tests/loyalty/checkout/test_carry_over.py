"""Steps that were known by their command keep their number, since tills know it; new ones begin after all commands."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from regulars.loyalty.checkout import queries
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, order, query, when

migration = import_module("regulars.loyalty.migrations.0013_checkout_one_call")


@pytest.mark.django_db
def test_steps_of_before_keep_their_numbers() -> None:
    books = World()
    books.tell(order("A", "anna", when("2026-03-01 10:00"), 100_00))
    hold = books.command(ItemKind.HOLD, "anna", 40, "checkout:till:1")
    capture = books.command(ItemKind.CAPTURE, "anna", 30, "checkout:till:2", refers_to=hold.command_id)
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TEMP TABLE loyalty_commandstep (command_id bigint, digest bytea, "left" bigint, spendable bigint,
                 store_id int, ends_at timestamptz, is_open boolean) ON COMMIT DROP"""
        )
        for command_id, left, ends_at in ((hold.command_id, 40, books.now), (capture.command_id, 10, None)):
            row: list[Any] = [command_id, b"digest", left, 60, None, ends_at, ends_at is not None]
            cursor.execute("INSERT INTO loyalty_commandstep VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
        cursor.execute(migration.CARRY_OVER)
        cursor.execute(migration.NUMBER_ON)
    kept = queries.step(hold.command_id)
    after = queries.steps_after(hold.command_id)
    assert kept is not None
    assert (kept.digest, kept.customer_id, kept.step.points, kept.step.left) == (
        b"digest",
        books.customer("anna"),
        40,
        40,
    )
    assert [(one.step.id, one.command_id, one.step.points, one.step.spendable) for one in after] == [
        (capture.command_id, capture.command_id, 30, 60)
    ]
    [(following,)] = query("SELECT nextval(pg_get_serial_sequence('loyalty_checkoutstep', 'id'))")
    assert following == query("SELECT max(id) FROM loyalty_command")[0][0] + 1
    assert [one.hold_id for one in queries.ended_holds(at=books.now)] == [hold.command_id]

"""How every flow commits: whole, and again when it lost a race."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

from regulars.core import bulk
from regulars.customers.actions import Contended

TRIES = 10
"""Of eight writers who bring the same new customers, seven lose, then six, and so on; each round one gets on."""

LOST_RACES = ("40P01", "40001")
Result = TypeVar("Result")


def again_if_contended(step: Callable[[], Result]) -> Result:
    """Run a transaction, whole, and again while it loses races (deadlock, serialisation, the same new name)."""
    for _ in range(TRIES - 1):
        try:
            return _once(step)
        except Contended:
            continue
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in LOST_RACES:
                raise
    return _once(step)


def _once(step: Callable[[], Result]) -> Result:
    with transaction.atomic():
        bulk.plan_once(connection)
        return step()

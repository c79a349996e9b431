"""How every flow commits: whole, and again when it lost a race."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

from regulars.customers.actions import Contended

TRIES = 3
LOST_RACES = ("40P01", "40001")
Result = TypeVar("Result")


def again_if_contended(step: Callable[[], Result]) -> Result:
    """Run a transaction, whole, up to three times when it loses a race (deadlock, serialisation, the same new name)."""
    for _ in range(TRIES - 1):
        try:
            with transaction.atomic():
                return step()
        except Contended:
            continue
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in LOST_RACES:
                raise
    with transaction.atomic():
        return step()

"""Five thousand random steps (REGULARS_STEPS says how many), each of which leaves the books in order."""

import os

import pytest

from tests.flows.walk import walk

STEPS = int(os.environ.get("REGULARS_STEPS", "5000"))
SEED = int(os.environ.get("REGULARS_STEPS_SEED", "1"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_books_stay_in_order_step_by_step() -> None:
    made = walk(STEPS, SEED)
    assert sum(made.values()) == STEPS
    assert STEPS < 1000 or len(made) == 19, f"everything was done: {made}"

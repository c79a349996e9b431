"""Five thousand random steps (REGULARS_STEPS says how many), each of which leaves the books in order and as a simple
model has them."""

import os
from pathlib import Path

import pytest

from tests.flows.walk import walk

STEPS = int(os.environ.get("REGULARS_STEPS", "5000"))
SEED = int(os.environ.get("REGULARS_STEPS_SEED", "1"))
KEPT = os.environ.get("REGULARS_STEPS_KEPT", "")
"""A file with how many steps of this walk are done: it goes on after them, and the file is kept up to date."""
KINDS = 25


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_books_stay_in_order_step_by_step() -> None:
    kept = Path(KEPT or os.devnull)
    done = int(kept.read_text() or 0) if kept.exists() else 0

    def keep(steps: int) -> None:
        kept.write_text(str(steps))

    made = walk(STEPS, SEED, done=done, tell=keep)
    assert sum(made.values()) == STEPS - done
    assert STEPS - done < 2000 or len(made) == KINDS, f"everything was done: {made}"

"""Five thousand random steps (REGULARS_STEPS says how many), each of which leaves the books in order and as a simple
model has them."""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.flows.walk import LIFE_STEPS, walk

STEPS = int(os.environ.get("REGULARS_STEPS", "5000"))
SEED = int(os.environ.get("REGULARS_STEPS_SEED", "1"))
KEPT = os.environ.get("REGULARS_STEPS_KEPT", "")
"""A file with how many steps of this walk are done: it goes on after them, and the file is kept up to date."""
KINDS = 25
PORTION = STEPS if KEPT else 2 * LIFE_STEPS
"""Files with many tests are begun first, so that nobody waits for this one in the end."""
MADE: Counter[str] = Counter()

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("first", range(0, STEPS, PORTION))
def test_the_books_stay_in_order_step_by_step(first: int) -> None:
    kept = Path(KEPT or os.devnull)
    done = int(kept.read_text() or 0) if kept.exists() else 0
    done, end = max(first, done), min(STEPS, first + PORTION)

    def keep(steps: int) -> None:
        kept.write_text(str(steps))

    made = walk(end, SEED, done=done, tell=keep)
    assert sum(made.values()) == end - done
    MADE.update(made)


def test_everything_was_done() -> None:
    assert sum(MADE.values()) < 2000 or len(MADE) == KINDS, f"everything was done: {MADE}"

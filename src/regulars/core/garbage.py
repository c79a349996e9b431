"""Python's garbage collector, set for processes that handle large batches."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def collect_seldom() -> None:
    """Look for garbage less often, and never at what is there already; called once a process has loaded everything.

    Batches make hundreds of thousands of short-lived objects, none of them in cycles: with Python's usual thresholds a
    third of an import's time goes into looking at everything again.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@contextmanager
def left_alone() -> Iterator[None]:
    """No looking for garbage inside; for one batch, whose objects all go with it.

    Even when it looks seldom, the collector goes through hundreds of thousands of objects again and again while they
    are all in use: an eighth of what Python did for a batch of orders.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

"""Python's garbage collector, set for processes that handle large batches."""

import gc


def collect_seldom() -> None:
    """Look for garbage less often, and never at what is there already; called once a process has loaded everything.

    Batches make hundreds of thousands of short-lived objects, none of them in cycles: with Python's usual thresholds a
    third of an import's time goes into looking at everything again.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)

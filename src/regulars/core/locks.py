"""Advisory locks of PostgreSQL. They belong to a connection and end with it, whatever ended its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from regulars.core import bulk


@contextmanager
def tried(database: Any, space: int, key: int) -> Iterator[bool]:
    """Hold the lock of a thing while the block runs; False, and no lock, when another connection holds it.

    Args:
        space: Which kind of thing, 32 bits. key: Which of them, 32 bits.
    """
    taken = bulk.run(database, "SELECT pg_try_advisory_lock(%s, %s)", [space, key])[0][0]
    try:
        yield bool(taken)
    finally:
        if taken:
            bulk.run(database, "SELECT pg_advisory_unlock(%s, %s)", [space, key])

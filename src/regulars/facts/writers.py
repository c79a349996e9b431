"""Waiting for those who write: the feed ends below the oldest transaction that is under way."""

from time import monotonic, sleep

from django.db import connection

from regulars.core import bulk

POLL_S = 0.02
NOW = """
SELECT pg_current_xact_id_if_assigned() IS NULL, pg_snapshot_xmax(s)::text::bigint, pg_snapshot_xmin(s)::text::bigint
FROM pg_current_snapshot() s
"""


def wait_for_writers(*, seconds: float) -> bool:
    """Wait until all transactions that write now have ended, at most so long; whether they have.

    Then whatever was committed before this was called is in the feed. Who comes later is not waited for. A caller in a
    transaction that writes would wait for itself, and does not wait.
    """
    until = monotonic() + seconds
    alone, ahead, oldest = bulk.run(connection, NOW)[0]
    while alone and oldest < ahead and monotonic() < until:
        sleep(POLL_S)
        oldest = bulk.run(connection, NOW)[0][2]
    return bool(oldest >= ahead)

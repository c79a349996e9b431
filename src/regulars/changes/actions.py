"""Noting changes in the transaction that makes them, and following them."""

from collections.abc import Iterable

from django.db import connection

from regulars.changes import queries
from regulars.changes.models import Follower
from regulars.changes.rules import ChangeKind
from regulars.core import bulk

NOTE = """
INSERT INTO changes_change (kind, ids) SELECT %s, %b::bigint[] WHERE EXISTS (SELECT 1 FROM changes_follower)
"""
SWEEP = """
DELETE FROM changes_change c WHERE NOT EXISTS (
  SELECT 1 FROM changes_follower f WHERE (f.epoch, f.xid::text::xid8) < (c.epoch, c.xid)
)
"""


def note(kind: ChangeKind, ids: Iterable[int]) -> None:
    """Note rows that this transaction wrote. Nobody waits for it, so it may go through a pipeline."""
    if found := list(ids):
        bulk.send(connection, NOTE, [int(kind), bulk.Column("bigint", found)])


def follow(name: str) -> None:
    """Begin to follow: what is committed from now on. Whoever follows already goes on where they are."""
    epoch, xid = queries.end()
    Follower.objects.get_or_create(name=name, defaults={"epoch": epoch, "xid": xid})


def unfollow(name: str) -> None:
    """Stop following; when nobody is left, nothing is noted any more."""
    Follower.objects.filter(name=name).delete()
    sweep()


def advance(name: str, to: tuple[int, int]) -> None:
    """Somebody has read up to this bound. To be called in the transaction that has the effects."""
    Follower.objects.filter(name=name).update(epoch=to[0], xid=to[1])


def sweep() -> None:
    """Delete what everybody who follows has read."""
    bulk.run(connection, SWEEP)

"""Looking customers up, before anything is written or for all of them in turn."""

from collections.abc import Iterable, Sequence
from itertools import islice

from django.db import connection

from regulars.core import bulk
from regulars.customers.identities import Identity

BATCH = 5000
COLUMNS = ("smallint", "text", "text")


def known(identities: Iterable[Identity]) -> int:
    """How many of these identities belong to a customer already."""
    stream, found = iter(identities), 0
    while batch := [(i.kind, i.space, i.value) for i in islice(stream, BATCH)]:
        rows = bulk.run(
            connection,
            f"""SELECT count(*) FROM {bulk.unnest(*COLUMNS)} AS w (kind, space, value)
                JOIN customers_identity i ON (i.kind, i.space, i.value) = (w.kind, w.space, w.value)""",
            bulk.columns(batch, COLUMNS),
        )
        found += rows[0][0]
    return found


def owners(identities: Iterable[Identity]) -> dict[Identity, int]:
    """Who stands for the group that each of these identities belongs to; unknown ones are left out."""
    stream = iter(identities)
    found: dict[Identity, int] = {}
    while batch := [(i.kind, i.space, i.value) for i in islice(stream, BATCH)]:
        rows = bulk.run(
            connection,
            f"""SELECT i.kind, i.space, i.value, c.canonical_id FROM {bulk.unnest(*COLUMNS)} AS w (kind, space, value)
                JOIN customers_identity i ON (i.kind, i.space, i.value) = (w.kind, w.space, w.value)
                JOIN customers_customer c ON c.id = i.customer_id""",
            bulk.columns(batch, COLUMNS),
        )
        found.update((Identity(*row[:3]), row[3]) for row in rows)
    return found


def names_of(customer_ids: Iterable[int]) -> dict[int, frozenset[Identity]]:
    """Everything by which these customers, each with the whole group, may be known."""
    rows = bulk.run(
        connection,
        """SELECT w.id, i.kind, i.space, i.value FROM customers_customer w
           JOIN customers_customer c ON c.canonical_id = w.canonical_id
           JOIN customers_identity i ON i.customer_id = c.id
           WHERE w.id = ANY(%b::bigint[])""",
        [bulk.Column("bigint", sorted(set(customer_ids)))],
    )
    found: dict[int, set[Identity]] = {}
    for customer_id, *name in rows:
        found.setdefault(customer_id, set()).add(Identity(*name))
    return {customer_id: frozenset(names) for customer_id, names in found.items()}


def owner(identities: Sequence[Identity]) -> int | None:
    """Who stands for the group that the first known of these identities belongs to; None if none is known."""
    rows = bulk.run(
        connection,
        f"""SELECT c.canonical_id FROM {bulk.unnest(*COLUMNS)} WITH ORDINALITY AS w (kind, space, value, place)
            JOIN customers_identity i ON (i.kind, i.space, i.value) = (w.kind, w.space, w.value)
            JOIN customers_customer c ON c.id = i.customer_id ORDER BY w.place LIMIT 1""",
        bulk.columns([(i.kind, i.space, i.value) for i in identities], COLUMNS),
    )
    return rows[0][0] if rows else None


def canonicals_after(customer_id: int, *, most: int) -> list[int]:
    """The next customers who stand for their group, by id."""
    rows = bulk.run(
        connection,
        "SELECT id FROM customers_customer WHERE id > %s AND canonical_id = id ORDER BY id LIMIT %s",
        [customer_id, most],
    )
    return [row[0] for row in rows]

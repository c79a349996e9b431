"""The inbox: each fact once, whatever is sent twice, late, or in another order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from regulars.core import bulk
from regulars.customers.actions import Contended
from regulars.facts.kinds import order_cancelled, order_completed, order_refunded
from regulars.facts.models import Source
from regulars.facts.rules import Answer, NewFact, Outcome

INSERT = """
INSERT INTO facts_fact (source_id, kind, key, subject, identity_id, occurred_at, business_date, amount, store_id, body,
                        digest, batch_id, recorded_at)
SELECT source, kind, key, subject, identity, occurred_at, day, amount, store, body::jsonb, digest, %s, %s
FROM {table} AS n (key, source, kind, subject, identity, occurred_at, day, amount, store, body, digest)
{unless_known}
RETURNING id, source_id, kind, key
"""
UNLESS_KNOWN = "ON CONFLICT (source_id, kind, key) WHERE retracted_at IS NULL DO NOTHING"
COLUMNS = ("text", "smallint", "smallint", "text", "bigint", "timestamptz", "date", "bigint", "bigint", "text", "bytea")
TURN = 0x5475_726E  # "Turn", for advisory locks
ABOUT_ORDERS = (order_refunded.CODE, order_cancelled.CODE)
Key = tuple[int, int, str]


@dataclass(slots=True)
class Recorded:
    """What the batch came to.

    `answers` in the order of the batch; `new` are the places in the batch of facts recorded now, `identities` the
    identity of each place; `adopted` are identities that waiting refunds left or came to with their order.
    """

    answers: list[Answer]
    new: list[int]
    identities: list[int | None]
    adopted: set[int]


def ensure_source(name: str) -> int:
    """The id of the system that numbers the facts; made when it is new."""
    rows = bulk.run(connection, "SELECT id FROM facts_source WHERE name = %s", [name])
    return int(rows[0][0]) if rows else Source.objects.get_or_create(name=name)[0].pk


def record(
    *,
    facts: Sequence[NewFact],
    identities: Sequence[int | None],
    sources: dict[str, int],
    stores: dict[str, int],
    days: Sequence[date],
    at: datetime,
    import_id: int | None = None,
) -> Recorded:
    """Write the facts that are new; tell repeats from conflicts for the others.

    A refund or cancellation takes the identity of its order, now or when the order arrives.

    Args:
        identities: Who each fact arrived for, None for nobody.
        sources: Source ids by name. stores: Store ids by code.
        days: The business date of each fact.
    """
    first_place: dict[Key, int] = {}
    keys: list[Key] = []
    for place, fact in enumerate(facts):
        key = (sources[fact.source], fact.kind, fact.key)
        keys.append(key)
        first_place.setdefault(key, place)
    owners = list(identities)
    bodies = [fact.body_text() for fact in facts]
    digests = [fact.digest(body) for fact, body in zip(facts, bodies, strict=True)]
    ids: dict[Key, int] = {}

    def write(places: list[tuple[Key, int]]) -> None:
        rows = [
            (
                key[2], *key[:2], facts[place].subject, owners[place], facts[place].occurred_at, days[place],
                facts[place].amount,
                stores[facts[place].store or ""] if facts[place].store else None,
                bodies[place], digests[place],
            )
            for key, place in places
        ]  # fmt: skip
        ids.update({(row[1], row[2], row[3]): row[0] for row in _insert(rows, [import_id, at])})

    # What is about an order comes after the orders of its batch, and takes the identity of the one that stands.
    ordered = sorted(first_place.items())
    write([(key, place) for key, place in ordered if facts[place].subject is None])
    if about := [(key, place) for key, place in ordered if facts[place].subject is not None]:
        known = _orders_known(facts, sources)
        for _, place in about:
            order = (sources[facts[place].source], facts[place].subject or "")
            owners[place] = known.get(order, owners[place])
        write(about)
    new = [first_place[key] for key in ids]
    new.sort()
    answers = _answers(keys, digests, first_place, ids)
    adopted = _wake_waiting(facts, new, owners, sources)
    return Recorded(answers, new, owners, adopted)


def _insert(rows: list[tuple[Any, ...]], told: list[Any]) -> list[tuple[Any, ...]]:
    """Insert the facts that are new.

    A large batch mostly has nothing but new facts, and takes a quarter less when the server need not be ready for one
    that is known: that is tried first.
    """
    table, parameters = bulk.table(rows, COLUMNS)
    if len(rows) >= bulk.MANY:
        try:
            with transaction.atomic():
                return bulk.run(connection, INSERT.format(table=table, unless_known=""), [*told, *parameters])
        except IntegrityError:
            pass
    return bulk.run(connection, INSERT.format(table=table, unless_known=UNLESS_KNOWN), [*told, *parameters])


def take_turn(*, facts: Sequence[NewFact], sources: dict[str, int]) -> None:
    """Keep an order and its refund from passing each other in two transactions that do not see one another.

    Batches with orders share the turn. One with a refund whose order is not known yet has it alone until it commits,
    so that the order is either there already or finds the refund. To be called first, before any lock is held.
    """
    orders = [fact for fact in facts if fact.kind == order_completed.CODE]
    missing = {(sources[fact.source], fact.subject) for fact in facts if fact.subject is not None}
    if missing:
        missing -= {(sources[fact.source], fact.key) for fact in orders}
    if missing and missing - _orders_known(facts, sources).keys():
        bulk.run(connection, f"SELECT pg_advisory_xact_lock({TURN})")
    elif orders:
        bulk.run(connection, f"SELECT pg_advisory_xact_lock_shared({TURN})")


def _orders_known(facts: Sequence[NewFact], sources: dict[str, int]) -> dict[tuple[int, str], int | None]:
    """The orders that these facts are about, as far as they stand, with their identities."""
    wanted = sorted({(sources[fact.source], fact.subject) for fact in facts if fact.subject is not None})
    rows = bulk.run(
        connection,
        f"""SELECT f.source_id, f.key, f.identity_id FROM {bulk.unnest("smallint", "text")} AS w (source, key)
            JOIN facts_fact f ON f.source_id = w.source AND f.kind = {order_completed.CODE} AND f.key = w.key
            WHERE f.retracted_at IS NULL""",
        bulk.columns(wanted, ("smallint", "text")),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _wake_waiting(
    facts: Sequence[NewFact], new: list[int], owners: list[int | None], sources: dict[str, int]
) -> set[int]:
    """Refunds that came before these orders now belong to the orders' customers; both identities of each."""
    orders = [place for place in new if facts[place].kind == order_completed.CODE]
    if not orders or not _anything_waits([facts[place] for place in orders], sources):
        return set()
    told = sorted((sources[facts[place].source], facts[place].key, owners[place] or 0) for place in orders)
    rows = bulk.run(
        connection,
        f"""WITH waiting AS (
              SELECT f.id, f.identity_id AS before, nullif(w.identity, 0) AS after
              FROM {bulk.unnest("smallint", "text", "bigint")} AS w (source, key, identity)
              JOIN facts_fact f ON f.source_id = w.source AND f.subject = w.key AND f.kind IN {ABOUT_ORDERS}
              WHERE f.retracted_at IS NULL
            ), moved AS (
              UPDATE facts_fact f SET identity_id = w.after FROM waiting w
              WHERE f.id = w.id AND w.before IS DISTINCT FROM w.after
            )
            SELECT before, after FROM waiting""",
        bulk.columns(told, ("smallint", "text", "bigint")),
    )
    return {identity for row in rows for identity in row if identity is not None}


def _anything_waits(orders: Sequence[NewFact], sources: dict[str, int]) -> bool:
    """Whether any fact is about one of these orders: mostly none, and asking costs a third of finding them."""
    rows = bulk.run(
        connection,
        """SELECT EXISTS (SELECT 1 FROM facts_fact
                          WHERE source_id = ANY(%b::smallint[]) AND subject = ANY(%b::text[]))""",
        [
            bulk.Column("smallint", sorted({sources[name] for name in {order.source for order in orders}})),
            bulk.Column("text", [order.key for order in orders]),
        ],
    )
    return bool(rows[0][0])


def _answers(keys: list[Key], digests: list[bytes], first_place: dict[Key, int], ids: dict[Key, int]) -> list[Answer]:
    """An answer for each place: recorded, the same as before, or in conflict with what the key meant before."""
    if len(ids) == len(keys):
        return [Answer(Outcome.RECORDED, ids[key]) for key in keys]
    others = sorted(key for key in first_place if key not in ids)
    known: dict[Key, tuple[int, bytes]] = {}
    if others:
        rows = bulk.run(
            connection,
            f"""SELECT f.source_id, f.kind, f.key, f.id, f.digest
                FROM {bulk.unnest("smallint", "smallint", "text")} AS w (source, kind, key)
                JOIN facts_fact f ON (f.source_id, f.kind, f.key) = (w.source, w.kind, w.key)
                WHERE f.retracted_at IS NULL""",
            bulk.columns(others, ("smallint", "smallint", "text")),
        )
        known = {(row[0], row[1], row[2]): (row[3], bytes(row[4])) for row in rows}
        if len(known) < len(others):
            raise Contended("An import was undone at the same moment.")
    answers = []
    for place, key in enumerate(keys):
        if key in ids and first_place[key] == place:
            answers.append(Answer(Outcome.RECORDED, ids[key]))
            continue
        fact_id, digest = (ids[key], digests[first_place[key]]) if key in ids else known[key]
        answers.append(Answer(Outcome.REPEATED if digest == digests[place] else Outcome.CONFLICT, fact_id))
    return answers

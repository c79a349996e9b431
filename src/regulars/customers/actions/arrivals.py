"""Finding customers for facts, and writing what is known of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.customers import queries
from regulars.customers.identities import Identity

IDENTITY = ("smallint", "text", "text")
PROFILE = ("bigint", "text", "date", "date")
# If anything is new, everybody of the batch is locked first, in the order of their ids as `lock` does it: an UPDATE
# takes its rows in any order, and two batches about the same people would each wait for the other.
KEEP_PROFILE = """
WITH told AS (
  SELECT p.* FROM {unnest} AS p (id, name, birthday, joined_on) JOIN customers_customer c ON c.id = p.id
  WHERE (c.name = '' AND p.name <> '') OR (c.birthday IS NULL AND p.birthday IS NOT NULL)
    OR p.joined_on < c.joined_on OR c.hidden
), locked AS (
  SELECT id FROM customers_customer WHERE id = ANY(%b::bigint[]) AND EXISTS (SELECT 1 FROM told)
  ORDER BY id FOR NO KEY UPDATE
)
UPDATE customers_customer c SET
  name = CASE WHEN c.name = '' THEN p.name ELSE c.name END,
  birthday = coalesce(c.birthday, p.birthday),
  joined_on = least(c.joined_on, p.joined_on),
  hidden = false
FROM told p WHERE c.id = p.id AND (SELECT count(*) FROM locked) > 0
"""


class Contended(DomainError):
    """Somebody else wrote the same thing at the same moment; the whole flow may simply run again."""

    code = "contended"


@dataclass(slots=True)
class Arrival:
    """Who a fact says it is from: identities, strongest first, and what it tells of the person."""

    identities: tuple[Identity, ...]
    profile: Mapping[str, Any]
    day: date


@dataclass(slots=True)
class Identified:
    """The identity of each arrival, None where nobody is named; `owners` as `lock` takes them."""

    ids: list[int | None]
    owners: "Owners"


Owners = dict[int, tuple[int, int]]
"""identity id → (customer it arrived for, canonical customer)."""


@dataclass(slots=True)
class _Batch:
    """What the batch knows while it resolves: identity → (identity id, customer id), and what must be written.

    `settled` holds, for customers who need no word from a fact without a profile, the day they joined.
    """

    known: dict[Identity, tuple[int, int]]
    canonical: dict[int, int]
    settled: dict[int, date] = field(default_factory=dict)
    new_customers: list[tuple[int, date]] = field(default_factory=list)
    new_identities: dict[Identity, int] = field(default_factory=dict)
    doubts: dict[tuple[int, int], str] = field(default_factory=dict)
    spare: list[int] = field(default_factory=list)


def identify(*, arrivals: Sequence[Arrival], at: datetime) -> Identified:
    """The identity for each arrival, in order; unknown people become customers.

    An arrival whose identities belong to different customers goes to the strongest one's, and the pair is proposed as
    duplicates; nobody is merged without review.

    Raises:
        Contended: The same new identity was written by somebody else meanwhile.
    """
    wanted = sorted({identity for arrival in arrivals for identity in arrival.identities})
    if not wanted:
        return Identified([None] * len(arrivals), {})
    batch = _look_up(wanted)
    strongest = [_resolve(batch, arrival) for arrival in arrivals]
    ids = {identity: found[0] for identity, found in batch.known.items()}
    ids.update(_write_new(batch, at))
    _keep_profiles(batch, arrivals, at)
    _propose(batch.doubts, at)
    owners = {row_id: (owner, batch.canonical[owner]) for row_id, owner in batch.known.values()}
    owners.update((ids[identity], (owner, batch.canonical[owner])) for identity, owner in batch.new_identities.items())
    return Identified([ids[identity] if identity else None for identity in strongest], owners)


def lock(identity_ids: Sequence[int], *, known: Owners | None = None) -> Owners:
    """Lock the canonical customers behind these identities until the transaction ends.

    Args:
        known: Owners that this transaction has read or made already.

    Returns:
        identity id → (customer it arrived for, canonical customer).

    Raises:
        Contended: One of them was merged between reading and locking.
    """
    known = known or {}
    unread = [identity_id for identity_id in identity_ids if identity_id not in known]
    before = {**known, **_owners(unread)} if unread else known
    wanted = {identity_id: before[identity_id] for identity_id in identity_ids}
    _lock_unmerged({canonical for _, canonical in wanted.values()})
    # A merge changes the row that was locked; undoing one changes a member's, behind the lock of the canonical one.
    members = {identity_id: owner for identity_id, owner in wanted.items() if owner[0] != owner[1]}
    if members and _owners(list(members)) != members:
        raise Contended("A merge was undone meanwhile.")
    return wanted


def lock_groups(customer_ids: Sequence[int]) -> dict[int, int]:
    """Lock the canonical customers behind these customers until the transaction ends.

    Returns:
        customer id → canonical customer; who does not exist is left out.

    Raises:
        Contended: One of them was merged between reading and locking.
    """
    before = queries.canonicals(customer_ids)
    lock_customers(set(before.values()))
    if queries.canonicals(customer_ids) != before:
        raise Contended("Customers were merged meanwhile.")
    return before


def lock_one(customer_id: int) -> int | None:
    """Lock the canonical customer behind one customer; who it is, None if there is none.

    Nearly everybody stands for themselves, and their row says so once it is locked; others are locked as a group.
    """
    rows = bulk.run(
        connection,
        "SELECT id FROM customers_customer WHERE id = %s AND coalesce(canonical_id, id) = id FOR NO KEY UPDATE",
        [customer_id],
    )
    return customer_id if rows else lock_groups([customer_id]).get(customer_id)


def ask_alone(customer_ids: Sequence[int]) -> Callable[[], set[int]]:
    """Lock those of these customers who stand for themselves; whom somebody else has locked is left out, too."""
    return bulk.ask(
        connection,
        """SELECT id FROM customers_customer WHERE id = ANY(%b::bigint[]) AND coalesce(canonical_id, id) = id
           ORDER BY id FOR NO KEY UPDATE SKIP LOCKED""",
        [bulk.Column("bigint", sorted(customer_ids))],
        read=lambda rows: {row[0] for row in rows},
    )


def lock_customers(customer_ids: set[int]) -> None:
    """Lock canonical customers in the order of their ids: the only lock a customer has."""
    _lock(customer_ids)


def _lock_unmerged(customer_ids: set[int]) -> None:
    """Lock customers who stand for themselves; each row is read as it is once it is locked."""
    if any(canonical != customer_id for customer_id, canonical in _lock(customer_ids)):
        raise Contended("Customers were merged meanwhile.")


def _lock(customer_ids: set[int]) -> list[tuple[int, int]]:
    rows = bulk.run(
        connection,
        """SELECT id, coalesce(canonical_id, id) FROM customers_customer WHERE id = ANY(%b::bigint[])
           ORDER BY id FOR NO KEY UPDATE""",
        [bulk.Column("bigint", sorted(customer_ids))],
    )
    return [(row[0], row[1]) for row in rows]


def _owners(identity_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    rows = bulk.run(
        connection,
        """SELECT i.id, c.id, coalesce(c.canonical_id, c.id) FROM customers_identity i
           JOIN customers_customer c ON c.id = i.customer_id WHERE i.id = ANY(%b::bigint[])""",
        [bulk.Column("bigint", sorted(set(identity_ids)))],
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _look_up(wanted: list[Identity]) -> _Batch:
    rows = bulk.run(
        connection,
        f"""SELECT w.place, i.id, i.customer_id, coalesce(c.canonical_id, c.id),
                   CASE WHEN NOT c.hidden THEN c.joined_on END
            FROM {bulk.unnest(*IDENTITY)} WITH ORDINALITY AS w (kind, space, value, place)
            JOIN customers_identity i ON (i.kind, i.space, i.value) = (w.kind, w.space, w.value)
            JOIN customers_customer c ON c.id = i.customer_id""",
        bulk.columns([(i.kind, i.space, i.value) for i in wanted], IDENTITY),
    )
    known = {wanted[place - 1]: (identity_id, owner) for place, identity_id, owner, _, _ in rows}
    settled = {owner: joined for _, _, owner, _, joined in rows if joined is not None}
    return _Batch(known, {owner: canonical for _, _, owner, canonical, _ in rows}, settled)


def _resolve(batch: _Batch, arrival: Arrival) -> Identity | None:
    """The strongest identity that decides, after noting what must be written for this arrival."""
    if not arrival.identities:
        return None
    if len(arrival.identities) == 1 and arrival.identities[0] in batch.known:
        return arrival.identities[0]
    owners = [
        batch.known[identity][1] if identity in batch.known else batch.new_identities.get(identity)
        for identity in arrival.identities
    ]
    owner = next((found for found in owners if found is not None), None)
    if owner is None:
        owner = _next_id(batch)
        batch.new_customers.append((owner, arrival.day))
        batch.canonical[owner] = owner
        batch.settled[owner] = arrival.day
    for identity, found in zip(arrival.identities, owners, strict=True):
        if found is None:
            batch.new_identities[identity] = owner
        elif batch.canonical[found] != batch.canonical[owner]:
            pair = sorted((batch.canonical[found], batch.canonical[owner]))
            batch.doubts[(pair[0], pair[1])] = f"order:{identity.kind}"
    return arrival.identities[owners.index(owner)] if owner in owners else arrival.identities[0]


def _next_id(batch: _Batch) -> int:
    if not batch.spare:
        rows = bulk.run(
            connection,
            "SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) FROM generate_series(1, %s)",
            [max(1, min(5000, 4 * len(batch.new_customers)))],
        )
        batch.spare = [row[0] for row in reversed(rows)]
    return batch.spare.pop()


def _write_new(batch: _Batch, at: datetime) -> dict[Identity, int]:
    if batch.new_customers:
        bulk.run(
            connection,
            f"""INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
                SELECT id, id, '', '', day, %s, false FROM {bulk.unnest("bigint", "date")} AS n (id, day)""",
            [at, *bulk.columns(batch.new_customers, ("bigint", "date"))],
        )
        changes.note(ChangeKind.CUSTOMERS, [customer_id for customer_id, _ in batch.new_customers])
    if not batch.new_identities:
        return {}
    items = sorted(batch.new_identities.items())
    rows = bulk.run(
        connection,
        f"""INSERT INTO customers_identity (kind, space, value, customer_id, created_at)
            SELECT kind, space, value, customer, %s
            FROM {bulk.unnest(*IDENTITY, "bigint")} AS n (kind, space, value, customer)
            ON CONFLICT (kind, space, value) DO NOTHING RETURNING kind, space, value, id""",
        [at, *bulk.columns([(i.kind, i.space, i.value, owner) for i, owner in items], (*IDENTITY, "bigint"))],
    )
    if len(rows) != len(items):
        raise Contended("The same customer arrived twice at the same moment.")
    return {Identity(*row[:3]): row[3] for row in rows}


def _keep_profiles(batch: _Batch, arrivals: Sequence[Arrival], at: datetime) -> None:
    """Fill empty fields of the customers from what the facts tell; what is already known stays."""
    told: dict[int, tuple[str, date | None, date]] = {}
    for arrival in arrivals:
        if not arrival.identities:
            continue
        first = arrival.identities[0]
        owner = batch.known[first][1] if first in batch.known else batch.new_identities[first]
        if not arrival.profile and (joined := batch.settled.get(owner)) is not None and joined <= arrival.day:
            continue
        name, birthday, day = told.get(owner, ("", None, arrival.day))
        told[owner] = (
            name or str(arrival.profile.get("name") or "")[:200],
            birthday or arrival.profile.get("birthday"),
            min(day, arrival.day, arrival.profile.get("joined_on") or day),
        )
    rows = sorted((owner, *what) for owner, what in told.items())
    if rows:
        bulk.run(
            connection,
            KEEP_PROFILE.format(unnest=bulk.unnest(*PROFILE)),
            [*bulk.columns(rows, PROFILE), bulk.Column("bigint", sorted(set(batch.canonical.values())))],
        )


def _propose(doubts: dict[tuple[int, int], str], at: datetime) -> None:
    if not doubts:
        return
    pairs = sorted(doubts)
    bulk.run(
        connection,
        f"""INSERT INTO customers_duplicateproposal (first_id, second_id, evidence, proposed_at, status, decided_by)
            SELECT a, b, jsonb_build_array(e), %s, 'open', ''
            FROM {bulk.unnest("bigint", "bigint", "text")} AS n (a, b, e)
            ON CONFLICT (first_id, second_id) DO NOTHING""",
        [at, *bulk.columns([(*pair, doubts[pair]) for pair in pairs], ("bigint", "bigint", "text"))],
    )

"""Imports: a file is checked and staged whole, posted in batches that can resume, and can be undone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from django.db import connection, transaction

from regulars.core import bulk, locks
from regulars.core.errors import DomainError
from regulars.facts import uploads
from regulars.facts.actions.inbox import ensure_source
from regulars.facts.imports_view import LOCK_SPACE
from regulars.facts.models import Import, ImportProblem, KeptMapping, StagedFact, StagedProduct
from regulars.facts.rules import NewFact

STAGE_BATCH = 5000
MOST_PROBLEMS = 100_000
# The lane of a staged fact: by its first identity, else by the order that it is or is about.
STAGED = """
SELECT position, ('x' || left(md5(coalesce(told->5->>0, told->>6, told->>2)), 7))::bit(28)::int %% %s, told::text
FROM facts_stagedfact WHERE import_id = %s AND position >= %s AND position < %s ORDER BY position
"""
CHOOSING = ("mapping", "ready", "failed")


class WrongState(DomainError):
    """The import is not in a state in which this can be done."""

    code = "wrong_import_state"


def open_import(
    *, source: str, connector: str, file_name: str, time_zone: str, mapping: Mapping[str, Any], actor: str,
    at: datetime, settings: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """Begin an import whose columns are known; returns its id."""
    return Import.objects.create(
        source_id=ensure_source(source), connector=connector, file_name=file_name[:255], time_zone=time_zone,
        mapping=dict(mapping), settings=dict(settings or {}), created_at=at, created_by=actor,
    ).pk  # fmt: skip


def receive(
    *, connector: str, file_name: str, upload: str, sample: Mapping[str, Any], mapping: Mapping[str, Any],
    time_zone: str, settings: Mapping[str, Any], actor: str, at: datetime,
) -> int:  # fmt: skip
    """Keep an uploaded file whose columns a person has yet to confirm; returns the import's id."""
    return Import.objects.create(
        connector=connector, file_name=file_name[:255], upload=upload, sample=dict(sample), mapping=dict(mapping),
        time_zone=time_zone, settings=dict(settings), status="mapping", created_at=at, created_by=actor,
    ).pk  # fmt: skip


def choose(
    *, import_id: int, source: str, time_zone: str, mapping: Mapping[str, Any], settings: Mapping[str, Any]
) -> None:
    """A person has said how the file is read: it may now be checked, for the first time or again.

    Raises:
        WrongState: It is being checked or posted already.
    """
    found = lock_import(import_id, allowed=CHOOSING)
    found.source_id, found.time_zone = ensure_source(source), time_zone
    found.mapping, found.settings = dict(mapping), dict(settings)
    found.status, found.failure, found.failure_code, found.finished_at = "checking", "", "", None
    found.staged_count = found.posted_count = found.step_count = 0
    found.lanes = []
    found.counts, found.report = {}, {}
    found.save()


def stage(*, import_id: int, facts: Iterable[NewFact]) -> int:
    """Keep checked facts until they are posted; returns how many. Staging again replaces what was staged."""
    StagedFact.objects.filter(import_id=import_id).delete()
    stream, position = iter(facts), 0
    while batch := list(islice(stream, STAGE_BATCH)):
        rows = [(import_id, position + i, told(fact)) for i, fact in enumerate(batch)]
        bulk.run(
            connection,
            f"""INSERT INTO facts_stagedfact (import_id, position, told)
                SELECT import_id, position, told::jsonb
                FROM {bulk.unnest("bigint", "int", "text")} AS n (import_id, position, told)""",
            bulk.columns(rows, ("bigint", "int", "text")),
        )
        position += len(batch)
    return position


def stage_products(*, import_id: int, products: Iterable[Sequence[str]]) -> int:
    """Keep (sku, name, category, brand) of products until the facts are posted; returns how many."""
    StagedProduct.objects.filter(import_id=import_id).delete()
    rows = [
        StagedProduct(import_id=import_id, sku=sku[:200], name=name[:200], category=category[:200], brand=brand[:200])
        for sku, name, category, brand in products
    ]
    StagedProduct.objects.bulk_create(rows, batch_size=STAGE_BATCH, ignore_conflicts=True)
    return len(rows)


def note_problems(*, import_id: int, problems: Iterable[tuple[int, str, str, str, Sequence[str]]]) -> int:
    """Keep refused rows (row, column, code, detail, cells) for the error file; at most 100,000, returns how many.

    They replace those of an earlier check. `detail` is what was found in the cell: each reader gets the reason in
    their own language.
    """
    ImportProblem.objects.filter(batch_id=import_id).delete()
    kept = [
        ImportProblem(
            batch_id=import_id, row=row, column=column[:200], code=code[:50], detail=detail[:500], cells=list(cells)
        )
        for row, column, code, detail, cells in islice(problems, MOST_PROBLEMS)
    ]
    ImportProblem.objects.bulk_create(kept, batch_size=5000)
    return len(kept)


def note_step(*, import_id: int, count: int) -> None:
    """How many rows were read, or facts taken back, so far; for people who wait."""
    Import.objects.filter(pk=import_id).update(step_count=count)


def checked(*, import_id: int, staged: int, counts: Mapping[str, int], report: Mapping[str, Any] | None = None) -> None:
    """The whole file was read: the import is ready to be posted."""
    Import.objects.filter(pk=import_id, status="checking").update(
        status="ready", staged_count=staged, counts=dict(counts), report=dict(report or {})
    )


def failed(*, import_id: int, failure: str, at: datetime, code: str = "") -> None:
    """The file cannot be used as it was told; no fact was written."""
    _forget_staged(import_id)
    Import.objects.filter(pk=import_id, status="checking").update(
        status="failed", failure=failure[:2000], failure_code=code[:50], finished_at=at
    )


def only_one(import_id: int) -> AbstractContextManager[bool]:
    """False when another process works on this import at the moment; the lock ends with its connection."""
    return locks.tried(connection, LOCK_SPACE, import_id)


def sweep_uploads(*, at: datetime) -> int:
    """Delete kept files that belong to no import; returns how many."""
    known = set(Import.objects.exclude(upload="").values_list("upload", flat=True))
    lost = list(uploads.forgotten(known, at=at))
    for name in lost:
        uploads.drop(name)
    return len(lost)


def _forget_staged(import_id: int) -> None:
    StagedFact.objects.filter(import_id=import_id).delete()
    StagedProduct.objects.filter(import_id=import_id).delete()


def lock_import(import_id: int, *, allowed: Sequence[str]) -> Import:
    """The import, locked until the transaction ends.

    Raises:
        WrongState: It is in none of the allowed states.
    """
    found = Import.objects.select_for_update().filter(pk=import_id).first()
    if found is None or found.status not in allowed:
        raise WrongState(f"This import is {found.status if found else 'gone'}.")
    return found


def move_to(
    *, import_id: int, status: str, allowed: Sequence[str], at: datetime | None = None, actor: str = ""
) -> None:
    """Change the state of an import; `at` is when it ended, `actor` who had it undone.

    Raises:
        WrongState: It is in none of the allowed states.
    """
    found = lock_import(import_id, allowed=allowed)
    found.status = status
    if status in ("undoing", "undone"):
        found.undone_at, found.undone_by = at or found.undone_at, actor or found.undone_by
    elif at is not None:
        found.finished_at = at
    found.step_count = 0
    name = found.upload
    if status in ("done", "discarded"):
        _forget_staged(import_id)
        found.upload, found.sample = "", {}
        # After the commit: a file that went while its import stayed would leave nothing to check again.
        transaction.on_commit(lambda: uploads.drop(name))
    found.save()


def staged_products(import_id: int) -> list[tuple[str, str, str, str]]:
    """(sku, name, category, brand) of what an import describes, as far as it is not posted yet."""
    rows = StagedProduct.objects.filter(import_id=import_id).order_by("sku")
    return list(rows.values_list("sku", "name", "category", "brand"))


@dataclass(frozen=True, slots=True)
class Portion:
    """Staged facts of one lane, as JSON texts: those from position `start` to before `end` that are the lane's."""

    import_id: int
    lane: int
    start: int
    end: int
    told: list[str]


def open_lanes(*, import_id: int, lanes: int) -> list[int]:
    """The position that each lane has reached; how many there are is settled when posting begins."""
    found = lock_import(import_id, allowed=["posting"])
    if not found.lanes:
        found.lanes = [0] * lanes
        found.save(update_fields=["lanes"])
    return list(found.lanes)


def staged_portions(*, import_id: int, reached: Sequence[int], most: int) -> Iterator[Portion]:
    """What is not posted yet, in portions of one lane and at most so many facts. A customer keeps to one lane."""
    starts = list(reached)
    portions: list[list[str]] = [[] for _ in starts]
    position = min(starts)
    while rows := bulk.run(connection, STAGED, [len(starts), import_id, position, position + most]):
        for place, lane, text in rows:
            if place < starts[lane]:
                continue
            portions[lane].append(text)
            if len(portions[lane]) == most:
                yield Portion(import_id, lane, starts[lane], place + 1, portions[lane])
                portions[lane], starts[lane] = [], place + 1
        position = rows[-1][0] + 1
    for lane, told_left in enumerate(portions):
        if told_left:
            yield Portion(import_id, lane, starts[lane], position, told_left)


def advance(*, portion: Portion, outcome: Mapping[str, int]) -> None:
    """A portion is posted; outcomes are added up. In the same transaction as the facts.

    Raises:
        WrongState: The import is not being posted, or somebody else posted this portion.
    """
    found = lock_import(portion.import_id, allowed=["posting"])
    if found.lanes[portion.lane] != portion.start:
        raise WrongState("This part of the import was posted by another process.")
    found.lanes[portion.lane] = portion.end
    found.posted_count += len(portion.told)
    for name, count in outcome.items():
        if count:
            found.counts[name] = found.counts.get(name, 0) + count
    found.save()


def keep_mapping(*, fingerprint: str, mapping: Mapping[str, Any], source: str, time_zone: str) -> None:
    """Remember how files with these columns are read."""
    KeptMapping.objects.update_or_create(
        fingerprint=fingerprint, defaults={"mapping": dict(mapping), "source_name": source, "time_zone": time_zone}
    )


def retract(*, import_id: int, identity_ids: Sequence[int | None], at: datetime) -> int:
    """Take back what an import told of these identities; returns how many facts. The caller holds the locks."""
    named = [identity for identity in identity_ids if identity is not None]
    rows = bulk.run(
        connection,
        """UPDATE facts_fact SET retracted_at = %s WHERE batch_id = %s AND retracted_at IS NULL
           AND (identity_id = ANY(%b::bigint[]) OR (%s AND identity_id IS NULL)) RETURNING 1""",
        [at, import_id, bulk.Column("bigint", named), len(named) < len(identity_ids)],
    )
    return len(rows)


def told(fact: NewFact) -> str:
    """A fact as JSON text."""
    return orjson.dumps(fact.told()).decode()


def retold(text: str) -> NewFact:
    """The fact of a JSON text made by `told`."""
    return NewFact.retold(orjson.loads(text))

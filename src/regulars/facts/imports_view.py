"""Reading imports as people look at them: the list, one import, its refused rows, how files were read before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.facts.models import Fact, Import, ImportProblem, KeptMapping, Source

UNDER_WAY = ("checking", "posting", "undoing")
LOCK_SPACE = 0x496D_7074  # "Impt"; the first half of the advisory lock of whoever works on an import


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import. `counts` and `report` are what checking found, `step` how far reading or undoing is.

    `source` is empty until somebody said who numbered the orders; `upload` is empty once the file is gone.
    """

    id: int
    status: str
    connector: str
    file_name: str
    source: str
    time_zone: str
    mapping: Mapping[str, str]
    settings: Mapping[str, Any]
    upload: str
    sample: Mapping[str, Any]
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    undone_at: datetime | None
    undone_by: str
    staged: int
    posted: int
    step: int
    counts: Mapping[str, int]
    report: Mapping[str, Any]
    failure: str
    failure_code: str

    @property
    def under_way(self) -> bool:
        """Whether a job works on it."""
        return self.status in UNDER_WAY


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A refused row. `found` is what stood in the cell; the reason is told in the reader's language by `code`."""

    row: int
    column: str
    code: str
    found: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptMappingView:
    """How a file with these column names was read last time."""

    mapping: Mapping[str, str]
    source: str
    time_zone: str


def get(import_id: int) -> ImportView | None:
    """One import."""
    row = Import.objects.select_related("source").filter(pk=import_id).first()
    return _view(row) if row else None


def is_held(import_id: int) -> bool:
    """Whether a process works on this import at the moment."""
    rows = bulk.run(
        connection,
        """SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
           AND classid = %s::bigint AND objid = %s::bigint
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""",
        [LOCK_SPACE, import_id],
    )
    return bool(rows)


def newest(*, offset: int = 0, most: int = 50) -> list[ImportView]:
    """Imports, newest first, without their samples."""
    rows = Import.objects.select_related("source").defer("sample").order_by("-id")[offset : offset + most]
    return [_view(row, sample=False) for row in rows]


def count() -> int:
    """How many imports there are."""
    return Import.objects.count()


def every_problem(import_id: int) -> Iterator[ProblemView]:
    """Every refused row, in the order of the file, a few at a time."""
    rows = ImportProblem.objects.filter(batch_id=import_id).order_by("row", "id")
    for row in rows.iterator(chunk_size=2000):
        yield ProblemView(row.row, row.column, row.code, row.detail, tuple(row.cells))


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """Rows that were refused for one reason in one column: how many, the first of them, and what stood there."""

    code: str
    column: str
    found: str
    count: int
    rows: tuple[int, ...]


def problem_kinds(import_id: int) -> list[ProblemKind]:
    """Why rows were refused, most frequent first."""
    rows = bulk.run(
        connection,
        """SELECT code, "column", (array_agg(detail ORDER BY row))[1], count(*), (array_agg(row ORDER BY row))[1:5]
           FROM facts_importproblem WHERE batch_id = %s GROUP BY code, "column" ORDER BY count(*) DESC, code""",
        [import_id],
    )
    return [ProblemKind(row[0], row[1], row[2], row[3], tuple(row[4])) for row in rows]


def kept_mapping(fingerprint: str) -> KeptMappingView | None:
    """How a file with these columns was read last time."""
    row = KeptMapping.objects.filter(fingerprint=fingerprint).first()
    return KeptMappingView(row.mapping, row.source_name, row.time_zone) if row else None


def source_names() -> list[str]:
    """Systems that have numbered facts here, the one used last first."""
    return list(Source.objects.order_by("-id").values_list("name", flat=True))


def has_facts() -> bool:
    """Whether anything has been recorded yet; retracted facts count, since the ledger still speaks of them."""
    return Fact.objects.exists()


def already_here(import_id: int) -> int:
    """How many staged facts of an import are known already under the same number."""
    rows = bulk.run(
        connection,
        """SELECT count(*) FROM facts_import b
           JOIN facts_stagedfact s ON s.import_id = b.id
           JOIN facts_fact f ON f.source_id = b.source_id AND f.kind = (s.told->>1)::smallint AND f.key = s.told->>2
             AND f.retracted_at IS NULL
           WHERE b.id = %s""",
        [import_id],
    )
    return int(rows[0][0])


def _view(row: Import, *, sample: bool = True) -> ImportView:
    return ImportView(
        id=row.pk,
        status=row.status,
        connector=row.connector,
        file_name=row.file_name,
        source=row.source.name if row.source else "",
        time_zone=row.time_zone,
        mapping=row.mapping,
        settings=row.settings,
        upload=row.upload,
        sample=row.sample if sample else {},
        created_at=row.created_at,
        created_by=row.created_by,
        finished_at=row.finished_at,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        staged=row.staged_count,
        posted=row.posted_count,
        step=row.step_count,
        counts=row.counts,
        report=row.report,
        failure=row.failure,
        failure_code=row.failure_code,
    )

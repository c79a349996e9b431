"""Check a file of orders: keep it, learn what its columns mean, read it whole, stage what it tells. Writes no fact."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any

from regulars.core.errors import DomainError
from regulars.customers import lookup
from regulars.facts import actions as facts
from regulars.facts import imports_view, uploads
from regulars.facts.checking import OpenedFile, open_file, orders_of
from regulars.facts.connectors.orders_file import OrdersFile
from regulars.facts.connectors.report import CheckReport
from regulars.facts.reading.samples import take_sample
from regulars.facts.reading.table import Table
from regulars.facts.reading.tables import open_table
from regulars.facts.rules import Identity, NewFact

__all__ = ["CONNECTOR", "OpenedFile", "Progress", "check_import", "open_file", "receive_file"]

CONNECTOR = OrdersFile.NAME
Progress = Callable[[str, int], None]
"""Told 'rows' and how many were read, then 'facts' and how many are staged."""


def receive_file(
    *, file: IO[Any], file_name: str, time_zone: str, settings: dict[str, Any], actor: str, at: datetime
) -> int:
    """Keep an uploaded file for somebody to say how it is read; an unreadable one leaves nothing behind."""
    name = uploads.keep(file, named=file_name)
    try:
        opened = open_file(uploads.path(name))
        return facts.receive(
            connector=CONNECTOR, file_name=file_name, upload=name, sample=take_sample(opened.table),
            mapping=opened.mapping.to_json(), time_zone=opened.kept.time_zone if opened.kept else time_zone,
            settings=settings, actor=actor, at=at,
        )  # fmt: skip
    except BaseException:
        uploads.drop(name)
        raise


def check_import(
    *, import_id: int, at: datetime, table: Table | None = None, progress: Progress = lambda step, count: None
) -> CheckReport:
    """Read the whole file and stage its facts; the import is then ready to be posted. May run again from the start.

    Args:
        table: The open file; without it the uploaded one is opened.
    Raises:
        UnreadableFile, MappingIncomplete, AmbiguousDates, UnknownSetting: The import has failed, and says why.
    """
    view = imports_view.get(import_id)
    assert view is not None, "callers hold the id of an import"
    people: set[Identity] = set()
    try:
        table = table or open_table(uploads.path(view.upload))
        orders = orders_of(view, table, at=at, rows_read=lambda count: progress("rows", count))
        report = orders.check()
    except DomainError as error:
        facts.failed(import_id=import_id, failure=str(error), code=error.code, at=at)
        raise
    facts.note_problems(
        import_id=import_id, problems=((p.row, p.column, p.code, p.found, p.cells) for p in report.problems)
    )
    staged = facts.stage(import_id=import_id, facts=_watched(orders.facts(), people, progress))
    facts.stage_products(import_id=import_id, products=orders.products())
    known, here = lookup.known(people), imports_view.already_here(import_id)
    counts = report.counts() | {"customers_known": known, "customers_new": len(people) - known, "here": here}
    found = {"rows_of": report.samples, "names": list(table.names)}
    facts.checked(import_id=import_id, staged=staged, counts=counts, report=report.to_json() | found)
    return report


def _watched(stream: Iterator[NewFact], people: set[Identity], progress: Progress) -> Iterator[NewFact]:
    """The facts as they come, remembering who buys."""
    for count, fact in enumerate(stream, start=1):
        if fact.identities and fact.subject is None:
            people.add(fact.identities[0])
        yield fact
        if count % 5000 == 0:
            progress("facts", count)

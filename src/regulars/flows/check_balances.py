"""Check a table of members' balances: read it whole, stage what it tells. Writes no fact."""

from datetime import date, datetime
from typing import IO, Any

from regulars.customers import lookup
from regulars.facts import actions as facts
from regulars.facts import imports_view, uploads
from regulars.facts.connectors.balances_file import BalanceSettings, BalancesFile
from regulars.facts.connectors.report import CheckReport
from regulars.facts.reading.tables import open_table
from regulars.loyalty.rules import Policies
from regulars.loyalty.taking_over import queries as taking_over


def open_balances(
    *, balances: BalancesFile, settings: BalanceSettings, file_name: str, actor: str, at: datetime
) -> int:  # fmt: skip
    """Begin an import of them; returns its id."""
    return facts.open_import(
        source=settings.source, connector=BalancesFile.NAME, file_name=file_name, time_zone=settings.time_zone,
        mapping=balances.columns, actor=actor, at=at,
        settings={"as_of": settings.as_of.isoformat(), "replaces": settings.replaces},
    )  # fmt: skip


def check_balances(*, import_id: int, balances: BalancesFile) -> CheckReport:
    """Read the whole table and stage its facts; the import is then ready to be posted."""
    report = balances.check()
    facts.note_problems(
        import_id=import_id, problems=((p.row, p.column, p.code, p.found, p.cells) for p in report.problems)
    )
    staged = facts.stage(import_id=import_id, facts=balances.facts())
    people = balances.known(lookup.owners(balances.identities()))
    before, points = taking_over.points_before(set(people))
    counts = report.counts() | {
        "customers_known": len(people), "customers_new": report.customers - len(people),
        "here": imports_view.already_here(import_id), "points_here_before": before, "points_here": points,
    }  # fmt: skip
    facts.checked(
        import_id=import_id, staged=staged, counts=counts, report=report.to_json() | {"rows_of": report.samples}
    )
    return report


def receive_balances(
    *, file: IO[Any], file_name: str, settings: BalanceSettings, policies: Policies, today: date, actor: str,
    at: datetime,
) -> int:  # fmt: skip
    """Read an uploaded table and stage it; the file itself is not kept. Returns the import's id.

    Raises:
        UnreadableFile, NotBalances: Nothing was begun.
    """
    name = uploads.keep(file, named=file_name)
    try:
        table = open_table(uploads.path(name))
        balances = taking_over.opened(table=table, settings=settings, policies=policies, today=today)
        balances.check()
        import_id = open_balances(balances=balances, settings=settings, file_name=file_name, actor=actor, at=at)
        check_balances(import_id=import_id, balances=balances)
    finally:
        uploads.drop(name)
    return import_id

"""Check a table of contracts: read it whole, stage what it tells. Writes no fact."""

from datetime import datetime
from typing import IO, Any

from regulars.customers import lookup
from regulars.facts import actions as facts
from regulars.facts import imports_view, uploads
from regulars.facts.connectors.contracts_file import ContractSettings, ContractsFile
from regulars.facts.connectors.report import CheckReport
from regulars.facts.reading.tables import open_table


def open_contracts(
    *, contracts: ContractsFile, source: str, time_zone: str, file_name: str, actor: str, at: datetime
) -> int:
    """Begin an import of them; returns its id."""
    return facts.open_import(
        source=source, connector=ContractsFile.NAME, file_name=file_name, time_zone=time_zone,
        mapping=contracts.columns, actor=actor, at=at,
    )  # fmt: skip


def check_contracts(*, import_id: int, contracts: ContractsFile) -> CheckReport:
    """Read the whole table and stage its facts; the import is then ready to be posted."""
    report = contracts.check()
    facts.note_problems(
        import_id=import_id, problems=((p.row, p.column, p.code, p.found, p.cells) for p in report.problems)
    )
    staged = facts.stage(import_id=import_id, facts=contracts.facts())
    people = contracts.holders
    known, here = lookup.known(people), imports_view.already_here(import_id)
    counts = report.counts() | {"customers_known": known, "customers_new": len(people) - known, "here": here}
    facts.checked(import_id=import_id, staged=staged, counts=counts, report=report.to_json())
    return report


def receive_contracts(*, file: IO[Any], file_name: str, settings: ContractSettings, actor: str, at: datetime) -> int:
    """Read an uploaded table and stage it; the file itself is not kept. Returns the import's id.

    Raises:
        UnreadableFile, NotContracts: Nothing was begun.
    """
    name = uploads.keep(file, named=file_name)
    try:
        contracts = ContractsFile(open_table(uploads.path(name)), settings)
        contracts.check()
        import_id = open_contracts(
            contracts=contracts, source=settings.source, time_zone=settings.time_zone, file_name=file_name,
            actor=actor, at=at,
        )  # fmt: skip
        check_contracts(import_id=import_id, contracts=contracts)
    finally:
        uploads.drop(name)
    return import_id

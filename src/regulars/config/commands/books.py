"""`regulars verify` and `regulars export`: the books, checked and taken out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from regulars.config import boot
from regulars.config.commands.output import AsJson, answer, people, say


class What(StrEnum):
    """What can be exported."""

    CUSTOMERS = "customers"
    BALANCES = "balances"
    LEDGER = "ledger"
    LIABILITY = "liability"
    SEGMENTS = "segments"
    SCORES = "scores"
    FEATURES = "features"


def verify(as_json: AsJson = False) -> None:
    """Recompute every balance, lot and tier from facts, commands and transfers; exit code 1 on any difference."""
    boot.everything(say)
    from django.utils import timezone

    from regulars.flows.settings import programme
    from regulars.flows.verify_books import verify_books

    policies, _ = programme()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=people, transient=True) as progress:
        task = progress.add_task("Checking the ledger against itself")
        for report in verify_books(policies=policies, at=timezone.now()):
            progress.update(task, description=f"Checked {report.checked.get('customers', 0):,} customers")
    checked = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in report.checked.items())
    sentence = f"Checked {checked}: " + ("everything agrees." if report.clean else "differences found.")
    if report.due:
        sentence += f" {report.due:,} moves are due by date; the nightly job will post them."
    if above := report.flagged["refund_above_order"]:
        sentence += f" {above:,} refunds give back more than was paid; the customers' timelines show which."
    data = {
        "clean": report.clean,
        "checked": report.checked,
        "due": report.due,
        "flagged": report.flagged,
        "differences": report.differences,
    }
    answer(data, "\n".join([sentence, *report.differences]), as_json=as_json)
    if not report.clean:
        raise typer.Exit(1)


def export(
    what: Annotated[
        What, typer.Argument(help="The books: customers, balances, ledger, liability. The picture: the rest.")
    ],
    file: Annotated[Path, typer.Argument(help="Where to write; the ending says how: .csv or .parquet.")],
    as_json: AsJson = False,
) -> None:
    """Write a part of the books or of the last picture as CSV or Parquet. The export is recorded."""
    boot.everything(say)
    from django.utils import timezone

    from regulars.flows.export_books import EXPORTS, export_books
    from regulars.flows.export_liability import export_liability
    from regulars.flows.export_picture import export_picture
    from regulars.staff.rules import SYSTEM

    write = export_books if what.value in EXPORTS else export_picture
    if what is What.LIABILITY:
        write = export_liability
    rows = write(what=what.value, file=file, actor=SYSTEM, at=timezone.now())
    answer({"rows": rows, "file": str(file)}, f"{rows:,} rows are in {file}.", as_json=as_json)

"""`regulars import orders FILE`: check a file whole, then post it, without questions."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from regulars.config import boot
from regulars.config.commands.output import AsJson, answer, people, say
from regulars.core.errors import DomainError

app = typer.Typer(help="Bring data in.", no_args_is_help=True)

COLUMNS = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


class NotConfirmed(DomainError):
    """Nobody said yes."""

    code = "not_confirmed"


@app.command()
def orders(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, XLS or Parquet.")],
    source: Annotated[str, typer.Option(help="The system that numbered the orders.")],
    timezone: Annotated[str, typer.Option(help="Zone of times without an offset, such as Asia/Shanghai.")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="What a column means; repeat it.")
    ] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="For dates such as 05/01/2024.")
    ] = None,
    channel: Annotated[str, typer.Option(help="store or online, where the file does not say.")] = "store",
    yes: Annotated[bool, typer.Option("--yes", help="Post without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import orders from a file. Everything is checked first; an unreadable file writes no fact."""
    boot.everything(say)
    from django.utils import timezone as clock

    from regulars.facts import actions as facts
    from regulars.facts import imports_view, queries
    from regulars.flows import check_import as checking
    from regulars.flows.import_orders import post_import
    from regulars.flows.settings import programme
    from regulars.staff import queries as staff

    policies, zone = programme()
    opened = checking.open_file(file)
    chosen = opened.mapping
    for told in mapping or []:
        field, _, column = told.partition("=")
        chosen = chosen.choose(field, column or None, opened.table.names)
    settings: dict[str, Any] = {"currency": staff.business().currency, "day_first": day_first, "channel": channel}
    now = clock.now()
    import_id = facts.open_import(
        source=source, connector=checking.CONNECTOR, file_name=file.name, time_zone=timezone,
        mapping=chosen.to_json(), settings=settings, actor="command line", at=now,
    )  # fmt: skip
    with Progress(*COLUMNS, console=people, transient=True) as progress:
        tasks = {"rows": progress.add_task("Reading", total=None), "facts": progress.add_task("Staging", total=None)}
        report = checking.check_import(
            import_id=import_id, at=now, table=opened.table,
            progress=lambda what, done: progress.update(tasks[what], completed=done),
        )  # fmt: skip
    found = report.counts()
    people.print(_in_words(found, source, timezone))
    if not yes and not typer.confirm("Post them?", err=True):
        raise NotConfirmed("Nothing was posted. The checked file waits in the console, or import it again with --yes.")
    with Progress(*COLUMNS, console=people, transient=True) as progress, facts.only_one(import_id):
        task = progress.add_task("Posting", total=queries.import_progress(import_id).staged)
        for posted in post_import(import_id=import_id, policies=policies, zone=zone, at=clock.now()):
            progress.update(task, completed=posted)
    view = imports_view.get(import_id)
    result = dict(view.counts) if view else {}
    sentence = f"{result.get('recorded', 0):,} facts recorded, {result.get('repeated', 0):,} known already"
    if conflicts := result.get("conflict", 0):
        sentence += f", {conflicts:,} in conflict with what their numbers meant before"
    answer({"import": import_id, **result}, f"{sentence}. {len(report.problems):,} rows were refused.", as_json=as_json)


def _in_words(found: dict[str, int], source: str, zone: str) -> str:
    told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in found.items() if count)
    return f"Found {told}. Source {source}, times in {zone}."

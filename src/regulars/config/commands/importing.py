"""`regulars import orders FILE`, `… contracts FILE`, `… balances FILE`: check a file whole, then post it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from regulars.config import boot
from regulars.config.commands.output import AsJson, answer, people, say
from regulars.core.errors import DomainError

if TYPE_CHECKING:
    from regulars.facts.connectors.report import CheckReport
    from regulars.facts.reading.table import Table
    from regulars.loyalty.rules import Policies

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
    region: Annotated[
        str, typer.Option(help="Country of phone numbers without one, such as CN; by default the currency's.")
    ] = "",
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="For dates such as 05/01/2024.")
    ] = None,
    paid_per: Annotated[
        str, typer.Option(help="order or line: whether each row repeats what the order paid, or has its own part.")
    ] = "",
    channel: Annotated[str, typer.Option(help="store or online, where the file does not say.")] = "store",
    yes: Annotated[bool, typer.Option("--yes", help="Post without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import orders from a file. Everything is checked first; an unreadable file writes no fact."""
    boot.everything(say)
    from django.utils import timezone as clock

    from regulars.facts import actions as facts
    from regulars.facts.connectors.orders_file import OrderSettings, region_of
    from regulars.facts.reading.columns import fingerprint
    from regulars.flows import check_import as checking
    from regulars.flows.settings import programme
    from regulars.staff import queries as staff

    policies, zone = programme()
    currency, now = staff.business().currency, clock.now()
    settings: dict[str, Any] = {
        "currency": currency,
        "region": region.upper() or region_of(currency),
        "day_first": day_first,
        "paid_per": paid_per,
        "channel": channel,
    }
    OrderSettings(source=source, time_zone=timezone, **settings).check()
    opened = checking.open_file(file)
    chosen = opened.mapping
    for told in mapping or []:
        field, _, column = told.partition("=")
        chosen = chosen.choose(field, column or None, opened.table.names)
    import_id = facts.open_import(
        source=source, connector=checking.CONNECTOR, file_name=file.name, time_zone=timezone,
        mapping=chosen.to_json(), settings=settings, actor="command line", at=now,
    )  # fmt: skip
    report = _check(import_id, opened.table, now)
    people.print(_in_words(report.counts(), source, timezone), markup=False)
    known = " as in the last file with these columns" if opened.kept else ""
    read = ", ".join(f"{field} from {column}" for field, column in chosen.to_json().items())
    people.print(f"Read{known}: {read}.", markup=False)
    if not yes and not typer.confirm("Post them?", err=True):
        raise NotConfirmed("Nothing was posted. The checked file waits in the console, or import it again with --yes.")
    facts.keep_mapping(
        fingerprint=fingerprint(opened.table.names), mapping=chosen.to_json(), source=source, time_zone=timezone
    )
    _answer(import_id, _post(import_id, policies, zone), len(report.problems), as_json=as_json)


@app.command()
def contracts(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, XLS or Parquet, one row a contract.")],
    source: Annotated[str, typer.Option(help="The system that numbered the contracts.")],
    timezone: Annotated[str, typer.Option(help="Zone of the days in the file, such as Asia/Shanghai.")],
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", formats=["%Y-%m-%d"], help="The day on which the table stood so; yesterday if not told."
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="customer, contract, started, ends_on, ended …; repeat it."),
    ] = None,
    region: Annotated[
        str, typer.Option(help="Country of phone numbers without one, such as CN; by default the currency's.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Post without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import contracts as they stood on a day: who holds them, until when, which have ended, what each is like."""
    boot.everything(say)
    from django.utils import timezone as clock

    from regulars.facts.connectors.contracts_file import ContractSettings, ContractsFile
    from regulars.facts.connectors.orders_file import region_of
    from regulars.facts.reading.tables import open_table
    from regulars.flows.check_contracts import check_contracts, open_contracts
    from regulars.flows.settings import programme, today
    from regulars.staff import queries as staff

    policies, zone = programme()
    now = clock.now()
    told = dict(one.partition("=")[::2] for one in mapping or [])
    day = as_of.date() if as_of else today(now) - timedelta(days=1)
    settings = ContractSettings(source, timezone, day, region.upper() or region_of(staff.business().currency), told)
    found = ContractsFile(open_table(file), settings)
    import_id = open_contracts(
        contracts=found, source=source, time_zone=timezone, file_name=file.name, actor="command line", at=now
    )
    report = check_contracts(import_id=import_id, contracts=found)
    people.print(_in_words(report.counts(), source, timezone), markup=False)
    columns = ", ".join(f"{what} from {column}" for what, column in found.columns.items())
    people.print(f"Read as of {day}: {columns}; attributes: {', '.join(found.attributes) or 'none'}.", markup=False)
    if found.left_out:
        people.print(f"Left out, as they may name people: {', '.join(found.left_out)}.", markup=False)
    if not yes and not typer.confirm("Post them?", err=True):
        raise NotConfirmed("Nothing was posted. The checked file waits in the console, or import it again with --yes.")
    _answer(import_id, _post(import_id, policies, zone), len(report.problems), as_json=as_json)


@app.command()
def balances(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, XLS or Parquet: who has what in another programme.")],
    source: Annotated[str, typer.Option(help="The system that kept the balances.")],
    timezone: Annotated[str, typer.Option(help="Zone of the days in the file; the business's if not told.")] = "",
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", formats=["%Y-%m-%d"], help="The day at whose end they stood so; yesterday if not told."
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="member, phone, points, points_until, tier …; repeat it."),
    ] = None,
    region: Annotated[
        str, typer.Option(help="Country of phone numbers without one, such as CN; by default the currency's.")
    ] = "",
    on_top: Annotated[
        bool, typer.Option("--on-top", help="Add to what members have here; else it is replaced by the file.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Import nothing: compare with what members have here 新旧对账.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Post without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take over what members have in another programme: points by expiry, growth, tiers, coupons."""
    boot.everything(say)
    from django.utils import timezone as clock

    from regulars.facts.connectors.balances_file import BalanceSettings
    from regulars.facts.connectors.orders_file import region_of
    from regulars.facts.reading.tables import open_table
    from regulars.flows import check_balances as checking
    from regulars.flows.compare_balances import compare_balances
    from regulars.flows.settings import programme, today
    from regulars.loyalty.taking_over.queries import opened
    from regulars.staff import queries as staff

    policies, zone = programme()
    business, now = staff.business(), clock.now()
    settings = BalanceSettings(
        source, timezone or business.time_zone, as_of.date() if as_of else today(now) - timedelta(days=1),
        region.upper() or region_of(business.currency), replaces=not on_top,
        columns=dict(one.partition("=")[::2] for one in mapping or []),
    )  # fmt: skip
    found = opened(table=open_table(file), settings=settings, policies=policies, today=today(now))
    columns = ", ".join(f"{what} from {column}" for what, column in found.columns.items())
    people.print(f"Read as of the end of {settings.as_of}: {columns}.", markup=False)
    if compare:
        run_id = compare_balances(
            balances=found, settings=settings, file_name=file.name, policies=policies, zone=zone, actor="command line",
            at=now,
        )  # fmt: skip
        _answer_compared(run_id, as_json=as_json)
        return
    import_id = checking.open_balances(
        balances=found, settings=settings, file_name=file.name, actor="command line", at=now
    )  # fmt: skip
    report = checking.check_balances(import_id=import_id, balances=found)
    people.print(_in_words(report.counts(), source, settings.time_zone), markup=False)
    if not yes and not typer.confirm("Post them?", err=True):
        raise NotConfirmed("Nothing was posted. The checked file waits in the console, or import it again with --yes.")
    _answer(import_id, _post(import_id, policies, zone), len(report.problems), as_json=as_json)


def _answer_compared(run_id: int, *, as_json: bool) -> None:
    """Say what a comparison came to."""
    from regulars.loyalty.taking_over.queries import run as comparison

    run = comparison(run_id)
    assert run is not None, "it was just made"
    counts = {name: getattr(run, name) for name in ("agree", "differ", "only_old", "only_new", "refused")}
    words = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
    answer({"run": run_id, **counts}, f"{words}. The list is in the console.", as_json=as_json)


def _answer(import_id: int, result: dict[str, int], refused: int, *, as_json: bool) -> None:
    """Say what became of an import."""
    sentence = f"{result.get('recorded', 0):,} facts recorded, {result.get('repeated', 0):,} known already"
    if conflicts := result.get("conflict", 0):
        sentence += f", {conflicts:,} in conflict with what their numbers meant before"
    answer({"import": import_id, **result}, f"{sentence}. {refused:,} rows were refused.", as_json=as_json)


def _check(import_id: int, table: "Table", at: datetime) -> "CheckReport":
    """Read and stage everything, telling how far it is."""
    from regulars.flows.check_import import check_import

    with Progress(*COLUMNS, console=people, transient=True) as progress:
        tasks = {"rows": progress.add_task("Reading", total=None), "facts": progress.add_task("Staging", total=None)}
        return check_import(
            import_id=import_id, at=at, table=table,
            progress=lambda what, done: progress.update(tasks[what], completed=done),
        )  # fmt: skip


def _post(import_id: int, policies: "Policies", zone: ZoneInfo) -> dict[str, int]:
    """Post what is staged, telling how far it is; what became of it, as counts."""
    from django.utils import timezone as clock

    from regulars.facts import actions as facts
    from regulars.facts import imports_view, queries
    from regulars.flows.import_orders import post_import

    with Progress(*COLUMNS, console=people, transient=True) as progress, facts.only_one(import_id):
        task = progress.add_task("Posting", total=queries.import_progress(import_id).staged)
        for posted in post_import(import_id=import_id, policies=policies, zone=zone, at=clock.now()):
            progress.update(task, completed=posted)
    view = imports_view.get(import_id)
    return dict(view.counts) if view else {}


def _in_words(found: dict[str, int], source: str, zone: str) -> str:
    told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in found.items() if count)
    return f"Found {told}. Source {source}, times in {zone}."

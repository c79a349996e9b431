"""`regulars simulate`: what other terms would have meant, beside the programme as it was."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from regulars.config import boot
from regulars.config.commands.output import AsJson, answer, people, say
from regulars.core.errors import DomainError

if TYPE_CHECKING:
    from regulars.loyalty.simulation.rules import Result, Rung

NAME = 24


class UnreadableTerms(DomainError):
    """The file holds no terms."""

    code = "unreadable_terms"


def simulate(
    terms: Annotated[Path, typer.Argument(help="The draft's terms as JSON, whole or what differs from the live ones.")],
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The day the draft would have come; a year back by default."),
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="As if there had never been another programme.")] = False,
    thousand_cost: Annotated[
        int | None, typer.Option(help="What a thousand points cost, in minor units; else what they are worth.")
    ] = None,
    change: Annotated[int, typer.Option(help="The range: those who gain spend so many percent less, or more.")] = 5,
    members: Annotated[
        Path | None, typer.Option(help="Also write a line for each member to this .csv or .parquet; it is recorded.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Replay other terms over the real history: who would gain and lose, and what it would cost. Nothing is changed."""
    boot.everything(say)
    from django.utils import timezone

    from regulars.flows import simulate_programme as flow
    from regulars.flows.export_simulation import export_simulation
    from regulars.flows.settings import today
    from regulars.loyalty import programme_view
    from regulars.loyalty.rules import InvalidPolicy
    from regulars.loyalty.simulation import queries
    from regulars.loyalty.simulation.results import to_json
    from regulars.loyalty.simulation.rules import Question, usual_since
    from regulars.staff.rules import SYSTEM

    live, now = programme_view.current(), timezone.now()
    if live is None:
        raise InvalidPolicy("The programme is not set up yet.")
    question = Question(
        terms={**live.terms, **_read(terms)},
        since=None if whole else since.date() if since else usual_since(today(now)),
        thousand_cost=queries.usual_thousand_cost() if thousand_cost is None else thousand_cost,
        change_percent=change,
    )
    asked = flow.ask_simulation(question=question, by=SYSTEM, key="system", at=now)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=people, transient=True) as progress:
        task = progress.add_task("Replaying")
        for done, everybody in flow.simulate_programme(simulation_id=asked, clock=timezone.now):
            told = f"Replayed {done:,} of {everybody:,} members"
            progress.update(task, completed=done, total=everybody, description=told)
    found = queries.run(asked).result
    assert found is not None
    answer({"id": asked, **to_json(found)}, "" if as_json else _shown(found), as_json=as_json)
    if members is not None:
        lines = export_simulation(simulation_id=asked, file=members, actor=SYSTEM, at=timezone.now())
        say(f"{lines:,} members are in {members}.")


def _read(file: Path) -> Mapping[str, Any]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableTerms(f"{file} cannot be read: {error}") from error
    if not isinstance(told, dict):
        raise UnreadableTerms(f"{file} holds no terms: they are an object with names and values.")
    return told


def _shown(found: "Result") -> str:
    """The answer as tables."""
    from regulars.core.money import to_major
    from regulars.staff import queries as staff

    currency = staff.business().currency
    console = Console(highlight=False)

    def amount(minor: int) -> str:
        return f"{to_major(minor, currency):,} {currency}"

    with console.capture() as taken:
        console.print(_headline(found), soft_wrap=True)
        console.print(_figures(found, amount))
        if found.budgets:
            console.print(_budgets(found))
        console.print(_tiers(found))
        console.print(_range(found, amount), soft_wrap=True)
        if found.guessed:
            console.print(
                f"For {found.guessed:,} orders and events it is not on record who was in the draft's segments then; it "
                "counts who is in them now.", soft_wrap=True,
            )  # fmt: skip
    return taken.get().rstrip()


def _headline(found: "Result") -> str:
    window = f"from {found.since} to {found.until}" if found.since else f"from the first order to {found.until}"
    return (
        f"{found.members:,} members, {found.orders:,} orders {window}.\n"
        f"{found.gaining:,} members would gain, {found.losing:,} lose, {found.same:,} have the same. "
        f"{found.moved.up:,} would be in a higher tier, {found.moved.down:,} in a lower one."
    )


def _figures(found: "Result", amount: Callable[[int], str]) -> Table:
    table = Table("", *(_right(name) for name in ("today", "draft", "difference")))
    today, draft = ({rule.code: rule.given for rule in side.rules} for side in (found.today, found.draft))
    rows = [("points earned", found.today.earned, found.draft.earned)]
    for code in dict.fromkeys([*today, *draft]):
        rows.append((f"  by rule {code[:NAME]}" if code else "  base", today.get(code, 0), draft.get(code, 0)))
    for name in ("capped", "granted", "clawed_back", "redeemed", "expired", "outstanding", "debt"):
        said = "  cut by caps" if name == "capped" else name.replace("_", " ")
        sign = -1 if name == "capped" else 1
        rows.append((said, sign * getattr(found.today, name), sign * getattr(found.draft, name)))
    for code in dict.fromkeys(one.code for side in (found.today, found.draft) for one in side.others):
        for name in ("issued", "redeemed", "expired"):
            sides = ((one for one in side.others if one.code == code) for side in (found.today, found.draft))
            one, other = (sum(getattr(one, name) for one in side) for side in sides)
            rows.append((f"{code} {name}", one, other))
    for said, one, other in rows:
        table.add_row(said, f"{one:,}", f"{other:,}", f"{other - one:+,}")
    for said, one, other in (
        ("cost", found.today.cost, found.draft.cost),
        ("liability", found.today.liability, found.draft.liability),
    ):
        table.add_row(said, amount(one), amount(other), amount(other - one))
    for said, share, shares in (
        ("cost of net revenue", found.today.share, found.draft.share),
        ("expected breakage", found.today.breakage, found.draft.breakage),
    ):
        if share is not None and shares is not None:
            table.add_row(said, f"{share / 100:.2f} %", f"{shares / 100:.2f} %", f"{(shares - share) / 100:+.2f}")
    return table


def _budgets(found: "Result") -> Table:
    table = Table("budget of the draft", *(_right(name) for name in ("most", "given", "used up on")))
    for one in found.budgets:
        times = " times" if one.times else ""
        ended = str(one.ended) if one.ended else "something is left"
        table.add_row(one.code[:NAME], f"{one.most:,}{times}", f"{one.used:,}{times}", ended)
    return table


def _tiers(found: "Result") -> Table:
    table = Table("tier today ↓ draft →", *(_right(_name(rung)) for rung in found.rungs_draft))
    for rung, row in zip(found.rungs_today, found.tiers, strict=True):
        table.add_row(_name(rung), *(f"{members:,}" for members in row))
    return table


def _range(found: "Result", amount: Callable[[int], str]) -> str:
    one = found.behaviour
    return (
        f"If those who gain spent {one.percent} % less or more than they did, the draft would cost "
        f"{amount(one.low_cost)} or {amount(one.high_cost)}, of net revenue of {amount(one.low_revenue)} or "
        f"{amount(one.high_revenue)}. That is an assumption, not a forecast."
    )


def _name(rung: "Rung") -> str:
    return rung.names.get("en") or rung.code


def _right(name: str) -> Column:
    return Column(name, justify="right")

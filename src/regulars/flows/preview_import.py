"""Preview an import: what the first rows of a file would become, under columns and settings still being chosen."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.facts.connectors.orders_file import OrderSettings, OrdersFile
from regulars.facts.connectors.report import CheckReport
from regulars.facts.kinds import order_completed
from regulars.facts.reading.columns import Mapping
from regulars.facts.reading.samples import sampled_table
from regulars.facts.rules import NewFact
from regulars.loyalty.previews import points_of_order
from regulars.loyalty.rules import Policies

SHOWN = 8


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One fact that would be recorded, and the points that it would earn; None where points do not apply."""

    fact: NewFact
    at: datetime
    points: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first rows become, or why they cannot be read yet."""

    lines: list[PreviewLine]
    report: CheckReport
    error: DomainError | None = None


def preview_import(
    *, sample: dict[str, Any], mapping: Mapping, settings: OrderSettings, policies: Policies, zone: ZoneInfo
) -> Preview:
    """The first facts of a kept sample; nothing is written."""
    orders = OrdersFile(sampled_table(sample), mapping, settings)
    try:
        report = orders.check()
    except DomainError as error:
        return Preview([], CheckReport(), error)
    lines = [
        PreviewLine(fact, fact.occurred_at, _points(fact, policies, zone)) for fact in islice(orders.facts(), SHOWN)
    ]
    return Preview(lines, report)


def _points(fact: NewFact, policies: Policies, zone: ZoneInfo) -> int | None:
    if fact.kind != order_completed.CODE or not fact.identities:
        return None
    day = business_date(fact.occurred_at, zone)
    return points_of_order(at=fact.occurred_at, day=day, paid=fact.amount or 0, body=fact.body, policies=policies)

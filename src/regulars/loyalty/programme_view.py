"""Reading the versions of the programme as people look at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.facts import imports_view
from regulars.ledger.rules import Currency
from regulars.loyalty.currencies import POINTS, numbers_of
from regulars.loyalty.models import Command, PolicyVersion


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its terms as they were agreed, and from when it is live."""

    id: int
    number: int
    live_from: datetime
    terms: Mapping[str, Any]
    created_at: datetime
    created_by: str


def versions() -> list[Version]:
    """Every version, newest first."""
    rows = PolicyVersion.objects.order_by("-number")
    return [Version(row.pk, row.number, row.live_from, row.terms, row.created_at, row.created_by) for row in rows]


def current() -> Version | None:
    """The newest version, None before the first."""
    return next(iter(versions()), None)


def currency_codes() -> dict[int, str]:
    """What currencies are called by their number in the ledger, of all versions that ever were live."""
    numbers = numbers_of(PolicyVersion.objects.values_list("terms", flat=True))
    return {POINTS: "points", int(Currency.GROWTH): "growth", **{number: code for code, number in numbers.items()}}


def is_unused() -> bool:
    """Whether no version has ever decided anything: no order was recorded, no point was spent or given."""
    return not imports_view.has_facts() and not Command.objects.exists()

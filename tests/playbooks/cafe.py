"""A café with staff, guests in danger, and a playbook; days count from the first of June."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from regulars.catalogue.actions import ensure_stores
from regulars.playbooks import actions, queries
from regulars.playbooks.actions import Raised
from regulars.playbooks.rules import Endangered, PlaybookView
from regulars.staff import actions as staff
from regulars.staff.rules import SYSTEM
from tests.flows.world import SHANGHAI, query, when

START = when("2026-06-01 09:00")
DAY = date(2026, 6, 1)


def at(days: int = 0, hours: float = 0) -> datetime:
    """So many days after the start."""
    return START + timedelta(days=days, hours=hours)


def day(days: int) -> date:
    return DAY + timedelta(days=days)


def person(name: str, *, role: str = "service", stores: Sequence[str] | None = None) -> int:
    """Somebody who works here."""
    made = staff.create_user(
        email=f"{name}@cafe.example", role=role, name=name, by=SYSTEM, at=START, store_codes=stores
    )
    return made.id


def store(code: str) -> int:
    return ensure_stores([code])[code]


def guests(count: int) -> list[int]:
    """New customers, who can be told of by phone."""
    ids = [
        row[0]
        for row in query(
            """INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
               SELECT n, n, 'Guest ' || n, '', '2026-01-01', %s, false FROM (
                 SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) AS n FROM generate_series(1, %s)
               ) made RETURNING id""",
            [START, count],
        )
    ]
    query(
        """INSERT INTO customers_identity (kind, space, value, customer_id, created_at)
           SELECT 1, '', 'G' || n, n, now() FROM unnest(%s::bigint[]) n RETURNING id""",
        [ids],
    )
    return ids


def playbook(**changes: Any) -> PlaybookView:
    """The preset, with other numbers."""
    actions.install_presets(at=START)
    found = queries.playbooks()[0]
    if changes:
        actions.change(playbook_id=found.id, **changes)
    return queries.playbooks()[0]


def in_danger(who: int, worth: int = 1000_00, risk: float | None = 0.5, store_id: int | None = None) -> Endangered:
    return Endangered(who, risk, worth, store_id, {"spent_365_minor": worth, "recency_days": 20})


def told(ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    return {one: {"reasons": [one]} for one in ids}


def look(book: PlaybookView, days: int, *found: Endangered, floor: int = 1) -> Raised:
    """A round on the picture of a day, made that morning."""
    return actions.raise_many(
        playbook_id=book.id, day=day(days), found=found, floor_minor=floor, tell=told, zone=SHANGHAI, at=at(days)
    )


def reasons(raised: Raised) -> dict[int, str]:
    """What was decided about whom."""
    return {choice.who.customer_id: choice.reason for choice in raised.choices}

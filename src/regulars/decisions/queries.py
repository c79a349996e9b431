"""Reading the trace: why did, or didn't, this customer get this?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.decisions.rules import About, AboutKind, Outcome

SHOWN = "d.id, d.about_kind, d.about_id, d.customer_id, d.outcome, d.reason, d.numbers::text, d.decided_at"
ABOUT = "d.about_kind = %s AND d.about_id = %s"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many customers were decided this way for this reason."""

    outcome: Outcome
    reason: str
    customers: int


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision. `customer_id` stood for the group when it was made."""

    id: int
    about: About
    customer_id: int
    outcome: Outcome
    reason: str
    numbers: Mapping[str, Any]
    decided_at: datetime


def counts(about: About) -> list[Counted]:
    """How many for each outcome and reason; most first within an outcome."""
    rows = bulk.run(
        connection,
        f"""SELECT d.outcome, d.reason, count(*) FROM decisions_decision d WHERE {ABOUT}
            GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2""",
        [about.kind, about.id],
    )
    return [Counted(Outcome(row[0]), row[1], row[2]) for row in rows]


def page(
    about: About, *, most: int, after: int = 0, outcome: Outcome | None = None, reason: str | None = None
) -> list[DecisionView]:
    """The next decisions by customer id, all or those of an outcome or a reason."""
    rows = bulk.run(
        connection,
        f"""SELECT {SHOWN} FROM decisions_decision d
            WHERE {ABOUT} AND d.customer_id > %s AND (%s::smallint IS NULL OR d.outcome = %s)
              AND (%s::text IS NULL OR d.reason = %s) ORDER BY d.customer_id LIMIT %s""",
        [about.kind, about.id, after, outcome, outcome, reason, reason, most],
    )
    return [_view(row) for row in rows]


def of_customer(customer_ids: Sequence[int], *, most: int = 100) -> list[DecisionView]:
    """What was ever decided about a customer, the latest first.

    Args:
        customer_ids: Everybody in the customer's group, since each was decided about under their own id.
    """
    rows = bulk.run(
        connection,
        f"""SELECT {SHOWN} FROM decisions_decision d WHERE d.customer_id = ANY(%b::bigint[])
            ORDER BY d.decided_at DESC, d.id DESC LIMIT %s""",
        [bulk.Column("bigint", list(customer_ids)), most],
    )
    return [_view(row) for row in rows]


def found(about: About, customer_ids: Sequence[int]) -> dict[int, DecisionView]:
    """customer id → what was decided about these customers in this matter; whoever was not considered is left out."""
    rows = bulk.run(
        connection,
        f"SELECT {SHOWN} FROM decisions_decision d WHERE {ABOUT} AND d.customer_id = ANY(%b::bigint[])",
        [about.kind, about.id, bulk.Column("bigint", list(customer_ids))],
    )
    return {row[3]: _view(row) for row in rows}


def ids(about: About, outcome: Outcome, *, most: int = 50_000, after: int = 0) -> list[int]:
    """The next customers with this outcome, by id."""
    rows = bulk.run(
        connection,
        f"""SELECT d.customer_id FROM decisions_decision d
            WHERE {ABOUT} AND d.customer_id > %s AND d.outcome = %s ORDER BY d.customer_id LIMIT %s""",
        [about.kind, about.id, after, outcome, most],
    )
    return [row[0] for row in rows]


def chunks(about: About, outcome: Outcome, *, size: int = 50_000) -> Iterator[list[int]]:
    """Everybody with this outcome, by id, in portions; each portion is a statement of its own."""
    after = 0
    while portion := ids(about, outcome, most=size, after=after):
        yield portion
        after = portion[-1]


def arms(about: About) -> dict[Outcome, int]:
    """How many customers have each outcome."""
    found: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
    for one in counts(about):
        found[one.outcome] += one.customers
    return found


def _view(row: Sequence[Any]) -> DecisionView:
    about = About(AboutKind(row[1]), row[2])
    return DecisionView(row[0], about, row[3], Outcome(row[4]), row[5], orjson.loads(row[6]), row[7])

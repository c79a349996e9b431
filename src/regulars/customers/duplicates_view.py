"""Reading proposed duplicates and past merges as people review them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.customers.models import Customer, Merge
from regulars.customers.queries import MergeView

OPEN = """
FROM customers_duplicateproposal p
JOIN customers_customer a ON a.id = p.first_id
JOIN customers_customer b ON b.id = p.second_id
JOIN customers_customer ra ON ra.id = a.canonical_id
JOIN customers_customer rb ON rb.id = b.canonical_id
WHERE p.status = 'open' AND ra.id <> rb.id AND NOT ra.hidden AND NOT rb.hidden
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two customers who may be one person. `first` and `second` are who stands for their groups now."""

    id: int
    first: int
    second: int
    evidence: tuple[str, ...]
    proposed_at: datetime


def open_count() -> int:
    """How many pairs wait for somebody to look at them."""
    return int(bulk.run(connection, f"SELECT count(*) {OPEN}")[0][0])


def open_proposals(*, offset: int, most: int) -> list[Proposal]:
    """Pairs to look at: those that an order named together first, since it speaks loudest."""
    rows = bulk.run(
        connection,
        f"""SELECT p.id, ra.id, rb.id, p.evidence::text, p.proposed_at {OPEN}
            ORDER BY (p.evidence::text LIKE '%%order:%%') DESC, p.id LIMIT %s OFFSET %s""",
        [most, offset],
    )
    return [Proposal(row[0], row[1], row[2], tuple(orjson.loads(row[3])), row[4]) for row in rows]


def proposal(proposal_id: int) -> Proposal | None:
    """An open pair, None when it was decided meanwhile."""
    rows = bulk.run(
        connection,
        f"SELECT p.id, ra.id, rb.id, p.evidence::text, p.proposed_at {OPEN} AND p.id = %s",
        [proposal_id],
    )
    return next((Proposal(row[0], row[1], row[2], tuple(orjson.loads(row[3])), row[4]) for row in rows), None)


def merge_count() -> int:
    """How many merges there have been, undone ones too."""
    return Merge.objects.count()


def merges(*, offset: int, most: int) -> list[MergeView]:
    """Past merges, newest first."""
    rows = bulk.run(
        connection,
        """SELECT id, child_id, parent_id, merged_at, merged_by, undone_at, undone_by FROM customers_merge
           ORDER BY id DESC LIMIT %s OFFSET %s""",
        [most, offset],
    )
    return [MergeView(*row) for row in rows]


def own_names(customer_ids: Iterable[int]) -> dict[int, str]:
    """The name that each of these customers arrived with, whoever stands for them now."""
    return dict(Customer.objects.filter(pk__in=set(customer_ids)).values_list("pk", "name"))

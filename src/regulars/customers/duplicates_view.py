"""Reading proposed duplicates and past merges as people review them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.customers.models import Customer, DuplicateProposal, Merge
from regulars.customers.queries import MergeView

OPEN = """
FROM customers_duplicateproposal p
JOIN customers_customer a ON a.id = p.first_id
JOIN customers_customer b ON b.id = p.second_id
JOIN customers_customer ra ON ra.id = a.canonical_id
JOIN customers_customer rb ON rb.id = b.canonical_id
WHERE p.status = 'open' AND ra.id <> rb.id AND NOT ra.hidden AND NOT rb.hidden
"""
MERGES = "SELECT id, child_id, parent_id, merged_at, merged_by, undone_at, undone_by FROM customers_merge"


class NoPair(DomainError):
    """No such pair was ever proposed."""

    code = "no_pair"


class PairDecided(DomainError):
    """Somebody merged the two or kept them apart meanwhile; `state` in the context says which."""

    code = "pair_decided"


class NotInPair(DomainError):
    """Who shall stand for both is neither of the two."""

    code = "not_in_pair"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two customers who may be one person. `first` and `second` are who stands for their groups now."""

    id: int
    first: int
    second: int
    evidence: tuple[str, ...]
    proposed_at: datetime

    def child_of(self, lead: int) -> int:
        """The other of the two.

        Raises:
            NotInPair: This is neither.
        """
        if lead not in (self.first, self.second):
            raise NotInPair("The one who stands for both must be one of the two.")
        return self.second if lead == self.first else self.first


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


def proposals_after(after: int, *, most: int) -> list[Proposal]:
    """Pairs to look at, in the order in which they were proposed, from behind one on."""
    rows = bulk.run(
        connection,
        f"SELECT p.id, ra.id, rb.id, p.evidence::text, p.proposed_at {OPEN} AND p.id > %s ORDER BY p.id LIMIT %s",
        [after, most],
    )
    return [Proposal(row[0], row[1], row[2], tuple(orjson.loads(row[3])), row[4]) for row in rows]


def waiting(proposal_id: int) -> Proposal:
    """A pair that nobody has decided about.

    Raises:
        NoPair, PairDecided: As they say.
    """
    if (found := proposal(proposal_id)) is not None:
        return found
    status = DuplicateProposal.objects.filter(pk=proposal_id).values_list("status", flat=True).first()
    if status is None:
        raise NoPair("There is no such pair.")
    state = "apart" if status == "dismissed" else "merged"
    raise PairDecided("This pair was decided meanwhile.", state=state)


def merge_of(proposal_id: int) -> MergeView | None:
    """The latest merge that made the two of a pair one, by themselves or by who stood for them; None if none stands."""
    rows = bulk.run(
        connection,
        """SELECT m.id, m.child_id, m.parent_id, m.merged_at, m.merged_by, m.undone_at, m.undone_by
           FROM customers_duplicateproposal p
           JOIN customers_customer a ON a.id = p.first_id
           JOIN customers_customer b ON b.id = p.second_id AND b.canonical_id = a.canonical_id
           JOIN customers_customer c ON c.canonical_id = a.canonical_id
           JOIN customers_merge m ON m.child_id = c.id AND m.undone_at IS NULL
           WHERE p.id = %s
           ORDER BY (least(m.child_id, m.parent_id), greatest(m.child_id, m.parent_id)) = (p.first_id, p.second_id)
             DESC, m.id DESC LIMIT 1""",
        [proposal_id],
    )
    return MergeView(*rows[0]) if rows else None


def merge(merge_id: int) -> MergeView | None:
    """One merge, undone or not."""
    rows = bulk.run(connection, f"{MERGES} WHERE id = %s", [merge_id])
    return MergeView(*rows[0]) if rows else None


def merges_before(before: int | None, *, most: int) -> list[MergeView]:
    """Past merges, the newest first, from behind one on."""
    rows = bulk.run(
        connection, f"{MERGES} WHERE %s::bigint IS NULL OR id < %s ORDER BY id DESC LIMIT %s", [before, before, most]
    )
    return [MergeView(*row) for row in rows]


def merge_count() -> int:
    """How many merges there have been, undone ones too."""
    return Merge.objects.count()


def merges(*, offset: int, most: int) -> list[MergeView]:
    """Past merges, newest first."""
    rows = bulk.run(connection, f"{MERGES} ORDER BY id DESC LIMIT %s OFFSET %s", [most, offset])
    return [MergeView(*row) for row in rows]


def own_names(customer_ids: Iterable[int]) -> dict[int, str]:
    """The name that each of these customers arrived with, whoever stands for them now."""
    return dict(Customer.objects.filter(pk__in=set(customer_ids)).values_list("pk", "name"))

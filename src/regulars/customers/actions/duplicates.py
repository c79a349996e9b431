"""One person under two names: proposed with evidence, merged on review, undone without loss.

No row moves in a merge: each customer only learns which one stands for the group.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.customers.actions.arrivals import lock_groups
from regulars.customers.models import Customer, DuplicateProposal, Merge

SAME_BIRTHDAY_AND_NAME = """
SELECT a.id, b.id FROM customers_customer a
JOIN customers_customer b ON b.name = a.name AND b.birthday = a.birthday AND b.id > a.id
WHERE a.name <> '' AND a.canonical_id = a.id AND b.canonical_id = b.id AND NOT a.hidden AND NOT b.hidden
"""
SAME_NAME_AND_ENDING = """
SELECT DISTINCT least(a.id, b.id), greatest(a.id, b.id)
FROM customers_customer a
JOIN customers_identity p ON p.customer_id = a.id AND p.kind = 6
JOIN customers_identity q ON right(q.value, 4) = right(p.value, 4) AND q.kind = 6 AND q.customer_id <> a.id
JOIN customers_customer b ON b.id = q.customer_id AND b.name = a.name
WHERE char_length(a.name) > 1 AND a.canonical_id = a.id AND b.canonical_id = b.id AND NOT a.hidden AND NOT b.hidden
"""


class AlreadyOne(DomainError):
    """The two are one customer already."""

    code = "already_one"


class NotMerged(DomainError):
    """There is no merge to undo."""

    code = "not_merged"


def propose_duplicates(*, at: datetime) -> int:
    """Look for customers who may be one person and propose the pairs not proposed before; returns how many."""
    found: dict[tuple[int, int], list[str]] = {}
    for statement, reason in ((SAME_BIRTHDAY_AND_NAME, "name_birthday"), (SAME_NAME_AND_ENDING, "name_ending")):
        for first, second in bulk.run(connection, statement):
            found.setdefault((first, second), []).append(reason)
    known = set(DuplicateProposal.objects.values_list("first_id", "second_id"))
    new = [
        DuplicateProposal(first_id=first, second_id=second, evidence=evidence, proposed_at=at)
        for (first, second), evidence in sorted(found.items())
        if (first, second) not in known
    ]
    DuplicateProposal.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def dismiss(*, proposal_id: int, actor: str, at: datetime) -> None:
    """The pair are two people; it is not proposed again."""
    DuplicateProposal.objects.filter(pk=proposal_id, status="open").update(
        status="dismissed", decided_at=at, decided_by=actor
    )


def merge(*, child_id: int, parent_id: int, actor: str, at: datetime) -> tuple[int, int]:
    """Two customers are one person from now on; returns the canonical ids (child's until now, the group's).

    Raises:
        AlreadyOne: They are already.
    """
    child, parent = _roots(child_id, parent_id)
    if child == parent:
        raise AlreadyOne("These two are one customer already.")
    proposal = DuplicateProposal.objects.filter(
        first_id=min(child_id, parent_id), second_id=max(child_id, parent_id)
    ).first()
    merged = Merge.objects.create(
        child_id=child, parent_id=parent, evidence=proposal.evidence if proposal else [], merged_at=at, merged_by=actor
    )
    Customer.objects.filter(canonical_id=child).update(canonical_id=parent)
    changes.note(ChangeKind.MERGES, [merged.pk])
    if proposal:
        proposal.status, proposal.decided_at, proposal.decided_by = "merged", at, actor
        proposal.save()
    return child, parent


def undo_merge(*, merge_id: int, actor: str, at: datetime) -> tuple[int, int]:
    """The two are separate again; returns their canonical ids (child's, parent's group's).

    Raises:
        NotMerged: No such merge, or undone before.
    """
    known = Merge.objects.filter(pk=merge_id).first()
    if known is not None:
        _roots(known.child_id, known.parent_id)
    merged = Merge.objects.filter(pk=merge_id, undone_at=None).first()
    if merged is None:
        raise NotMerged("This merge was undone already.")
    merged.undone_at, merged.undone_by = at, actor
    merged.save()
    changes.note(ChangeKind.MERGES_UNDONE, [merge_id])
    below: dict[int, list[int]] = {}
    for child_id, parent_id in Merge.objects.filter(undone_at=None).values_list("child_id", "parent_id"):
        below.setdefault(parent_id, []).append(child_id)
    group, queue = [], [merged.child_id]
    while queue:
        group.append(one := queue.pop())
        queue += below.get(one, [])
    root = Customer.objects.values_list("canonical_id", flat=True).get(pk=merged.parent_id)
    Customer.objects.filter(pk__in=group).update(canonical_id=merged.child_id)
    DuplicateProposal.objects.filter(
        first_id=min(merged.child_id, merged.parent_id), second_id=max(merged.child_id, merged.parent_id)
    ).update(status="open", decided_at=None, decided_by="")
    return merged.child_id, int(root or merged.parent_id)


def hide(*, customer_ids: Sequence[int]) -> None:
    """Leave customers of whom nothing is left out of every list; they come back with their next fact."""
    Customer.objects.filter(pk__in=customer_ids).update(hidden=True)


def _roots(first_id: int, second_id: int) -> tuple[int, int]:
    """Lock the groups of both and return who stands for them."""
    roots = lock_groups([first_id, second_id])
    if len(roots) < len({first_id, second_id}):
        raise NotMerged("No such customer.")
    return roots[first_id], roots[second_id]

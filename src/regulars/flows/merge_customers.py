"""Merge two customers who are one person, or undo it; the fold then runs again over whole groups."""

from datetime import datetime

from regulars.customers import actions as customers
from regulars.customers import duplicates_view
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty.membership import number_of
from regulars.loyalty.rules import Policies
from regulars.staff import actions as staff
from regulars.staff.rules import Actor


def merge_pair(*, proposal_id: int, lead: int, by: Actor, actor: str, policies: Policies, at: datetime) -> int:
    """The two of a proposed pair are one; `lead` stands for both. Returns who stands for the group.

    Raises:
        NoPair, PairDecided, NotInPair: As they say.
    """

    def once() -> int:
        child, parent = _one(duplicates_view.waiting(proposal_id).child_of(lead), lead, actor, policies, at)
        staff.record(
            by=by, action="customers.merge", at=at, subject_kind="customer", subject_id=parent,
            detail={"with": number_of(child)},
        )  # fmt: skip
        return parent

    return again_if_contended(once)


def keep_apart(*, proposal_id: int, by: Actor, actor: str, at: datetime) -> None:
    """The two of a proposed pair are different people; it is not proposed again."""

    def once() -> None:
        pair = duplicates_view.waiting(proposal_id)
        customers.dismiss(proposal_id=proposal_id, actor=actor, at=at)
        staff.record(
            by=by, action="customers.apart", at=at, subject_kind="customer", subject_id=pair.first,
            detail={"with": number_of(pair.second)},
        )  # fmt: skip

    again_if_contended(once)


def part_again(*, merge_id: int, by: Actor, actor: str, policies: Policies, at: datetime) -> tuple[int, int]:
    """Undo a merge; returns who stands for each of the two."""

    def once() -> tuple[int, int]:
        child, parent = _two(merge_id, actor, policies, at)
        staff.record(by=by, action="customers.unmerge", at=at, subject_kind="customer", subject_id=child)
        return child, parent

    return again_if_contended(once)


def merge_customers(*, child_id: int, parent_id: int, actor: str, policies: Policies, at: datetime) -> int:
    """Make two customers one; returns who stands for the group."""
    return again_if_contended(lambda: _one(child_id, parent_id, actor, policies, at)[1])


def undo_merge(*, merge_id: int, actor: str, policies: Policies, at: datetime) -> tuple[int, int]:
    """Part two customers again; each keeps what its own facts and commands came to."""
    return again_if_contended(lambda: _two(merge_id, actor, policies, at))


def _one(child_id: int, parent_id: int, actor: str, policies: Policies, at: datetime) -> tuple[int, int]:
    child, parent = customers.merge(child_id=child_id, parent_id=parent_id, actor=actor, at=at)
    loyalty.fold_again(canonical_ids=[parent], policies=policies, at=at, retired=[child])
    return child, parent


def _two(merge_id: int, actor: str, policies: Policies, at: datetime) -> tuple[int, int]:
    child, parent = customers.undo_merge(merge_id=merge_id, actor=actor, at=at)
    loyalty.fold_again(canonical_ids=[child, parent], policies=policies, at=at)
    return child, parent

"""Merge two customers who are one person, or undo it; the fold then runs again over whole groups."""

from datetime import datetime

from regulars.customers import actions as customers
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty.rules import Policies


def merge_customers(*, child_id: int, parent_id: int, actor: str, policies: Policies, at: datetime) -> int:
    """Make two customers one; returns who stands for the group."""

    def once() -> int:
        child, parent = customers.merge(child_id=child_id, parent_id=parent_id, actor=actor, at=at)
        loyalty.fold_again(canonical_ids=[parent], policies=policies, at=at, retired=[child])
        return parent

    return again_if_contended(once)


def undo_merge(*, merge_id: int, actor: str, policies: Policies, at: datetime) -> tuple[int, int]:
    """Part two customers again; each keeps what its own facts and commands came to."""

    def once() -> tuple[int, int]:
        child, parent = customers.undo_merge(merge_id=merge_id, actor=actor, at=at)
        loyalty.fold_again(canonical_ids=[child, parent], policies=policies, at=at)
        return child, parent

    return again_if_contended(once)

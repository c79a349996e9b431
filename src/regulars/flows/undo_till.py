"""Undo the last step of a till: its facts count no more, and what it used and took goes back."""

from datetime import datetime

from regulars.facts.actions.retracting import retract_facts
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty.till import actions
from regulars.loyalty.till.rules import Shop, Step


def undo_last(*, step_id: int, actor: str, shop: Shop, at: datetime, allowed_by: str = "") -> Step:
    """Undo the last step of this person, whole.

    Args:
        allowed_by: The manager whose PIN it took, '' where nobody had to.
    """

    def once() -> Step:
        step = actions.lock_to_undo(step_id, actor=actor, minutes=shop.minutes, at=at)
        actions.mark_undone(step, actor=actor, allowed_by=allowed_by, limit=shop.limit, at=at)
        actions.give_back(step, policies=shop.policies, zone=shop.zone, actor=actor, at=at)
        retract_facts(step.facts, at=at)
        loyalty.fold_again(canonical_ids=actions.group_of(step), policies=shop.policies, at=at)
        return step

    return again_if_contended(once)

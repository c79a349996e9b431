"""Verbs of the till: take a step once, undo it, and let a manager allow what is above a cashier's limit."""

from regulars.loyalty.till.actions.allowing import WrongPin, allow
from regulars.loyalty.till.actions.going_back import give_back, group_of, hand_over
from regulars.loyalty.till.actions.steps import (
    AlreadyTaken,
    check_now,
    check_recorded,
    earlier,
    just_taken,
    lock_to_undo,
    mark_undone,
    take,
)

__all__ = [
    "AlreadyTaken",
    "WrongPin",
    "allow",
    "check_now",
    "check_recorded",
    "earlier",
    "give_back",
    "group_of",
    "hand_over",
    "just_taken",
    "lock_to_undo",
    "mark_undone",
    "take",
]

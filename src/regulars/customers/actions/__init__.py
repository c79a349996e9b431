"""Writing customers: who arrives, and who turns out to be the same person."""

from regulars.customers.actions.arrivals import Arrival, Contended, identify, lock, lock_customers, lock_groups
from regulars.customers.actions.duplicates import dismiss, hide, merge, propose_duplicates, undo_merge

__all__ = [
    "Arrival",
    "Contended",
    "dismiss",
    "hide",
    "identify",
    "lock",
    "lock_customers",
    "lock_groups",
    "merge",
    "propose_duplicates",
    "undo_merge",
]

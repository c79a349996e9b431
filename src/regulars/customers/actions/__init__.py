"""Writing customers: who arrives, who turns out to be the same person, and what they allow."""

from regulars.customers.actions.arrivals import (
    Arrival,
    Contended,
    ask_alone,
    identify,
    lock,
    lock_customers,
    lock_groups,
    lock_one,
)
from regulars.customers.actions.consents import (
    Word,
    choose_language,
    clear_unreachable,
    mark_unreachable,
    record_consents,
    say,
)
from regulars.customers.actions.duplicates import dismiss, hide, merge, propose_duplicates, undo_merge
from regulars.customers.actions.telling import BadBirthday, BirthdayKnown, tell

__all__ = [
    "Arrival",
    "BadBirthday",
    "BirthdayKnown",
    "Contended",
    "Word",
    "ask_alone",
    "choose_language",
    "clear_unreachable",
    "dismiss",
    "hide",
    "identify",
    "lock",
    "lock_customers",
    "lock_groups",
    "lock_one",
    "mark_unreachable",
    "merge",
    "propose_duplicates",
    "record_consents",
    "say",
    "tell",
    "undo_merge",
]

"""Writing the programme: rating facts, folding again, deciding commands."""

from regulars.loyalty.actions.books import keep_verification
from regulars.loyalty.actions.commands import Receipt, decide, release_ended
from regulars.loyalty.actions.programme import ProgrammeChanged, change, launch
from regulars.loyalty.actions.rating import Arrived, fold_again, rate

__all__ = [
    "Arrived",
    "ProgrammeChanged",
    "Receipt",
    "change",
    "decide",
    "fold_again",
    "keep_verification",
    "launch",
    "rate",
    "release_ended",
]

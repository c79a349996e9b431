"""Noting whose tier is another one from now on, for whoever follows the feed of changes."""

from collections.abc import Mapping, Sequence
from datetime import date

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.loyalty.tiers import Interval


def note_tiers(
    tiers: Mapping[int, Sequence[Interval]], known: Mapping[int, Sequence[Interval]], *, today: date
) -> None:
    """Note who has another tier today than was kept until now. What changes by date is found on its day instead."""
    moved: list[int] = []
    for customer_id, intervals in tiers.items():
        before, after = place_on(known.get(customer_id, ()), today), place_on(intervals, today)
        if before != after:
            moved += (customer_id, before, after)
    changes.note(ChangeKind.TIERS, moved)


def place_on(intervals: Sequence[Interval], day: date) -> int:
    """The place of the tier on a day, 0 where nothing is said."""
    for tier, from_date, to_date in intervals:
        if from_date <= day and (to_date is None or day < to_date):
            return tier
    return 0

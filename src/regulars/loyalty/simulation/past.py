"""What was not asked about members when facts were recorded, as a draft would have found it then (ADR 33)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from regulars.customers.particulars import Particulars
from regulars.loyalty.earning.members import SEGMENTS, Wanted
from regulars.loyalty.inputs import asks, member
from regulars.loyalty.rules import Item, ItemKind, Policies


@dataclass(frozen=True, slots=True)
class Past:
    """Who stands for a group → its stays in segments (segment, entered on, left on); and since when that is on record.

    Before that day, who is in a segment now stands for who was.
    """

    stays: Mapping[int, Sequence[tuple[int, date, date | None]]] = field(default_factory=dict)
    since: Mapping[int, date] = field(default_factory=dict)

    def fill(self, who: int, items: Sequence[Item], policies: Policies, known: Particulars | None) -> int:
        """Tell items what rules ask and nobody kept; of how many it is not on record which segments they were in.

        What was kept stays. The profile is taken as it is now, seen from each item's day.
        """
        guessed = 0
        for item in items:
            if item.kind != ItemKind.ORDER and not item.event:
                continue
            if (wanted := asks(item, policies)) is None:
                continue
            kept = item.inputs or {}
            before = kept.get(SEGMENTS, {})
            found = wanted.of(member(known, item, self._inside(who, item.day)), item.day)
            segments = {**found.get(SEGMENTS, {}), **before}
            item.inputs = {**found, **kept, **({SEGMENTS: segments} if segments else {})}
            guessed += self._is_guessed(wanted, before, item.day)
        return guessed

    def _inside(self, who: int, day: date) -> set[int]:
        return {
            segment
            for segment, entered, left in self.stays.get(who, ())
            if (left is None if self._is_before(segment, day) else entered <= day and (left is None or day < left))
        }

    def _is_before(self, segment: int, day: date) -> bool:
        since = self.since.get(segment)
        return since is None or day < since

    def _is_guessed(self, wanted: Wanted, kept: Mapping[str, bool], day: date) -> bool:
        return any(str(one) not in kept and self._is_before(one, day) for one in wanted.segments)


NOTHING: Final = Past()

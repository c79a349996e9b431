"""A dry run: the decisions that a start would make at this moment, counted and listed; nothing is written."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np

from regulars.core.conditions.fields import Field
from regulars.decisions.rules import NewDecision, Outcome
from regulars.insight.compute.pictures import Picture
from regulars.outreach.campaigns.audience import Situation, consider, portions
from regulars.outreach.campaigns.rules import Considered, decide

SAMPLED = 3
"""Customers a language whose messages are shown."""


@dataclass(frozen=True, slots=True)
class Counted:
    """So many customers would be decided this way, for this reason."""

    outcome: Outcome
    reason: str
    customers: int


@dataclass(frozen=True, slots=True)
class Line:
    """What would be decided about a customer."""

    customer_id: int
    outcome: Outcome
    reason: str
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a start would decide.

    Attributes:
        at: When it was looked at. picture_day: As of which day the segment was read; None for a list.
        considered: How many customers; `counts` add up to it, the most frequent first within an outcome.
        languages: How many of the chosen would be written to in each language.
        samples: Some of the chosen by language.
    """

    campaign_id: int
    revision: int
    at: datetime
    picture_day: date | None
    considered: int
    counts: tuple[Counted, ...]
    languages: Mapping[str, int]
    samples: Mapping[str, tuple[int, ...]]
    _ids: "np.ndarray[Any, np.dtype[np.int64]]"
    _kinds: "np.ndarray[Any, np.dtype[np.uint16]]"
    _names: tuple["_Kind", ...]

    def total(self, outcome: Outcome) -> int:
        """How many customers would be decided this way."""
        return sum(one.customers for one in self.counts if one.outcome is outcome)

    def page(
        self, *, outcome: Outcome | None = None, reason: str | None = None, after: int = 0, most: int = 50
    ) -> list[Line]:
        """The next customers by id, all of them or those of an outcome or a reason."""
        meant = [outcome in (None, kind.outcome) and reason in (None, kind.reason) for kind in self._names]
        first = int(np.searchsorted(self._ids, after, side="right"))
        places = np.flatnonzero(np.array(meant, dtype=bool)[self._kinds[first:]])[:most] + first
        return [self._line(int(place)) for place in places]

    def of(self, customer_ids: Sequence[int]) -> list[Line]:
        """What would be decided about those of these customers who are considered, by id."""
        return [self._line(int(place)) for place in np.flatnonzero(np.isin(self._ids, customer_ids))]

    def lines(self) -> Iterator[Line]:
        """Everybody by id, for a file."""
        return (self._line(place) for place in range(len(self._ids)))

    def ids(self, *outcomes: Outcome) -> list[int]:
        """The customers of these outcomes, by id."""
        meant = np.array([kind.outcome in outcomes for kind in self._names], dtype=bool)
        found: list[int] = self._ids[meant[self._kinds]].tolist()
        return found

    def _line(self, place: int) -> Line:
        kind = self._names[self._kinds[place]]
        return Line(int(self._ids[place]), kind.outcome, kind.reason, dict(kind.numbers))


class _Kind(NamedTuple):
    """Customers of whom all the same is said: few kinds, however many customers."""

    outcome: Outcome
    reason: str
    numbers: tuple[tuple[str, Any], ...]


@dataclass(slots=True)
class _Tally:
    """What a dry run has come to so far."""

    names: dict[_Kind, int] = field(default_factory=dict)
    ids: list[Any] = field(default_factory=lambda: [np.array([], dtype=np.int64)])
    kinds: list[Any] = field(default_factory=lambda: [np.array([], dtype=np.uint16)])
    languages: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[int]] = field(default_factory=dict)

    def add(self, batch: Sequence[Considered], made: Sequence[NewDecision]) -> None:
        """Take down what was decided about a portion."""
        kinds = [_Kind(one.outcome, str(one.reason), tuple(one.numbers.items())) for one in made]
        places = [self.names.setdefault(kind, len(self.names)) for kind in kinds]
        self.ids.append(np.array([one.customer_id for one in made], dtype=np.int64))
        self.kinds.append(np.array(places, dtype=np.uint16))
        for one, known in zip(made, batch, strict=True):
            if one.outcome is Outcome.CHOSEN:
                self.languages[known.language] += 1
                if len(some := self.samples.setdefault(known.language, [])) < SAMPLED:
                    some.append(one.customer_id)


def preview(situation: Situation, *, picture: Picture | None, fields: Mapping[str, Field], at: datetime) -> Preview:
    """Decide about everybody as a start would at this moment; ten bytes a customer are kept.

    Raises:
        NoPicture, NoSegment, InvalidCondition.
    """
    campaign, tally = situation.campaign, _Tally()
    for people in portions(campaign, picture=picture, fields=fields, at=at):
        batch = consider(people, situation, at=at)
        tally.add(batch, decide(batch, situation.terms, chosen_before=tally.languages.total()))
    ids, kinds, names = np.concatenate(tally.ids), np.concatenate(tally.kinds), tuple(tally.names)
    order = np.argsort(ids)
    return Preview(
        campaign_id=campaign.id,
        revision=campaign.revision,
        at=at,
        picture_day=picture.day if picture and campaign.plan.customers is None else None,
        considered=len(ids),
        counts=_counted(names, np.bincount(kinds, minlength=len(names)).tolist()),
        languages=dict(tally.languages),
        samples={language: tuple(some) for language, some in tally.samples.items()},
        _ids=ids[order],
        _kinds=kinds[order],
        _names=names,
    )


def _counted(names: Sequence[_Kind], customers: Sequence[int]) -> tuple[Counted, ...]:
    found: Counter[tuple[Outcome, str]] = Counter()
    for kind, count in zip(names, customers, strict=True):
        found[kind.outcome, kind.reason] += count
    told = sorted(found.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    return tuple(Counted(*kind, count) for kind, count in told)

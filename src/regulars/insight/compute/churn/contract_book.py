"""What was told of contracts, fact by fact, as a book that can be opened at the start of any day."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import orjson
import pyarrow

from regulars.insight.compute.tables import Tables

RANKS = ("started", "updated", "ended")
"""In which order what was told of one instant happened."""


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about a contract. `attributes` hold from this day on."""

    day: date
    event: str
    ends_on: date | None
    seen: bool
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract: who holds it, and everything told of it, oldest first; `customer_id` None while nobody is named."""

    contract: str
    number: str
    customer_id: int | None
    events: tuple[Event, ...]

    @property
    def known_on(self) -> date:
        """When it was first heard of."""
        return self.events[0].day

    @property
    def started_on(self) -> date | None:
        """Its first day; None where nobody told."""
        return next((one.day for one in self.events if one.event == "started"), None)

    @property
    def ending(self) -> Event | None:
        """Its end; None while it runs."""
        return next((one for one in self.events if one.event == "ended"), None)

    def runs(self, day: date) -> bool:
        """Whether it ran at the start of this day, by what is known now."""
        ending = self.ending
        return self.known_on < day and (ending is None or ending.day >= day)

    def ends_in(self, day: date, until: date) -> bool:
        """Whether it ended on a day in [day, until)."""
        ending = self.ending
        return ending is not None and day <= ending.day < until

    def told_before(self, day: date) -> tuple[Event, ...]:
        """What was told before this day."""
        return self.events[: bisect_left(self.events, day, key=lambda one: one.day)]

    def agreed_until(self, day: date) -> date | None:
        """The last day agreed, as known at the start of this day; None for no end."""
        return next((one.ends_on for one in reversed(self.told_before(day)) if one.ends_on), None)


def read(told: Tables, day: date) -> list[Contract]:
    """Every contract as it was known at the start of a day, by name. Sources' names order them, never ids."""
    known = told.as_of(day)
    rows = known.contracts.left_join(known.identities, "identity_id").drop("identity_id_right")
    rank = rows.event.cases(*((name, place) for place, name in enumerate(RANKS)), else_=len(RANKS))
    found = rows.order_by(["contract", "occurred_at", rank, ibis.asc("attributes")]).to_pyarrow()
    return _gathered(found)


def _gathered(rows: pyarrow.Table) -> list[Contract]:
    columns = [rows[name].to_pylist() for name in ("contract", "number", "customer_id", *EVENT)]
    made: list[Contract] = []
    current: list[Event] = []
    holder, names = None, ("", "")
    words: dict[str, str] = {}

    def close() -> None:
        if current:
            made.append(Contract(*names, holder, tuple(current)))

    for contract, number, customer_id, day, event, ends_on, seen, attributes in zip(*columns, strict=True):
        if contract != names[0]:
            close()
            current, holder, names = [], None, (contract, number)
        holder = holder if customer_id is None else customer_id
        # Few values are told over and over: each is held once.
        values = {name: words.setdefault(one, one) for name, one in orjson.loads(attributes).items()}
        current.append(Event(day, event, ends_on, bool(seen), values))
    close()
    return made


EVENT = ("day", "event", "ends_on", "seen", "attributes")


def columns(rows: Iterable[tuple[Contract, date]]) -> dict[str, list[str | None]]:
    """The attributes of contracts, each as known at the start of a day, column by column; None where not told."""
    rows = list(rows)
    found: dict[str, list[str | None]] = {}
    for place, (contract, day) in enumerate(rows):
        for event in contract.told_before(day):
            for name, value in event.attributes.items():
                found.setdefault(name, [None] * len(rows))[place] = value
    return dict(sorted(found.items()))


def as_table(rows: Iterable[tuple[Contract, date]], **own: list[Any]) -> pyarrow.Table:
    """The same as a table of texts, beside columns of one's own."""
    texts = {name: pyarrow.array(column, pyarrow.string()) for name, column in columns(rows).items()}
    return pyarrow.table({**own, **texts})

"""What the model is made of: heaps of points, what was bought, and what was said."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

from regulars.core.money import share_out
from regulars.facts.rules import NewFact
from regulars.loyalty.rules import ItemKind
from tests.flows.model_earning import Given
from tests.flows.world import SHANGHAI

POINTS = "points"


class Place(Enum):
    """Where a heap is. What was repaid, revoked or spent for good still lies somewhere, in case it comes back."""

    WAITING = "waiting"
    FREE = "free"
    HELD = "held"
    SPENT = "spent"
    EXPIRED = "expired"
    TAKEN = "taken"


HAD = (Place.WAITING, Place.FREE)


@dataclass(eq=False)
class Heap:
    """Points, or stars, that were earned together and lie together. `lot` names those: (kind, id, turn), and `what`.

    `lent` are points that nobody had: a command that was decided on points which turned out not to be there.
    """

    amount: int
    lot: tuple[int, int, int]
    since: datetime
    until: datetime | None
    place: Place
    what: str = POINTS
    lent: bool = False


@dataclass
class Bought:
    """An order: what it gave and what came back of it, line by line."""

    fact: NewFact
    lot: tuple[int, int, int]
    lines: dict[str, int]
    back: dict[str, int]
    gave: dict[str, tuple[int, list[int]]]
    taken: dict[str, int] = field(default_factory=lambda: {"points": 0, "growth": 0, "stars": 0})
    returned: int = 0
    cancelled: bool = False
    limits: list[tuple[Any, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Said:
    """A fact with its id, or a command that was taken: what happened to whom."""

    at: datetime
    kind: ItemKind
    id: int
    who: str
    fact: NewFact | None = None
    amount: int = 0
    refers_to: int = 0
    given: Given | None = None
    place: tuple[int, str] = (0, "")
    what: str = POINTS

    @property
    def day(self) -> date:
        return self.at.astimezone(SHANGHAI).date()

    @property
    def position(self) -> tuple[Any, ...]:
        """Where it stands in the history: `place` is its source and number there."""
        return (self.at, *self.place, self.kind)


@dataclass(frozen=True)
class Have:
    """What a group has of something at an instant; `lent` is the part of what is held that nobody had."""

    pending: int
    available: int
    held: int
    lent: int
    owed: int
    growth: int

    @property
    def spendable(self) -> int:
        """What could be spent, if the account is not frozen."""
        return max(0, self.available - self.owed)


def put_back(bought: Bought, said: Said) -> None:
    """What came back, line by line; what names no line is spread over what is left, as a part of what was paid."""
    fact = said.fact
    assert fact is not None
    paid, whole = int(bought.fact.body["paid"]), sum(bought.lines.values())
    lines = [(str(line[0]), int(line[1])) for line in fact.body.get("lines", ())]
    if said.kind is ItemKind.CANCEL or (fact.amount is None and not lines):
        bought.back, bought.returned = dict(bought.lines), paid
        return
    nowhere = 0 if lines else fact.amount or 0
    for line, amount in lines:
        if line in bought.lines:
            room = min(amount, bought.lines[line] - bought.back[line])
            bought.back[line] += room
            bought.returned += room
        else:
            nowhere += amount
    if nowhere:
        bought.returned += nowhere
        left = [bought.lines[line] - bought.back[line] for line in bought.lines]
        part = min(nowhere * whole // paid if paid else nowhere, sum(left))
        for line, share in zip(bought.lines, share_out(part, left), strict=True):
            bought.back[line] += share
    if bought.returned >= paid:
        bought.back = dict(bought.lines)

"""What the rows of one order number can come to."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from regulars.facts.rules import Identity


@dataclass(slots=True)
class Line:
    """A line of an order; `row` is its place among the rows."""

    line_id: str
    row: int
    product: str
    quantity: Decimal
    amount: int


@dataclass(slots=True)
class Refund:
    """Money given back for the order that it stands in: by lines, by amount, or whole (neither)."""

    at: datetime
    lines: list[tuple[str, int]]
    amount: int | None


@dataclass(slots=True)
class Order:
    """An order that can become facts. `paid` less freight, vouchers and stored value is what its lines add up to.

    `discount` is what was taken off before that, as far as the file tells.
    """

    key: str
    at: datetime
    who: tuple[Identity, ...]
    store: str
    channel: str
    paid: int
    lines: list[Line]
    deducted: int = 0
    discount: int = 0
    refund: Refund | None = None


@dataclass(slots=True)
class Resolved:
    """What became of the rows of an order number; `aside` and `notes` are (code, row, how many)."""

    order: Order | None = None
    cancelled_at: datetime | None = None
    who: tuple[Identity, ...] = ()
    returns: list[int] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    aside: list[tuple[str, int, int]] = field(default_factory=list)
    notes: list[tuple[str, int, int]] = field(default_factory=list)

"""What the fold remembers of orders and commands, so that a later refund or release knows what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from regulars.core.money import share_out
from regulars.ledger.rules import Lot, LotKey
from regulars.loyalty.earning.rules import Earning, Limit, Own
from regulars.loyalty.rules import Item, ItemKind


@dataclass(slots=True)
class OwnMemo:
    """What a refund must know of what its order earned in a currency of the programme's own."""

    lot: LotKey
    earned: Own
    clawed: int = 0


@dataclass(slots=True)
class OrderMemo:
    """What a refund must know of its order.

    `refunded` runs along the order's lines; `returned` (money), `clawed` and `clawed_growth` are totals so far.
    `visit`: the day counts as a visit because of it, which is one growth beside `growth`. `own`: what it earned beside
    points and growth.
    """

    item: Item
    points: int
    growth: int
    lot: LotKey | None
    refunded: list[int]
    returned: int = 0
    clawed: int = 0
    clawed_growth: int = 0
    cancelled: bool = False
    earning: Earning | None = None
    visit: bool = False
    own: Sequence[OwnMemo] = ()

    @property
    def stands(self) -> bool:
        """Whether something was paid for it and not all of that was given back."""
        if self.cancelled or not self.item.paid:
            return False
        whole = self.returned >= self.item.paid or self.refunded == [amount for _, amount in self.item.lines]
        return not (self.returned and whole)

    def due(self, award: int, by_line: list[int] | None = None) -> int:
        """Clawback so far: floor(line award x refunded / line amount), all of it when fully refunded.

        Args:
            by_line: The award of each line, where a rule gave it for some of them alone.
        """
        amounts = [amount for _, amount in self.item.lines]
        awards = by_line or share_out(award, amounts)
        if self.refunded == amounts:
            return award
        return sum(a * r // m for a, r, m in zip(awards, self.refunded, amounts, strict=True) if m)


class Purchases(NamedTuple):
    """Orders that stand, what was spent on them (minor units, less what was given back), the first and the last."""

    orders: int = 0
    spent: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def and_then(self, later: "Purchases") -> "Purchases":
        """These and later ones together."""
        if not later.orders:
            return self
        return Purchases(
            self.orders + later.orders, self.spent + later.spent, self.first_at or later.first_at, later.last_at
        )


@dataclass(slots=True)
class CommandMemo:
    """What a command took and still has: (lot or None for debt, amount) in the order taken, and who owes the debt."""

    item: Item
    taken: list[tuple[LotKey | None, int]]
    held: bool


class Ask(NamedTuple):
    """An item would get so much from a rule that has a budget, which nobody has decided yet."""

    item: Item
    code: str
    budget: Limit
    wished: int


@dataclass(slots=True)
class Flag:
    """Something odd in the history that a person should see: `code` for the item of this origin."""

    origin_kind: int
    origin_id: int
    code: str


def soonest(lot: Lot) -> tuple[float, datetime, LotKey]:
    """What lots are spent by: who expires first, then who came first."""
    return (lot.expires_at.timestamp() if lot.expires_at else float("inf"), lot.effective_at, lot.key)


def take_back(taken: list[tuple[LotKey | None, int]], amount: int) -> list[tuple[LotKey | None, int]]:
    """Take `amount` out of what a command has, first taken first; `taken` keeps the rest."""
    out: list[tuple[LotKey | None, int]] = []
    while amount and taken:
        key, has = taken[0]
        part = min(amount, has)
        out.append((key, part))
        amount -= part
        if part == has:
            taken.pop(0)
        else:
            taken[0] = (key, has - part)
    return out


def add_refund(memo: OrderMemo, refund: Item) -> bool:
    """Add a refund to its order's lines, never above them; whether all of it fitted.

    What names no line of the order is spread over what is left of all of them, in proportion to what was paid.
    """
    amounts = [amount for _, amount in memo.item.lines]
    if refund.kind == ItemKind.CANCEL or (not refund.lines and refund.amount is None):
        memo.refunded, memo.returned = amounts, memo.item.paid
        memo.cancelled = memo.cancelled or refund.kind == ItemKind.CANCEL
        return True
    places = {line_id: i for i, (line_id, _) in enumerate(memo.item.lines)}
    left = [a - r for a, r in zip(amounts, memo.refunded, strict=True)]
    spread = 0 if refund.lines else refund.amount or 0
    fits = True
    for line_id, amount in refund.lines:
        place = places.get(line_id)
        if place is None:
            spread += amount
            continue
        part = min(amount, left[place])
        left[place] -= part
        memo.refunded[place] += part
        memo.returned += part
        fits = fits and part == amount
    if spread:
        memo.returned += spread
        whole = sum(amounts)
        part = min(spread * whole // memo.item.paid if memo.item.paid else spread, sum(left))
        memo.refunded = [r + s for r, s in zip(memo.refunded, share_out(part, left), strict=True)]
        fits = fits and memo.returned <= memo.item.paid
    if memo.returned >= memo.item.paid:
        memo.refunded = amounts
    return fits

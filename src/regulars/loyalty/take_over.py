"""What the fold does with balances that another programme kept: points, growth and tiers as of the end of a day.

What is taken over may come on top, or contain all that the member had here before: then that goes first, so that
orders of the years before can be brought in for the picture, earlier or later, without counting twice.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from regulars.core.calendar import business_date, start_of_day
from regulars.ledger.rules import Account, Currency, LotKey, OriginKind, Purpose, Transfer
from regulars.loyalty.memos import soonest
from regulars.loyalty.rules import Grant, Item

if TYPE_CHECKING:
    from regulars.loyalty.rate import Fold

POINTS, GROWTH, FACT = int(Currency.POINTS), int(Currency.GROWTH), int(OriginKind.FACT)
PENDING, AVAILABLE, DEBT = int(Account.PENDING), int(Account.AVAILABLE), int(Account.DEBT)
ISSUED, EARNED, REVOKED = int(Account.ISSUED), int(Account.EARNED), int(Account.REVOKED)


@dataclass(slots=True)
class TakenState:
    """What a fold remembers: (customer, balance, instant) whose earlier balances went, and tiers by customer.

    `contained`: how many points of an earlier lot are contained in what was taken over.
    """

    replaced: set[tuple[int, str, datetime]] = field(default_factory=set)
    tiers: dict[int, Grant] = field(default_factory=dict)
    contained: dict[LotKey, int] = field(default_factory=dict)


def take_over(fold: "Fold", item: Item) -> None:
    """Points with their own last day, growth of its day, or a tier for a while."""
    taken = item.taken
    if taken is None:
        return
    state = fold.taken = fold.taken or TakenState()
    again = (item.customer_id, taken.balance, item.at)
    if taken.replaces and again not in state.replaced:
        state.replaced.add(again)
        _REPLACE[taken.balance](fold, item, state)
    if taken.balance == "points" and item.amount:
        fold._issue(item, FACT, item.amount, fold.policies.at(item.at).points, item.at, Purpose.TAKE_OVER)
    elif taken.balance == "growth" and item.amount:
        _grow(fold, item, taken.earned_on or item.day, item.amount)
    elif item.grant is not None:
        fold.grants.append(item.grant)
        state.tiers[item.customer_id] = item.grant


def claw(fold: "Fold", state: TakenState, key: LotKey, points: int, at: datetime, origin_id: int) -> int:
    """Take points of an earlier lot back out of the balance that contains them; returns how many are still missing."""
    left = min(points, state.contained.get(key, 0))
    owner, currency = fold.lots[key].customer_id, key.currency
    missing = points - left
    own = (one for one in fold._open.values() if (one.customer_id, one.key.currency) == (owner, currency))
    for lot in sorted(own, key=soonest):
        if not left:
            break
        take = min(left, lot.remaining)
        lot.remaining -= take
        lot.revoked += take
        left -= take
        state.contained[key] -= take
        if not lot.remaining:
            del fold._open[lot.key]
        source = AVAILABLE if lot.matured else PENDING
        fold._move(lot, source, REVOKED, take, at, FACT, origin_id, Purpose.CLAWBACK)
    return missing + left


def _grow(fold: "Fold", item: Item, day: date, amount: int) -> None:
    """Growth of an earlier day comes."""
    at = start_of_day(day, fold.policies.at(item.at).zone)
    fold.growth.append((day, amount))
    fold.transfers.append(
        Transfer(item.customer_id, GROWTH, ISSUED, EARNED, amount, None, at, FACT, item.origin_id, Purpose.TAKE_OVER)
    )


def _replace_points(fold: "Fold", item: Item, state: TakenState) -> None:
    """What the member had and owed of points goes; held ones stay with their checkout, other currencies as they are."""
    mine = (item.customer_id, POINTS)
    for lot in [lot for lot in fold._open.values() if (lot.customer_id, lot.key.currency) == mine]:
        amount, lot.remaining = lot.remaining, 0
        lot.revoked += amount
        state.contained[lot.key] = state.contained.get(lot.key, 0) + amount
        del fold._open[lot.key]
        source = AVAILABLE if lot.matured else PENDING
        fold._move(lot, source, REVOKED, amount, item.at, FACT, item.origin_id, Purpose.TAKE_OVER)
    if owed := fold.owed.pop(mine, 0):
        fold.transfers.append(
            Transfer(
                item.customer_id, POINTS, REVOKED, DEBT, owed, None, item.at, FACT, item.origin_id, Purpose.TAKE_OVER
            )
        )


def _replace_growth(fold: "Fold", item: Item, state: TakenState) -> None:
    """Growth that the member had goes: what each fact brought, on its own day, so that every day stays true."""
    zone = fold.policies.at(item.at).zone
    brought: dict[tuple[int, int, datetime], int] = {}
    for t in fold.transfers:
        if t.currency == GROWTH and t.customer_id == item.customer_id:
            key = (t.origin_kind, t.origin_id, t.at)
            brought[key] = brought.get(key, 0) + (t.amount if t.target == EARNED else -t.amount)
    for (kind, origin_id, at), amount in brought.items():
        if not amount:
            continue
        fold.growth.append((business_date(at, zone), -amount))
        source, target = (EARNED, REVOKED) if amount > 0 else (REVOKED, EARNED)
        fold.transfers.append(
            Transfer(
                item.customer_id, GROWTH, source, target, abs(amount), None, at, kind, origin_id, Purpose.TAKE_OVER
            )
        )


def _replace_tier(fold: "Fold", item: Item, state: TakenState) -> None:
    """A tier that was taken over earlier ends with the next one."""
    given = state.tiers.pop(item.customer_id, None)
    if given is not None:
        ends = min(given.until_day or item.day, item.day)
        fold.grants[fold.grants.index(given)] = given._replace(until_day=ends)


_REPLACE = {"points": _replace_points, "growth": _replace_growth, "tier": _replace_tier}

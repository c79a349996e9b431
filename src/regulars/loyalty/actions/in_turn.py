"""Commands in their turn: the fold goes on from what the books hold, where that is all that it needs.

Folding a history again takes longer the longer somebody has been coming, and a till waits for it. A command comes after
everything else, so what it does depends on the lots that have points left and on the hold that it goes on from. Where
more matters — a debt, a given tier, a merged group, something due, a hold that has ended — the whole history is folded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.ledger import actions as ledger
from regulars.ledger import queries as ledger_queries
from regulars.ledger.rules import Lot, LotKey
from regulars.loyalty.memos import CommandMemo, soonest
from regulars.loyalty.queries import command_item, pack_growth, unpack_growth
from regulars.loyalty.rate import Fold
from regulars.loyalty.refolding import still_growing
from regulars.loyalty.rules import Item, ItemKind, Policies

KINDS = (ItemKind.HOLD, ItemKind.REDEEM, ItemKind.DEDUCT, ItemKind.CAPTURE, ItemKind.RELEASE)
"""What can be decided so."""
STANDS = f"""
SELECT s.customer_id, s.last_at, s.growth,
       EXISTS (SELECT 1 FROM loyalty_checkoutstep h
               WHERE h.customer_id = s.customer_id AND h.is_open AND h.ends_at <= %s),
       k.kind, k.id, k.customer_id, k.at, k.business_date, k.amount, k.amount - coalesce(n.amount, 0), n.ids,
       k.currency
FROM {bulk.unnest("bigint", "bigint")} AS w (customer_id, refers_to_id)
JOIN loyalty_standing s ON s.customer_id = w.customer_id AND NOT s.whole
LEFT JOIN loyalty_command k ON k.id = w.refers_to_id
LEFT JOIN LATERAL (SELECT sum(amount)::bigint AS amount, coalesce(array_agg(id), '{{}}') AS ids
                   FROM loyalty_command WHERE refers_to_id = k.id) n ON true
WHERE NOT EXISTS (SELECT 1 FROM customers_customer c WHERE c.canonical_id = s.customer_id AND c.id <> s.customer_id)
"""
MOVED = ("timestamptz", "int", "text", "bigint", "bytea")
MOVE_ON = f"""
UPDATE loyalty_standing s SET last_at = n.last_at, last_source = n.last_source, last_key = n.last_key, growth = n.growth
FROM {bulk.unnest(*MOVED)} AS n (last_at, last_source, last_key, customer_id, growth)
WHERE s.customer_id = n.customer_id
"""


@dataclass(slots=True)
class InTurn:
    """A customer's fold as the books have it; `rows` has each lot's row id and counters before, `earlier` the hold."""

    canonical_id: int
    last_at: datetime
    fold: Fold
    rows: dict[LotKey, tuple[int, tuple[int, ...]]]
    earlier: Item | None = None
    last: Item | None = None

    def find(self, command_id: int | None) -> Item | None:
        """The command that the next one goes on from."""
        return self.earlier if self.earlier is not None and self.earlier.origin_id == command_id else None

    def then(self, item: Item) -> None:
        """Go on with an item that comes after all others."""
        self.last = item
        self.fold.apply(item)

    @property
    def growth(self) -> bytes:
        """What still counts of the growth that the standing keeps."""
        policies, growth = self.fold.policies, self.fold.growth
        return pack_growth(still_growing(growth, self.last.day, policies) if self.last else growth)

    @property
    def changed(self) -> list[tuple[int, Lot]]:
        """Lots that are no longer as the books have them, by row."""
        return [
            (row_id, self.fold.lots[key])
            for key, (row_id, counters) in self.rows.items()
            if self.fold.lots[key].counters != counters
        ]


Wanted = Sequence[tuple[int, ItemKind, int | None]]
"""Who stands for the group, what is asked, and the command that it goes on from."""


def read(wanted: Wanted, *, policies: Policies, at: datetime) -> dict[int, InTurn]:
    """The folds as they stand, for one command now of each customer; who needs the whole history is left out.

    The caller holds the locks of the groups.
    """
    with bulk.pipeline(connection):
        found = ask(wanted, policies=policies, at=at)
    return found()


def ask(wanted: Wanted, *, policies: Policies, at: datetime) -> Callable[[], dict[int, InTurn]]:
    """Like `read`, answered when it is called. The locks may be asked for right before, in the same pipeline."""
    wanted = [one for one in wanted if one[1] in KINDS]
    if not wanted:
        return dict
    named = bulk.columns([(who, refers_to) for who, _, refers_to in wanted], ("bigint", "bigint"))
    standing = bulk.ask(connection, STANDS, [at, *named], read=lambda rows: {row[0]: row[1:] for row in rows})
    having = ledger_queries.ask_open_lots([who for who, _, _ in wanted])

    def folds() -> dict[int, InTurn]:
        stands, lots = standing(), having()
        found = (
            _stand(who, refers_to, stands[who], lots.get(who, {}), policies, at)
            for who, _, refers_to in wanted
            if who in stands
        )
        return {one.canonical_id: one for one in found if one is not None}

    return folds


def post(turns: Sequence[InTurn], *, at: datetime) -> None:
    """Write what was done since they were read. No statement is waited for by another: a pipeline may go around it."""
    moved = sorted((*one.last.position, one.canonical_id, one.growth) for one in turns if one.last is not None)
    ledger.post(
        transfers=[transfer for one in turns for transfer in one.fold.transfers],
        changed_lots=[row for one in turns for row in one.changed],
        at=at,
    )
    bulk.send(connection, MOVE_ON, bulk.columns(moved, MOVED))


def _stand(
    who: int,
    refers_to: int | None,
    stands: Sequence[Any],
    lots: Mapping[LotKey, tuple[int, Lot]],
    policies: Policies,
    at: datetime,
) -> InTurn | None:
    last_at, growth, any_ended, kind, command_id, owner, held_at, day, amount, left, later, currency = stands
    held = sum(lot.held for key, (_, lot) in lots.items() if currency in (None, key.currency))
    if any(_is_due(lot, max(at, last_at)) for _, lot in lots.values()) or (held and any_ended):
        return None
    fold = Fold(policies, growth=unpack_growth(growth))
    turn = InTurn(who, last_at, fold, {key: (row_id, lot.counters) for key, (row_id, lot) in lots.items()})
    turn.fold.carry_on(lot for _, lot in lots.values())
    if refers_to is None:
        return turn
    if kind != ItemKind.HOLD or owner != who or not held:
        return None
    turn.earlier = command_item(kind, command_id, owner, held_at, day, amount, None, currency=currency)
    if left == held:
        has = {key: lot.held for key, (_, lot) in lots.items() if lot.held and key.currency == currency}
    else:
        has = ledger_queries.held_by(who, [refers_to, *later], since=held_at)
    if sum(has.values()) != left or not has.keys() <= lots.keys():
        return None
    taken = sorted((lots[key][1] for key in has), key=soonest)
    turn.fold.remember(CommandMemo(turn.earlier, [(lot.key, has[lot.key]) for lot in taken], held=True))
    return turn


def _is_due(lot: Lot, at: datetime) -> bool:
    """Whether it matures or expires first, which may put right what was posted before."""
    if not lot.remaining:
        return False
    return (not lot.matured and lot.effective_at <= at) or (lot.expires_at is not None and lot.expires_at <= at)

"""Folding whole histories again and comparing them with the books: what to post, what to keep. Writes nothing."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from regulars.core.calendar import add_months
from regulars.facts import queries as facts
from regulars.ledger import queries as ledger_queries
from regulars.ledger.rules import Lot, LotKey, Transfer
from regulars.loyalty import queries
from regulars.loyalty.earning.rules import Used
from regulars.loyalty.earnings import still_counting
from regulars.loyalty.memos import Flag
from regulars.loyalty.queries import Standing
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item, Policies
from regulars.loyalty.tiers import Interval, timeline


@dataclass(slots=True)
class Refolded:
    """What folding again found: differences to post, and the state to keep."""

    transfers: list[Transfer]
    new_lots: list[Lot]
    changed_lots: list[tuple[int, Lot]]
    standings: dict[int, Standing]
    tiers: dict[int, list[Interval]]
    used: dict[int, Used] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)


def refold(
    histories: dict[int, list[Item]],
    groups: dict[int, int],
    posted: ledger_queries.Posted,
    policies: Policies,
    at: datetime,
) -> Refolded:
    """Fold each history from its start and compare with what is posted; writes nothing."""
    return compare({c: (items, folded(items, policies, at)) for c, items in histories.items()}, posted, policies)


def folded(items: Sequence[Item], policies: Policies, at: datetime) -> Fold:
    """The fold over a whole history in order, settled."""
    fold = Fold(policies)
    for item in items:
        fold.apply(item)
    fold.settle(at)
    return fold


def compare(
    folds: Mapping[int, tuple[Sequence[Item], Fold]], posted: ledger_queries.Posted, policies: Policies
) -> Refolded:
    """Compare settled folds over whole histories, by canonical customer, with what is posted."""
    out = Refolded([], [], [], {}, {})
    wanted: list[Transfer] = []
    lots: dict[LotKey, Lot] = {}
    for canonical_id, (items, fold) in sorted(folds.items()):
        wanted += fold.transfers
        lots.update(fold.lots)
        if items:
            out.standings[canonical_id] = standing_of(items[-1], fold, policies)
            if policies.limited:
                out.used[canonical_id] = still_counting(fold.used, items[-1].day)
        out.tiers[canonical_id] = timeline(fold.growth, policies, fold.grants)
        out.flags += fold.flags
    out.transfers = differences(wanted, posted)
    for key, lot in lots.items():
        if key not in posted.lots:
            out.new_lots.append(lot)
        elif posted.lots[key][1] != lot:
            out.changed_lots.append((posted.lots[key][0], lot))
    for key, (row_id, old) in posted.lots.items():
        if key not in lots and old.issued:
            void = Lot(key, old.customer_id, 0, old.effective_at, old.expires_at, old.matured)
            out.changed_lots.append((row_id, void))
    return out


def flagged(fact_ids: Sequence[int], customer_ids: Sequence[int], policies: Policies) -> dict[tuple[int, int], str]:
    """What a person should see about these refunds of one group: codes by origin (kind, id).

    Flags come from an order and what was given back for it, so only those are folded and not the whole history.
    """
    items = [queries.item_of_fact(fact) for fact in facts.of_same_orders(fact_ids, customer_ids)]
    fold = Fold(policies)
    for item in sorted(items, key=lambda item: (*item.position, item.kind)):
        fold.apply(item)
    return {(flag.origin_kind, flag.origin_id): flag.code for flag in fold.flags}


def differences(wanted: list[Transfer], posted: ledger_queries.Posted) -> list[Transfer]:
    """The transfers that turn what is posted into what is wanted; each names the first one that it corrects."""
    target: dict[ledger_queries.MoveKey, tuple[int, datetime]] = {}
    for t in wanted:
        low, high = (t.source, t.target) if t.source < t.target else (t.target, t.source)
        key = (t.customer_id, t.currency, t.origin_kind, t.origin_id, t.purpose, t.lot, low, high)
        amount, moment = target.get(key, (0, t.at))
        target[key] = (amount + (t.amount if t.source < t.target else -t.amount), moment)
    out: list[Transfer] = []
    for key in sorted(target.keys() | posted.net.keys(), key=_order_of_keys):
        has = posted.net.get(key)
        was, first_id, first_at = has or (0, None, target.get(key, (0, None))[1])
        change = target.get(key, (0, None))[0] - was
        if change and first_at is not None:
            low, high = key[6], key[7]
            source, goal = (low, high) if change > 0 else (high, low)
            out.append(
                Transfer(key[0], key[1], source, goal, abs(change), key[5], first_at, key[2], key[3], key[4], first_id)
            )
    return out


def _order_of_keys(key: ledger_queries.MoveKey) -> tuple[object, ...]:
    lot = key[5]
    return (key[0], key[3], key[2], key[4], key[1], lot is not None, lot or LotKey(0, 0, 0), key[6], key[7])


def standing_of(last: Item, fold: Fold, policies: Policies, before: Standing | None = None) -> Standing:
    """What is kept of a fold: growth by day, as long as it still counts on the last item's day.

    Args:
        before: What the fold went on from, when it did: its growth is in order, and only later days were added.
    """
    start = policies.window_start(last.day)
    if before is not None and start is not None:
        kept = before.growth[bisect_left(before.growth, (start, -(10**18))) :]
        growth = _added(kept, [(day, amount) for day, amount in fold.growth[len(before.growth) :] if day >= start])
        return Standing(last.position, growth, needs_whole(fold, last.day), before.purchases.and_then(fold.purchases()))
    by_day: dict[date, int] = {}
    for day, amount in fold.growth:
        by_day[day] = by_day.get(day, 0) + amount
    growth = still_growing([one for one in sorted(by_day.items()) if one[1]], last.day, policies)
    purchases = before.purchases.and_then(fold.purchases()) if before else fold.purchases()
    return Standing(last.position, growth, needs_whole(fold, last.day), purchases, bool(fold.frozen))


def begun(standing: Standing | None, used: Used, policies: Policies) -> Fold:
    """The fold where it stands, to go on from with what comes after everything so far."""
    fold = Fold(policies, growth=list(standing.growth) if standing else [])
    if standing is not None:
        fold.before = standing.purchases
    fold.used = dict(used)
    return fold


def needs_whole(fold: Fold, day: date) -> bool:
    """Whether what comes on this day or later depends on more of the history than a standing keeps."""
    if fold.owed or fold.frozen:
        return True
    return bool(fold.grants) and any(grant[2] is None or grant[2] > day for grant in fold.grants)


def still_growing(growth: Sequence[tuple[date, int]], day: date, policies: Policies) -> list[tuple[date, int]]:
    """Of growth by day what tiers of this day and later ones depend on."""
    start = policies.window_start(day)
    return [one for one in growth if (one[0] >= start if start else _still_counts(one[0], day, policies))]


def _still_counts(day: date, last: date, policies: Policies) -> bool:
    """Whether tiers of later days depend on growth of `day`: on all of it, where tiers are held for a term."""
    return not policies.plain or add_months(day, policies.on(day).window_months) > last


def _added(growth: list[tuple[date, int]], later: list[tuple[date, int]]) -> list[tuple[date, int]]:
    """Growth in order with later growth behind it, a day once."""
    for day, amount in later:
        if growth and growth[-1][0] == day:
            growth[-1] = (day, growth[-1][1] + amount)
        else:
            growth.append((day, amount))
    return growth

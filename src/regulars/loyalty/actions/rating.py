"""Running the fold: on from where it stands for orders in their turn, from the start for anything else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from regulars.core import bulk
from regulars.core.calendar import business_date
from regulars.facts.rules import NewFact
from regulars.ledger import actions as ledger
from regulars.ledger import queries as ledger_queries
from regulars.ledger.rules import Lot, Transfer
from regulars.loyalty import queries
from regulars.loyalty.actions import budgets, earned_coupons, inputs
from regulars.loyalty.actions.kept_tiers import keep_tiers
from regulars.loyalty.actions.tier_notes import note_tiers
from regulars.loyalty.badges import actions as badges
from regulars.loyalty.earning.rules import Used
from regulars.loyalty.earnings import still_counting
from regulars.loyalty.inputs import Inside
from regulars.loyalty.queries import Standing, event_item, order_item
from regulars.loyalty.rate import Fold
from regulars.loyalty.refolding import begun, compare, folded, standing_of
from regulars.loyalty.rules import Item, ItemKind, Policies
from regulars.loyalty.tiers import Interval, day_by_day

KEEP_STANDING = """
INSERT INTO loyalty_standing (customer_id, last_at, last_source, last_key, growth, whole,
                              orders, spent, first_order_at, last_order_at, frozen)
SELECT * FROM {table} AS n
ON CONFLICT (customer_id) DO UPDATE SET last_at = excluded.last_at, last_source = excluded.last_source,
  last_key = excluded.last_key, growth = excluded.growth,
  whole = excluded.whole, orders = excluded.orders, spent = excluded.spent, first_order_at = excluded.first_order_at,
  last_order_at = excluded.last_order_at, frozen = excluded.frozen
"""
STANDING_COLUMNS = (
    "bigint", "timestamptz", "int", "text", "bytea", "boolean", "int", "bigint", "timestamptz", "timestamptz",
    "boolean",
)  # fmt: skip
USED_COLUMNS = ("bigint", "text", "text", "date", "bigint")
NOBODY: Inside = {}
RATED = (ItemKind.ORDER, ItemKind.REFUND, ItemKind.CANCEL, ItemKind.TAKEN_OVER)


@dataclass(slots=True)
class Arrived:
    """A newly recorded fact with its ids: who it arrived for, and who stands for that group."""

    fact_id: int
    fact: NewFact
    source_id: int
    day: date
    customer_id: int
    canonical_id: int
    store_id: int | None = None


def rate(
    *, arrived: Sequence[Arrived], woken: set[int], policies: Policies, at: datetime, inside: Inside = NOBODY
) -> None:
    """Award what the new facts earn. The caller holds the locks of the canonical customers.

    Args:
        woken: Canonical customers whose waiting refunds found their order.
        inside: Who is in the segments that rules of these facts' versions ask about.
    """
    again = set(woken)
    orders: dict[int, list[Item]] = {}
    for new in arrived:
        fact = new.fact
        if fact.kind == ItemKind.ORDER:
            item = order_item(
                new.fact_id,
                new.customer_id,
                fact.occurred_at,
                new.day,
                new.source_id,
                fact.key,
                fact.amount or 0,
                fact.body,
                new.store_id,
            )
            orders.setdefault(new.canonical_id, []).append(item)
        elif fact.kind in RATED:
            again.add(new.canonical_id)
        elif policies.rewarded and (event := _rewarded(new, policies)) is not None:
            orders.setdefault(new.canonical_id, []).append(event)
    if policies.asks_members:
        inputs.keep(orders, inside, policies)
    standings = queries.standings(sorted(orders))
    for canonical_id, items in orders.items():
        if len(items) > 1:
            items.sort(key=lambda item: item.position)
        standing = standings.get(canonical_id)
        if standing is not None and (standing.whole or items[0].position <= standing.last):
            again.add(canonical_id)
    for canonical_id in again:
        orders.pop(canonical_id, None)
    if orders:
        _continue(orders, standings, policies, at)
    if again:
        fold_again(canonical_ids=again, policies=policies, at=at)


def _rewarded(new: Arrived, policies: Policies) -> Item | None:
    """An event for which the version of its time gives something."""
    fact = new.fact
    item = event_item(
        new.fact_id, new.customer_id, fact.occurred_at, new.day, new.source_id, fact.key, fact.kind, fact.body,
        new.store_id,
    )  # fmt: skip
    return item if item.event in policies.at(item.at).earning else None


def fold_again(*, canonical_ids: Iterable[int], policies: Policies, at: datetime, retired: Sequence[int] = ()) -> int:
    """Fold whole histories and post the net differences, each naming what it corrects; returns how many transfers.

    Args:
        retired: Customers who stood for themselves until a merge: their kept state goes.
    """
    groups, histories = queries.histories(canonical_ids, policies)
    folds: budgets.Folds = {c: (items, folded(items, policies, at)) for c, items in histories.items()}
    if policies.budgeted:

        def once_more(items: Sequence[Item]) -> Fold:
            return folded(items, policies, at)

        budgets.settle(folds, once_more, at=at)
        budgets.give_back(folds, sorted(groups), once_more, at=at)
    return post_folds(folds, members=sorted(groups), policies=policies, at=at, retired=retired)


def post_folds(
    folds: Mapping[int, tuple[Sequence[Item], Fold]],
    *,
    members: Sequence[int],
    policies: Policies,
    at: datetime,
    retired: Sequence[int] = (),
) -> int:
    """Post in what settled folds over whole histories differ from the books; returns how many transfers.

    Args:
        folds: By canonical customer, with the items of the history.
        members: Everybody in these groups.
    """
    if policies.gives_coupons:
        earned_coupons.give(folds.values(), policies, at)
    if policies.gives_badges:
        badges.keep(folds.values(), members=members)
    outcome = compare(folds, ledger_queries.posted(members), policies)
    known = queries.tier_intervals([*folds, *retired])
    gone = [*retired, *(c for c, (items, _) in folds.items() if not items)]
    with bulk.pipeline(connection):
        ledger.post(
            transfers=outcome.transfers, new_lots=outcome.new_lots, changed_lots=outcome.changed_lots, at=at
        )  # fmt: skip
        _keep_standings(outcome.standings, gone=gone)
        if policies.limited:
            keep_used(outcome.used, gone=gone)
        keep_tiers({**outcome.tiers, **{customer_id: [] for customer_id in retired}}, known)
        note_tiers(outcome.tiers, known, today=business_date(at, policies.at(at).zone))
    return len(outcome.transfers)


def _continue(orders: dict[int, list[Item]], standings: dict[int, Standing], policies: Policies, at: datetime) -> None:
    """Orders in their turn, nothing owed: the fold goes on from its kept state, which holds no lot that matters."""
    known = queries.tier_intervals(sorted(orders))
    used = queries.used_limits(sorted(orders)) if policies.limited else {}
    transfers: list[Transfer] = []
    lots: list[Lot] = []
    kept: dict[int, Standing] = {}
    tiers: dict[int, list[Interval]] = {}
    folds = _folded_on(orders, standings, used, policies, at)
    if policies.gives_coupons or policies.gives_badges:
        folds = list(folds)
        if policies.gives_coupons:
            earned_coupons.give((one for _, one in folds), policies, at)
        if policies.gives_badges:
            badges.add(one for _, one in folds)
    for canonical_id, (items, fold) in folds:
        standing = standings.get(canonical_id)
        before = standing.growth if standing else []
        transfers += fold.transfers
        lots += fold.lots.values()
        kept[canonical_id] = standing_of(items[-1], fold, policies, standing)
        if len(fold.growth) > len(before) and not _stays_basic(known.get(canonical_id, []), fold, policies):
            tiers[canonical_id] = day_by_day(known.get(canonical_id, []), fold.growth, len(before), policies)
        if policies.limited:
            used[canonical_id] = still_counting(fold.used, items[-1].day)
    with bulk.pipeline(connection):
        ledger.post(transfers=transfers, new_lots=lots, at=at)
        _keep_standings(kept)
        keep_tiers(tiers, known)
        note_tiers(tiers, known, today=business_date(at, policies.at(at).zone))
        if policies.limited:
            keep_used(used)


def _folded_on(
    orders: Mapping[int, list[Item]],
    standings: Mapping[int, Standing],
    used: Mapping[int, Used],
    policies: Policies,
    at: datetime,
) -> Iterable[tuple[int, tuple[Sequence[Item], Fold]]]:
    """The folds over new items, from where they stand, by customer; with budgets of rules decided."""

    def go_on(canonical_id: int, items: Sequence[Item]) -> Fold:
        fold = begun(standings.get(canonical_id), used.get(canonical_id, {}), policies)
        for item in items:
            fold.apply(item)
        fold.settle(at)
        return fold

    if not policies.budgeted:
        for canonical_id, items in sorted(orders.items()):
            yield canonical_id, (items, go_on(canonical_id, items))
        return
    whose = {items[0].origin_id: canonical_id for canonical_id, items in orders.items()}
    folds: budgets.Folds = {c: (items, go_on(c, items)) for c, items in sorted(orders.items())}
    budgets.settle(folds, lambda items: go_on(whose[items[0].origin_id], items), at=at)
    yield from folds.items()


def _stays_basic(known: list[Interval], fold: Fold, policies: Policies) -> bool:
    """Most members never leave the first tier: if all growth together cannot reach the second, nothing changes."""
    settled = len(known) == 1 and known[0].tier == 0 and known[0].to_date is None
    return settled and policies.never_rises(sum(amount for _, amount in fold.growth))


def _keep_standings(kept: dict[int, Standing], gone: Sequence[int] = ()) -> None:
    if gone:
        bulk.send(
            connection,
            "DELETE FROM loyalty_standing WHERE customer_id = ANY(%b::bigint[])",
            [bulk.Column("bigint", list(gone))],
        )
    if not kept:
        return
    rows = [
        (
            canonical_id,
            *standing.last,
            queries.pack_growth(standing.growth),
            standing.whole,
            standing.purchases.orders,
            standing.purchases.spent,
            standing.purchases.first_at,
            standing.purchases.last_at,
            standing.frozen,
        )
        for canonical_id, standing in sorted(kept.items())
    ]
    table, parameters = bulk.table(rows, STANDING_COLUMNS)
    bulk.send(connection, KEEP_STANDING.format(table=table), parameters)


def keep_used(used: dict[int, Used], gone: Sequence[int] = ()) -> None:
    """Keep what limits remember of these customers; who has used nothing of any has no row."""
    bulk.send(
        connection,
        "DELETE FROM loyalty_usedlimit WHERE customer_id = ANY(%b::bigint[])",
        [bulk.Column("bigint", sorted({*used, *gone}))],
    )
    rows = [
        (customer_id, code, period.value, first, amount)
        for customer_id, slots in sorted(used.items())
        for (code, period, first), amount in sorted(slots.items())
    ]
    if rows:
        bulk.send(
            connection,
            f"""INSERT INTO loyalty_usedlimit (customer_id, code, period, first_day, amount)
                SELECT * FROM {bulk.unnest(*USED_COLUMNS)}""",
            bulk.columns(rows, USED_COLUMNS),
        )

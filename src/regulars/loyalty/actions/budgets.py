"""Budgets of rules over all members: taken in the order in which facts are recorded, and kept as inputs of the fold.

The fold of one customer cannot know what others were given. It says what it would give, here it is decided under the
budget's lock, and then the fold runs again with what was decided; whatever it is folded for later, that stays.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.limits import actions as limits
from regulars.limits import queries as limit_queries
from regulars.limits.rules import Kind, Limit, Take
from regulars.loyalty.budgets import Share, shares_of
from regulars.loyalty.memos import Ask
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item

Folds = dict[int, tuple[Sequence[Item], Fold]]
"""Canonical customer → the items of a history or of what is new in it, and the fold over them."""

NEW_BUDGETS = """
INSERT INTO loyalty_rulebudget (code) SELECT n.code FROM unnest(%b::text[]) AS n (code)
WHERE NOT EXISTS (SELECT 1 FROM loyalty_rulebudget b WHERE b.code = n.code) ORDER BY 1 ON CONFLICT DO NOTHING
"""
SHARE_COLUMNS = ("bigint", "bigint", "bigint", "bigint")
RETURNED_COLUMNS = ("bigint", "bigint", "boolean")


def settle(folds: Folds, again: Callable[[Sequence[Item]], Fold], *, at: datetime) -> None:
    """Decide what is not decided yet, and fold those again who get less than they would.

    The caller holds the customers' locks. What a fold gives may let it ask for more, so this goes on until none does.

    Args:
        again: Folds the items of one customer once more.
    """
    while asks := [ask for _, fold in folds.values() for ask in fold.asks]:
        short = _decide(asks, at)
        for canonical_id, (items, fold) in folds.items():
            if any(ask.item.origin_id in short for ask in fold.asks):
                folds[canonical_id] = (items, again(items))
            else:
                fold.asks.clear()


def give_back(folds: Folds, members: Sequence[int], again: Callable[[Sequence[Item]], Fold], *, at: datetime) -> None:
    """Return to their budgets what undone orders and facts that were taken back had; take it anew if they stand again.

    Args:
        folds: Over whole histories.
        members: Everybody in these groups.
    """
    shares = [share for share in shares_of(members) if share.amount]
    if not shares:
        return
    standing = {
        item.origin_id: canonical_id
        for canonical_id, (items, fold) in folds.items()
        for item in items
        if item.shares and not fold.is_undone(item)
    }
    gone = [share for share in shares if not share.returned and share.fact_id not in standing]
    back = [share for share in shares if share.returned and share.fact_id in standing]
    limits.hold((Kind.RULE_BUDGET, share.budget_id) for share in (*gone, *back))
    limits.give_back([Take(_limit(), one.budget_id, one.amount) for one in gone], taken_at=at)
    changed = [(one.id, one.amount, True) for one in gone]
    changed += _taken_anew(back, standing, folds, again, at)
    if changed:
        bulk.run(
            connection,
            f"""UPDATE loyalty_budgetshare s SET amount = n.amount, returned = n.returned
                FROM {bulk.unnest(*RETURNED_COLUMNS)} AS n (id, amount, returned) WHERE s.id = n.id""",
            bulk.columns(changed, RETURNED_COLUMNS),
        )


def _decide(asks: Sequence[Ask], at: datetime) -> set[int]:
    """Give each what is left, in the order of their histories; the facts that get less than they ask for."""
    budgets = _ids({ask.code for ask in asks})
    room = _room({budgets[ask.code]: ask.budget.most for ask in asks}, at)
    rows: list[tuple[int, int, int, int]] = []
    taken: dict[int, int] = defaultdict(int)
    short: set[int] = set()
    for ask in sorted(asks, key=lambda one: (*one.item.position, one.code)):
        budget = budgets[ask.code]
        wished = 1 if ask.budget.times else ask.wished
        given = min(wished, room[budget])
        room[budget] -= given
        taken[budget] += given
        if given < wished:
            short.add(ask.item.origin_id)
        ask.item.shares = {**(ask.item.shares or {}), ask.code: given}
        rows.append((budget, ask.item.origin_id, ask.item.customer_id, given))
    bulk.run(
        connection,
        f"""INSERT INTO loyalty_budgetshare (budget_id, fact_id, customer_id, amount, returned)
            SELECT n.*, false FROM {bulk.unnest(*SHARE_COLUMNS)} AS n""",
        bulk.columns(sorted(rows), SHARE_COLUMNS),
    )
    limits.take([Take(_limit(), one, amount) for one, amount in sorted(taken.items()) if amount], at=at, held=True)
    return short


def _taken_anew(
    back: Iterable[Share],
    standing: Mapping[int, int],
    folds: Folds,
    again: Callable[[Sequence[Item]], Fold],
    at: datetime,
) -> list[tuple[int, int, bool]]:
    """What stands again, since what undid it was taken back, gets what is left by now, at most as before."""
    changed: list[tuple[int, int, bool]] = []
    for share in back:
        canonical_id = standing[share.fact_id]
        items, fold = folds[canonical_id]
        item = next(one for one in items if one.origin_id == share.fact_id and one.shares is not None)
        most = fold.policies.at(item.at).budgets[share.code].most
        given = min(share.amount, _room({share.budget_id: most}, at)[share.budget_id])
        if given:
            limits.take([Take(_limit(), share.budget_id, given)], at=at, held=True)
        item.shares = {**(item.shares or {}), share.code: given}
        folds[canonical_id] = (items, again(items))
        changed.append((share.id, given, False))
    return changed


def _ids(codes: set[str]) -> dict[str, int]:
    column = bulk.Column("text", sorted(codes))
    bulk.run(connection, NEW_BUDGETS, [column])
    rows = bulk.run(connection, "SELECT code, id FROM loyalty_rulebudget WHERE code = ANY(%b::text[])", [column])
    return dict(rows)


def _room(most: Mapping[int, int], at: datetime) -> dict[int, int]:
    """Budget → what is left of it, under its lock."""
    limits.hold((Kind.RULE_BUDGET, one) for one in most)
    used = limit_queries.used(_limit(), sorted(most), at=at)
    return {one: max(0, ceiling - used.get(one, 0)) for one, ceiling in most.items()}


def _limit() -> Limit:
    """What is counted; versions may differ in how much a rule may give, so the ceiling is looked at by itself."""
    return Limit(Kind.RULE_BUDGET, 10**18)

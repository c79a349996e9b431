"""Budgets over all members in a replay: claimed item by item, shared out over everybody in the order of time. Pure.

The fold of one member cannot know what others take. So first every history is folded only to hear what its items would
be given; then each budget is shared out over everybody in the order in which things happened, as if each had been
recorded at once; and the fold that is added up goes by these shares. Before a budget ends nobody is cut, so what is
claimed until then is exact. Its end can change what other budgets are asked for, so that is heard again, once for each.

Where a draft has the rule of a live version and each item would be given the same by both, what was really given
stands: facts are not recorded in the order in which they happen, and nobody should gain or lose by that.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from regulars.core.calendar import business_date
from regulars.loyalty.earning.rules import EarningRule, Limit, Shares
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item, ItemKind, Policies, Policy
from regulars.loyalty.simulation.rules import BudgetUse

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
RETURNS = (ItemKind.REFUND, ItemKind.CANCEL)
WISH, KEPT, RETURN = 0, 1, 2
"""What a claim is: a wish, a share that was really given, or that of an earlier one (its value) which comes back."""
PART = 100_000


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a budget ends: the first claim that did not get all, at an instant and by its fact; `after`: who from
    there on gets something nevertheless, by fact, since others gave theirs back."""

    at: datetime
    fact_id: int
    after: Mapping[int, int] = field(default_factory=dict)

    @property
    def opens_again(self) -> bool:
        """Whether anything was given after the end."""
        return any(one != self.fact_id for one in self.after)


@dataclass(frozen=True, slots=True)
class SharedOut:
    """What is decided of the draft's budgets, by rule: what was really given stands (`kept`), or where it is cut."""

    kept: frozenset[str] = frozenset()
    cuts: Mapping[str, Cut] = field(default_factory=dict)

    def of(self, item: Item, really: Shares | None) -> dict[str, int]:
        """The shares of an item under the draft; of what is not named it gets all that it would be given."""
        found = {code: (really or {}).get(code, 0) for code in self.kept}
        for code, cut in self.cuts.items():
            if (item.at, item.origin_id) >= (cut.at, cut.fact_id):
                found[code] = cut.after.get(item.origin_id, 0)
        return found


class Heard(dict[str, int]):
    """An item's shares, which note what it would be given of each budget: rules ask for it last of all limits."""

    def __init__(self, shares: Shares) -> None:
        super().__init__(shares)
        self.wished: dict[str, int] = {}

    def get(self, code: str, default: int | None = None) -> int:  # type: ignore[override]
        """The share, or all that is wished."""
        wish = default or 0
        if wish:
            self.wished[code] = wish
        return super().get(code, wish)


@dataclass(slots=True)
class Claims:
    """What items of some members claim of the draft's budgets, by rule: rows of (instant, fact, value, kind).

    A row takes 32 bytes, so the claims of three million orders on one budget take 96 MB. `differing`: rules by which
    an item would not be given what the version of its time would give it.
    """

    members: int = 0
    rows: dict[str, "array[int]"] = field(default_factory=dict)
    differing: set[str] = field(default_factory=set)

    def add(self, code: str, item: Item, value: int, kind: int) -> None:
        """One more."""
        rows = self.rows.get(code)
        if rows is None:
            rows = self.rows[code] = array("q")
        rows.extend(((item.at - EPOCH) // MICROSECOND, item.origin_id, value, kind))

    def merge(self, other: "Claims") -> None:
        """Add those of others."""
        self.members += other.members
        self.differing |= other.differing
        for code, rows in other.rows.items():
            self.rows.setdefault(code, array("q")).extend(rows)


def unchanged(today: Policies, draft: Policy, since: datetime | None) -> frozenset[str]:
    """Rules with a budget that versions which were live since then have as the draft has them, if they have them."""
    versions = [today.at(since)] if since is not None else [today.versions[0][1]]
    versions += [policy for at, policy in today.versions if since is None or at > since]
    known = [_ruled(policy) for policy in versions]
    found = {code: [rules[code] for rules in known if code in rules] for code in draft.budgets}
    return frozenset(
        code for code, rule in _ruled(draft).items() if found.get(code) and all(one == rule for one in found[code])
    )


def share(items: Sequence[Item], draft: Policy, policies: Policies, decided: SharedOut) -> None:
    """Give the items that happened under the draft their shares; others keep what they really had."""
    for item in items:
        if policies.at(item.at) is draft:
            item.shares = decided.of(item, item.shares)


def hear(items: Sequence[Item], policies: Policies) -> dict[int, Heard]:
    """Let items note, while they are folded under the versions as they were, what they would be given; by fact."""
    found = {}
    for item in items:
        if (item.kind == ItemKind.ORDER or item.event) and policies.at(item.at).budgets:
            item.shares = found[item.origin_id] = Heard(item.shares or {})
    return found


def claim(
    items: Sequence[Item], draft: Policy, policies: Policies, decided: SharedOut, today: Mapping[int, Heard],
    claims: Claims,
) -> None:  # fmt: skip
    """Fold a history with what is decided so far, and add what its items claim of the draft's budgets.

    Args:
        today: What they would be given by the versions as they were, where rules stayed as they are.
    """
    fold, holders = Fold(policies), dict[tuple[int, str], tuple[Item, list[str]]]()
    for item in items:
        version = policies.at(item.at)
        if item.event and item.event not in version.earning:
            continue
        if item.kind in RETURNS:
            fold.apply(item)
            _given_back(fold, holders, item.source, item.subject, item, claims)
        elif version.budgets and (item.kind == ItemKind.ORDER or item.event):
            codes = _claimed(fold, item, draft if version is draft else None, decided, today, claims, draft.budgets)
            if codes and not item.event:
                holders[item.source, item.key] = item, codes
                _given_back(fold, holders, item.source, item.key, item, claims)
        else:
            fold.apply(item)


def _claimed(
    fold: Fold, item: Item, draft: Policy | None, decided: SharedOut, today: Mapping[int, Heard], claims: Claims,
    budgets: Mapping[str, Limit],
) -> list[str]:  # fmt: skip
    """Fold one item, under the draft or (None) under the version of its time; the rules whose budgets it holds of."""
    really = item.shares
    if draft is None:
        fold.apply(item)
        given = {code: amount for code, amount in (really or {}).items() if amount and code in budgets}
        for code, amount in given.items():
            claims.add(code, item, amount, KEPT)
        return list(given)
    heard = item.shares = Heard(decided.of(item, really))
    fold.apply(item)
    before = today[item.origin_id].wished if item.origin_id in today else {}
    claims.differing |= {one for one in decided.kept if before.get(one, 0) != heard.wished.get(one, 0)}
    for code, wish in heard.wished.items():
        stands = code in decided.kept
        claims.add(code, item, (really or {}).get(code, 0) if stands else wish, KEPT if stands else WISH)
    return list(heard.wished)


def _given_back(
    fold: Fold, holders: dict[tuple[int, str], tuple[Item, list[str]]], source: int, key: str, item: Item,
    claims: Claims,
) -> None:  # fmt: skip
    """An order that is undone by an item gives back what it held."""
    held = holders.get((source, key))
    if held is not None and fold.is_undone(held[0]):
        del holders[source, key]
        for code in held[1]:
            claims.add(code, item, held[0].origin_id, RETURN)


@dataclass(slots=True)
class Sharing:
    """The draft's budgets while they are shared out: round by round, until nothing changes any more.

    `uses`: how far each is used up, once they are.
    """

    draft: Policy
    decided: SharedOut
    claims: Claims = field(default_factory=Claims)
    uses: tuple[BudgetUse, ...] = ()

    @property
    def most_rounds(self) -> int:
        """How often histories are folded at most before they are added up."""
        return len(self.draft.budgets) and len(self.draft.budgets) + 2

    def rounds(self) -> Iterator[SharedOut]:
        """Each time what is decided so far; the claims of everybody are to be taken before the next is asked for."""
        exact = 0
        for _ in range(self.most_rounds):
            self.claims = Claims()
            yield self.decided
            before, self.decided = self.decided, self.decide()
            if self.decided.kept != before.kept:
                continue  # of what does not stand any more, nobody has heard the wishes yet
            exact += 1
            cuts = self.decided.cuts.values()
            if self.decided == before or (len(cuts) <= exact and not any(cut.opens_again for cut in cuts)):
                return

    def take(self, claims: Claims) -> None:
        """Add what the items of a portion claim."""
        self.claims.merge(claims)

    def decide(self) -> SharedOut:
        """Share every budget out over the claims that were taken."""
        kept = self.decided.kept - self.claims.differing
        cuts, uses = {}, []
        for code, budget in self.draft.budgets.items():
            cut, use = share_out(code, budget, self.claims.rows.get(code, array("q")), self.draft.zone)
            uses.append(use)
            if cut is not None:
                cuts[code] = cut
        self.uses = tuple(uses)
        return SharedOut(kept, cuts)


def share_out(code: str, budget: Limit, rows: "array[int]", zone: ZoneInfo) -> tuple[Cut | None, BudgetUse]:
    """One budget in the order of time: each gets what is left, and what comes back can be given anew."""
    table = _table(rows)
    coming_back = set(table[table[:, 3] == RETURN][:, 2].tolist())
    used, ended, first = _if_it_lasts(table, budget), None, None
    if used is not None:
        return None, BudgetUse(code, budget.most, budget.times, used, None)
    used, after, given_to = 0, dict[int, int](), dict[int, int]()
    closes = not coming_back and not (table[:, 3] == KEPT).any()
    for at, fact_id, value, kind in _in_order(table):
        if kind == RETURN:
            used -= given_to.pop(value, 0)
            continue
        given = value
        if kind == WISH:
            wish = 1 if budget.times else value
            given = min(wish, max(0, budget.most - used))
            if given < wish and first is None:
                first = at, fact_id
            if first is not None and given:
                after[fact_id] = given
        used += given
        if ended is None and used >= budget.most:
            ended = at
        if fact_id in coming_back:
            given_to[fact_id] = given
        if first is not None and closes:
            break
    cut = None if first is None else Cut(EPOCH + first[0] * MICROSECOND, first[1], after)
    return cut, BudgetUse(code, budget.most, budget.times, used, None if ended is None else _day(ended, zone))


def _if_it_lasts(table: NDArray[np.int64], budget: Limit) -> int | None:
    """What of a budget is used at the end if all claims together leave something of it; None where they do not."""
    claims = table[table[:, 3] != RETURN]
    amounts = np.where(claims[:, 3] == WISH, 1, claims[:, 2]) if budget.times else claims[:, 2]
    if int(amounts.sum()) >= budget.most:
        return None
    gone = np.isin(claims[:, 1], table[table[:, 3] == RETURN][:, 2])
    return int(amounts.sum() - amounts[gone].sum())


def _in_order(table: NDArray[np.int64]) -> Iterator[list[int]]:
    """By instant, then as they were recorded; whatever the order in which they were taken."""
    order = np.lexsort((table[:, 3], table[:, 1], table[:, 0]))
    for start in range(0, len(order), PART):
        yield from table[order[start : start + PART]].tolist()


def _table(rows: "array[int]") -> NDArray[np.int64]:
    """The rows as they lie, without a copy."""
    return np.frombuffer(rows, dtype=np.int64).reshape(-1, 4) if rows else np.empty((0, 4), dtype=np.int64)


def _ruled(policy: Policy) -> dict[str, EarningRule]:
    """The rules of a version by code; what they are called makes no difference."""
    return {rule.code: replace(rule, names={}) for rules in policy.earning.values() for rule in rules}


def _day(at: int, zone: ZoneInfo) -> date:
    return business_date(EPOCH + at * MICROSECOND, zone)

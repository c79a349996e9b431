"""Adding up what two folds over the same history differ in, group by group; lanes are merged. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import nlargest

from regulars.ledger.rules import Account, Currency, Purpose
from regulars.loyalty.badges.holding import held
from regulars.loyalty.earning.rules import Earns
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item, ItemKind
from regulars.loyalty.simulation.rules import Change
from regulars.loyalty.simulation.vintages import Flow, last_month_of, month_of, month_starts
from regulars.loyalty.tiers import tier_on

SHOWN = 20
EDGES = (1, 10, 100, 1_000, 10_000, 100_000)
"""Where the histogram's bars begin, both ways."""
POINTS, GROWTH, HOUSE = int(Currency.POINTS), int(Currency.GROWTH), int(Account.ISSUED)
EARN, CLAWBACK, MATURE = int(Purpose.EARN), int(Purpose.CLAWBACK), int(Purpose.MATURE)

Move = tuple[int, int, int]
"""(source, target, purpose) of points."""


@dataclass(slots=True)
class Sums:
    """One side, added up: moves of points in the window and before it, `given` and `cut` by rule, `capped` by caps.

    `flows` are moves by vintage, over the whole history. `others`: moves in the window of the programme's own
    currencies, by code. `badges`: groups that have each at the end.
    """

    moved: Counter[Move] = field(default_factory=Counter)
    before: Counter[Move] = field(default_factory=Counter)
    flows: Counter[Flow] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    capped: int = 0
    others: dict[str, Counter[Move]] = field(default_factory=dict)
    badges: Counter[str] = field(default_factory=Counter)

    def take(self, fold: Fold, items: Sequence[Item], since: datetime | None) -> tuple[int, int]:
        """Add a settled fold over these items.

        Returns:
            What its customers have at the end, less what they owe; and what orders and events gave them in the window,
            less what was clawed back.
        """
        moved, before, flows, lots = self.moved, self.before, self.flows, fold.lots
        starts = month_starts(fold.policies.versions[-1][1].zone)
        total = earned = 0
        ends = last = None
        for t in fold.transfers:
            if t.currency != POINTS:
                if t.currency != GROWTH and (since is None or t.at >= since):
                    code = fold.policies.code_of(t.currency)
                    self.others.setdefault(code, Counter())[t.source, t.target, t.purpose] += t.amount
                continue
            source, target, amount, purpose = t.source, t.target, t.amount, t.purpose
            within = since is None or t.at >= since
            (moved if within else before)[source, target, purpose] += amount
            if t.lot is not None and purpose != MATURE:
                lot, at = lots[t.lot], t.at
                begins = lot.effective_at
                vintage = month_of(begins, starts)
                if lot.expires_at is not ends:  # most lots of a history end on the same days
                    ends = lot.expires_at
                    last = last_month_of(ends, starts)
                month = vintage if at is begins else month_of(at, starts)
                flows[vintage, last, t.lot[3] > 0, month, source, target] += amount
            if source >= HOUSE:
                total += amount
                if within and purpose == EARN:
                    earned += amount
            if target >= HOUSE:
                total -= amount
                if within and purpose == CLAWBACK:
                    earned -= amount
        if fold.earnings:
            self._take_awards(fold, items, since)
        if fold.policies.gives_badges:
            self.badges.update({code for _, code in held(items, fold)})
        return total, earned

    def _take_awards(self, fold: Fold, items: Sequence[Item], since: datetime | None) -> None:
        for item in items:
            if (item.kind != ItemKind.ORDER and not item.event) or (since is not None and item.at < since):
                continue
            earning = fold.earnings.get(item.origin_id)
            for award in earning.awards if earning else ():
                if award.earns is not Earns.POINTS:
                    continue
                if award.code:
                    self.given[award.code] += award.given
                    self.cut[award.code] += award.wished - award.given
                elif award.cut_by is not None:
                    self.capped += award.wished - award.given

    def merge(self, other: "Sums") -> None:
        """Add another lane's."""
        self.moved.update(other.moved)
        self.before.update(other.before)
        self.flows.update(other.flows)
        self.given.update(other.given)
        self.cut.update(other.cut)
        self.capped += other.capped
        for code, moved in other.others.items():
            self.others.setdefault(code, Counter()).update(moved)
        self.badges.update(other.badges)

    def into(self, account: Account, *purposes: Purpose, of: str = "") -> int:
        """What came into an account in the window, less what left it; for these purposes (all if none are named).

        Args:
            of: Code of a currency of the programme's own; '' for points.
        """
        return _into(self.others[of] if of else self.moved, account, purposes)

    def holds(self, account: Account) -> int:
        """What an account holds at the end."""
        return _into(self.moved, account, ()) + _into(self.before, account, ())


@dataclass(slots=True)
class Tally:
    """Everything that a simulation adds up; see `Result` for what the figures mean."""

    members: int = 0
    orders: int = 0
    revenue: int = 0
    today: Sums = field(default_factory=Sums)
    draft: Sums = field(default_factory=Sums)
    bars: Counter[int] = field(default_factory=Counter)
    tiers: Counter[tuple[int, int]] = field(default_factory=Counter)
    gaining: list[Change] = field(default_factory=list)
    losing: list[Change] = field(default_factory=list)
    gainers_revenue: int = 0
    gainers_points: int = 0
    guessed: int = 0

    def take_idle(self, members: int) -> None:
        """Members to whom nothing ever happened: the same under any terms."""
        self.members += members
        self.bars[0] += members
        self.tiers[0, 0] += members

    def take(
        self, customer_id: int, items: Sequence[Item], today: Fold, draft: Fold, since: datetime | None, day: date
    ) -> Change:
        """Add one customer group: both folds are settled, `day` is the one on which tiers are compared."""
        had, _ = self.today.take(today, items, since)
        has, earned = self.draft.take(draft, items, since)
        change = Change(customer_id, had, has, _tier(today, day), _tier(draft, day))
        self.members += 1
        self.tiers[change.tier_today, change.tier_draft] += 1
        self.bars[bar_of(has - had)] += 1
        orders, revenue = bought(today, since)
        self.orders += orders
        self.revenue += revenue
        if has > had:
            self.gaining.append(change)
            self.gainers_revenue += revenue
            self.gainers_points += earned
        elif has < had:
            self.losing.append(change)
        if len(self.gaining) > 50 * SHOWN or len(self.losing) > 50 * SHOWN:
            self._keep_largest()
        return change

    def merge(self, other: "Tally") -> None:
        """Add another lane's."""
        self.members += other.members
        self.orders += other.orders
        self.revenue += other.revenue
        self.today.merge(other.today)
        self.draft.merge(other.draft)
        self.bars.update(other.bars)
        self.tiers.update(other.tiers)
        self.gaining += other.gaining
        self.losing += other.losing
        self.gainers_revenue += other.gainers_revenue
        self.gainers_points += other.gainers_points
        self.guessed += other.guessed
        self._keep_largest()

    def _keep_largest(self) -> None:
        self.gaining = largest(self.gaining, lambda change: change.difference)
        self.losing = largest(self.losing, lambda change: -change.difference)


def largest(changes: Sequence[Change], how_much: Callable[[Change], int]) -> list[Change]:
    """The twenty largest, the largest first; of equal ones the older member."""
    return nlargest(SHOWN, changes, key=lambda change: (how_much(change), -change.customer_id))


def bar_of(difference: int) -> int:
    """Which bar of the histogram a difference belongs to: 0 for none, below zero for losses."""
    place = bisect_right(EDGES, abs(difference))
    return place if difference > 0 else -place


def bought(fold: Fold, since: datetime | None) -> tuple[int, int]:
    """Orders of the window that stand, and what was paid for them less what was given back, in minor units."""
    found = fold.purchases_since(since)
    return found.orders, found.spent


def _tier(fold: Fold, day: date) -> int:
    return tier_on(fold.growth, fold.policies, day, fold.grants) if fold.growth or fold.grants else 0


def _into(moved: Mapping[Move, int], account: Account, purposes: Sequence[Purpose]) -> int:
    return sum(
        amount if target == account else -amount
        for (source, target, purpose), amount in moved.items()
        if account in (source, target) and (not purposes or purpose in purposes)
    )

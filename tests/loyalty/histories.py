"""Histories to fold: told step by step in plain numbers, and checked against the ledger's laws after every step."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from regulars.core.calendar import business_date, end_of_next_year, start_of_day, zone
from regulars.core.money import share_out
from regulars.ledger.rules import Account, Currency, Purpose, Transfer
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import COMMAND_SOURCE, Item, ItemKind, Policies, Policy, preset_terms

SHANGHAI = zone("Asia/Shanghai")
PRESET = Policy.from_terms(1, preset_terms(2), SHANGHAI)
GENEROUS = replace(PRESET, number=2, minor_per_point=50, pending_days={"store": 1, "online": 3}, restore_days=5)


def when(text: str) -> datetime:
    """A local time in Shanghai: '2024-03-01 10:00'."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


ONE_POLICY = Policies([(when("2000-01-01"), PRESET)])
TWO_POLICIES = Policies([(when("2000-01-01"), PRESET), (when("2024-05-01"), GENEROUS)])


class Life:
    """One customer's history, folded as it is told. Amounts are minor units, `now` is when the next thing happens."""

    def __init__(self, start: str = "2024-03-01 10:00", policies: Policies = ONE_POLICY, customer: int = 1) -> None:
        self.now = when(start)
        self.customer = customer
        self.policies = policies
        self.fold = Fold(policies)
        self.items: list[Item] = []
        self.refunds_of: dict[str, list[Item]] = defaultdict(list)
        self._ids = 0

    def on(self, text: str) -> "Life":
        """Time passes until then; what is due by date is settled."""
        self.now = when(text if " " in text else f"{text} 10:00")
        self.fold.settle(self.now)
        return self

    def order(
        self, key: str, amount: int, *, lines: Sequence[int] = (), channel: str = "store", paid: int | None = None
    ) -> Item:
        told = tuple((str(place), line) for place, line in enumerate(lines, start=1)) or (("1", amount),)
        return self._tell(
            ItemKind.ORDER, key=key, amount=amount, paid=amount if paid is None else paid, lines=told, channel=channel
        )

    def refund(self, order: str, amount: int | None = None, *, lines: Sequence[tuple[int, int]] = ()) -> Item:
        told = tuple((str(line), amount) for line, amount in lines)
        return self._tell(ItemKind.REFUND, key=f"R{self._ids}", subject=order, amount=amount, lines=told)

    def cancel(self, order: str) -> Item:
        return self._tell(ItemKind.CANCEL, key=f"X{self._ids}", subject=order)

    def command(
        self, kind: ItemKind, points: int, refers_to: int | None = None, currency: int = Currency.POINTS
    ) -> int:
        return self._tell(kind, amount=points, refers_to=refers_to, currency=int(currency)).origin_id

    def redeem(self, points: int) -> int:
        return self.command(ItemKind.REDEEM, points)

    def _tell(self, kind: ItemKind, *, key: str = "", **more: object) -> Item:
        self._ids += 1
        command = kind >= ItemKind.REDEEM
        item = Item(
            kind, self._ids, self.customer, self.now, business_date(self.now, SHANGHAI),
            COMMAND_SOURCE if command else 1, f"{self._ids:020d}" if command else key, **more,  # type: ignore[arg-type]
        )  # fmt: skip
        if kind in (ItemKind.REFUND, ItemKind.CANCEL):
            self.refunds_of[item.subject].append(item)
        self.items.append(item)
        self.fold.apply(item)
        return item

    def without(self, *gone: Item) -> "Life":
        """The same history had these never happened: an import undone, a late fact not yet come."""
        other = Life(policies=self.policies, customer=self.customer)
        other._ids, other.now = self._ids, self.now
        for item in self.items:
            if item not in gone:
                other.items.append(item)
                other.fold.apply(item)
        other.fold.settle(self.now)
        return other

    def has(self, currency: int) -> tuple[int, int, int]:
        """(available, pending, owed) in one currency."""
        own = [lot for lot in self.fold.lots.values() if lot.key.currency == currency]
        available = sum(lot.remaining for lot in own if lot.matured)
        return available, sum(lot.remaining for lot in own) - available, self.fold.owes(currency)

    @property
    def available(self) -> int:
        return sum(lot.remaining for lot in self.fold.lots.values() if lot.matured)

    @property
    def pending(self) -> int:
        return sum(lot.remaining for lot in self.fold.lots.values() if not lot.matured)

    @property
    def owed(self) -> int:
        return sum(self.fold.owed.values())

    @property
    def spendable(self) -> int:
        return max(0, self.available - self.owed)

    @property
    def growth(self) -> int:
        return sum(amount for _, amount in self.fold.growth)


def moved(transfers: Sequence[Transfer], account: Account, currency: int = Currency.POINTS) -> int:
    """What an account holds after these transfers."""
    inward = sum(t.amount for t in transfers if t.target == account and t.currency == currency)
    return inward - sum(t.amount for t in transfers if t.source == account and t.currency == currency)


def check(fold: Fold, now: datetime) -> None:
    """The invariants of every account and lot at `now`, when the fold was settled."""
    lots = fold.lots.values()
    book = fold.transfers
    assert all(t.amount > 0 and t.source != t.target for t in book)
    assert all(t.lot is None or t.lot.currency == t.currency for t in book)
    for currency in {t.currency for t in book} - {Currency.GROWTH}:
        own = [lot for lot in lots if lot.key.currency == currency]
        assert moved(book, Account.AVAILABLE, currency) == sum(lot.remaining for lot in own if lot.matured)
        assert moved(book, Account.PENDING, currency) == sum(lot.remaining for lot in own if not lot.matured)
        assert moved(book, Account.HELD, currency) >= sum(lot.held for lot in own)
        assert moved(book, Account.DEBT, currency) == -fold.owes(currency)
        assert moved(book, Account.TRANSIT, currency) == 0
        assert moved(book, Account.BREAKAGE, currency) == sum(lot.expired for lot in own)
    assert all(owed > 0 for owed in fold.owed.values())
    assert moved(book, Account.EARNED, Currency.GROWTH) == sum(amount for _, amount in fold.growth) >= 0
    for lot in lots:
        assert lot.issued == sum(lot.counters) > 0
        assert min(lot.counters) >= 0
        its, currency = [t for t in book if t.lot == lot.key], lot.key.currency
        left = moved(its, Account.AVAILABLE, currency) + moved(its, Account.PENDING, currency)
        assert left == lot.remaining
        assert moved(its, Account.HELD, currency) == lot.held
        assert moved(its, Account.BREAKAGE, currency) == lot.expired
        assert lot.matured == (lot.effective_at <= now)
        assert not lot.remaining or lot.expires_at is None or lot.expires_at > now


def check_orders(fold: Fold, items: Sequence[Item]) -> None:
    """What each order came to: earned once, clawed back line by line, never more than it earned."""
    orders = {item.key: item for item in items if item.kind == ItemKind.ORDER}
    for key, order in orders.items():
        refunds = [item for item in items if item.subject == key]
        ids = {item.origin_id for item in refunds}
        policy = fold.policies.at(order.at)
        for currency, minor_each in (
            (Currency.POINTS, policy.minor_per_point), (Currency.GROWTH, policy.minor_per_growth),
        ):  # fmt: skip
            own = [t for t in fold.transfers if t.currency == currency]
            award = sum(t.amount for t in own if t.origin_id == order.origin_id and t.purpose == Purpose.EARN)
            assert award == (order.amount or 0) // minor_each
            clawed = sum(t.amount for t in own if t.origin_id in ids and t.purpose == Purpose.CLAWBACK)
            assert 0 <= clawed <= award
            expected = _expected_clawback(order, refunds, award)
            assert expected is None or clawed == expected


def _expected_clawback(order: Item, refunds: Sequence[Item], award: int) -> int | None:
    """The clawback by the formula of the books, for refunds that name their lines or take everything."""
    if any(item.kind == ItemKind.CANCEL or (item.amount is None and not item.lines) for item in refunds):
        return award
    left = dict(order.lines)
    for item in refunds:
        if item.amount is not None or any(line not in left for line, _ in item.lines):
            return None
        for line, amount in item.lines:
            left[line] -= min(amount, left[line])
    amounts = dict(order.lines)
    if sum(amounts.values()) - sum(left.values()) >= order.paid:
        return award
    shares = zip(amounts, share_out(award, list(amounts.values())), strict=True)
    return sum(share * (amounts[line] - left[line]) // amounts[line] for line, share in shares if amounts[line])


def expiry_of(day: date) -> datetime:
    """The instant at which points earned on `day` are gone: 次年年底清零, in Shanghai."""
    return start_of_day(end_of_next_year(day), SHANGHAI)


def midnight(text: str) -> datetime:
    """The start of a day in Shanghai."""
    return when(f"{text} 00:00")


def just_before(moment: datetime) -> datetime:
    """A microsecond earlier."""
    return moment - timedelta(microseconds=1)

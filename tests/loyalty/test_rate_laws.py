"""The laws that no history breaks, whatever happens in whatever order: checked after every step of random lives."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.ledger.rules import Account, OriginKind, Purpose
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item, ItemKind
from tests.loyalty.histories import (
    ONE_POLICY,
    TWO_POLICIES,
    Life,
    check,
    check_orders,
    expiry_of,
    just_before,
    moved,
)

MINUTES = (0, 0, 0, 1, 90, 1440, 5 * 1440, 40 * 1440, 200 * 1440, 400 * 1440)
FACTS = (
    "order",
    "order",
    "order",
    "online",
    "refund",
    "refund",
    "refund lines",
    "refund early",
    "refund all",
    "cancel",
)
SPENDING = ("redeem", "redeem", "deduct", "hold", "capture", "release", "reverse", "grant")
steps = st.lists(
    st.tuples(
        st.sampled_from(FACTS + SPENDING),
        st.sampled_from(MINUTES),
        st.integers(0, 50),
        st.integers(1, 300_00),
    ),
    min_size=5,
    max_size=60,
)
policies = st.sampled_from([ONE_POLICY, TWO_POLICIES])


class Random:
    """Turns drawn steps into a life in which every command refers to something that is there."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.keys: list[str] = []
        self.commands: dict[ItemKind, list[int]] = {kind: [] for kind in ItemKind}

    def step(self, name: str, minutes: int, choice: int, amount: int) -> Item | None:
        """Let time pass, then do one thing; None where there is nothing to do it to."""
        life = self.life
        life.now += timedelta(minutes=minutes)
        life.fold.settle(life.now)
        before = len(life.items)
        getattr(self, "_" + name.replace(" ", "_"))(choice, amount)
        return life.items[-1] if len(life.items) > before else None

    def _order(self, choice: int, amount: int, channel: str = "store") -> None:
        early = [key for key in ("early 0", "early 1") if key not in self.keys]
        key = early[0] if early and choice % 5 == 0 else f"order {len(self.keys)}"
        first = amount * (choice % 4) // 5
        freight = 10_00 if choice % 3 == 0 else 0
        lines = [first, amount - first, 0] if choice % 2 else []
        self.life.order(key, amount, lines=lines, channel=channel, paid=amount + freight)
        self.keys.append(key)

    def _online(self, choice: int, amount: int) -> None:
        self._order(choice, amount, "online")

    def _refund(self, choice: int, amount: int) -> None:
        if self.keys:
            self.life.refund(self.keys[choice % len(self.keys)], amount)

    def _refund_lines(self, choice: int, amount: int) -> None:
        if self.keys:
            lines = [(1 + choice % 3, amount)] + ([(2, amount // 2)] if choice % 2 else [])
            self.life.refund(self.keys[choice % len(self.keys)], lines=lines)

    def _refund_early(self, choice: int, amount: int) -> None:
        key = f"early {choice % 2}"
        self.life.refund(key, None if choice % 3 else amount)

    def _refund_all(self, choice: int, amount: int) -> None:
        if self.keys:
            self.life.refund(self.keys[choice % len(self.keys)])

    def _cancel(self, choice: int, amount: int) -> None:
        if self.keys:
            self.life.cancel(self.keys[choice % len(self.keys)])

    def _spend(self, kind: ItemKind, choice: int) -> None:
        if points := self.life.spendable * (1 + choice % 10) // 10:
            self.commands[kind].append(self.life.command(kind, points))

    def _redeem(self, choice: int, amount: int) -> None:
        self._spend(ItemKind.REDEEM, choice)

    def _deduct(self, choice: int, amount: int) -> None:
        self._spend(ItemKind.DEDUCT, choice)

    def _hold(self, choice: int, amount: int) -> None:
        self._spend(ItemKind.HOLD, choice)

    def _grant(self, choice: int, amount: int) -> None:
        self.life.command(ItemKind.GRANT, amount)

    def _continue(self, kind: ItemKind, before: tuple[ItemKind, ...], choice: int) -> None:
        known = [command for one in before for command in self.commands[one]]
        if known:
            earlier = known[choice % len(known)]
            if left := self.life.fold.left_of(earlier):
                self.commands[kind].append(self.life.command(kind, max(1, left * (1 + choice % 3) // 3), earlier))

    def _capture(self, choice: int, amount: int) -> None:
        self._continue(ItemKind.CAPTURE, (ItemKind.HOLD,), choice)

    def _release(self, choice: int, amount: int) -> None:
        self._continue(ItemKind.RELEASE, (ItemKind.HOLD,), choice)

    def _reverse(self, choice: int, amount: int) -> None:
        self._continue(ItemKind.REVERSE, (ItemKind.REDEEM, ItemKind.CAPTURE, ItemKind.DEDUCT), choice)


def live(steps: list[tuple[str, int, int, int]], policies, after: Callable[[Life, Item], None]) -> Life:  # type: ignore[no-untyped-def]
    """Live through the steps, looking after each one."""
    random = Random(Life(policies=policies))
    for step in steps:
        if item := random.step(*step):
            after(random.life, item)
    return random.life


@settings(max_examples=250, deadline=None)
@given(steps, policies)
def test_books_and_lots_agree_after_every_step(steps, policies) -> None:  # type: ignore[no-untyped-def]
    def agrees(life: Life, item: Item) -> None:
        check(life.fold, life.now)
        if item.kind in (ItemKind.GRANT, ItemKind.ORDER) and life.owed:
            earned = [lot for lot in life.fold.lots.values() if lot.key.origin_id == item.origin_id]
            assert not any(lot.remaining for lot in earned), "what is earned pays what is owed first"

    life = live(steps, policies, agrees)
    check_orders(life.fold, life.items)
    for lot in life.fold.lots.values():
        if lot.key.origin_kind == OriginKind.FACT and not lot.key.ordinal:
            day = next(item.day for item in life.items if item.origin_id == lot.key.origin_id)
            assert lot.expires_at == expiry_of(day)
        elif lot.key.ordinal:
            assert lot.expires_at is not None
            lasts = lot.expires_at - lot.effective_at
            days = policies.at(lot.effective_at).restore_days
            assert timedelta(days=days) <= lasts <= timedelta(days=days + 1)


@settings(max_examples=250, deadline=None)
@given(steps, policies, st.data())
def test_decided_commands_stay_when_facts_go_or_come_late(steps, policies, data) -> None:  # type: ignore[no-untyped-def]
    life = live(steps, policies, lambda life, item: None)
    facts = [item for item in life.items if item.kind <= ItemKind.CANCEL]
    gone = data.draw(st.lists(st.sampled_from(facts), unique_by=id)) if facts else []
    fold = Fold(policies)
    for item in life.items:
        if item not in gone:
            fold.settle(item.at)
            fold.apply(item)
            check(fold, item.at)
    check_orders(fold, [item for item in life.items if item not in gone])
    for item in life.items:
        if item.kind in (ItemKind.REDEEM, ItemKind.HOLD, ItemKind.DEDUCT, ItemKind.GRANT):
            purposes = (Purpose.REDEEM, Purpose.HOLD, Purpose.DEDUCT, Purpose.GRANT)
            own = [t for t in fold.transfers if t.origin_id == item.origin_id and t.purpose in purposes]
            assert sum(t.amount for t in own) == item.amount, "a command is never decided again"


@settings(max_examples=120, deadline=None)
@given(steps, policies)
def test_all_refunded_and_nothing_kept_is_nothing_earned(steps, policies) -> None:  # type: ignore[no-untyped-def]
    """Every redemption given back, every hold released, every order cancelled: nothing is had, nothing owed."""
    facts_and_holds = [step for step in steps if step[0] not in ("grant", "deduct") and step[1] <= 5 * 1440]
    random = Random(Life(policies=policies))
    for step in facts_and_holds:
        random.step(*step)
    life = random.life
    for kind, others in ((ItemKind.RELEASE, [ItemKind.HOLD]), (ItemKind.REVERSE, [ItemKind.REDEEM, ItemKind.CAPTURE])):
        for command in [command for other in others for command in random.commands[other]]:
            if left := life.fold.left_of(command):
                life.command(kind, left, command)
    for key in random.keys:
        life.cancel(key)
    check(life.fold, life.now)
    assert life.growth == 0
    assert moved(life.fold.transfers, Account.REDEEMED) == 0
    assert life.available + life.pending - life.owed == -moved(life.fold.transfers, Account.BREAKAGE)


@settings(max_examples=120, deadline=None)
@given(steps, policies)
def test_settling_more_often_changes_nothing(steps, policies) -> None:  # type: ignore[no-untyped-def]
    """By date, never by job: whether and when the nightly job runs does not show in the books."""
    life = live(steps, policies, lambda life, item: None)
    lazy, busy = Fold(policies), Fold(policies)
    for item in life.items:
        lazy.apply(item)
        for hours in (9000, 300, 24, 1):
            earlier = item.at - timedelta(hours=hours)
            if not busy.transfers or earlier >= max(t.at for t in busy.transfers):
                busy.settle(earlier)
        busy.apply(item)
    lazy.settle(life.now)
    busy.settle(just_before(life.now))
    busy.settle(life.now)
    assert lazy.lots == busy.lots
    assert Counter(map(repr, lazy.transfers)) == Counter(map(repr, busy.transfers))

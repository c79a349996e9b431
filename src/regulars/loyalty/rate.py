"""The fold: a customer's history in, the ledger's transfers out. Pure, and the only engine there is.

Posting, late facts, undo, merge, `verify` and the simulator all run this one fold, so they cannot disagree. It is fed
items in the order of their position and keeps what later items need: lots, what is owed, orders and commands.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heappop, heappush

from regulars.core.calendar import start_of_day
from regulars.ledger.rules import Account, Currency, Lot, LotKey, OriginKind, Purpose, Transfer
from regulars.loyalty.earning.rules import Earning, Used
from regulars.loyalty.earnings import earned
from regulars.loyalty.memos import CommandMemo, Flag, OrderMemo, Purchases, add_refund, soonest, take_back
from regulars.loyalty.rules import Item, ItemKind, Policies, Policy

POINTS, GROWTH = int(Currency.POINTS), int(Currency.GROWTH)
PENDING, AVAILABLE, HELD, DEBT = int(Account.PENDING), int(Account.AVAILABLE), int(Account.HELD), int(Account.DEBT)
EARNED, ISSUED, REDEEMED = int(Account.EARNED), int(Account.ISSUED), int(Account.REDEEMED)
BREAKAGE, REVOKED, TRANSIT = int(Account.BREAKAGE), int(Account.REVOKED), int(Account.TRANSIT)
FACT, COMMAND = int(OriginKind.FACT), int(OriginKind.COMMAND)


@dataclass(slots=True)
class Fold:
    """The state of one customer (or merged group) after the items so far, and every transfer made on the way."""

    policies: Policies
    growth: list[tuple[date, int]] = field(default_factory=list)
    used: Used = field(default_factory=dict)
    before: Purchases = field(default_factory=Purchases)
    earnings: dict[int, Earning] = field(default_factory=dict)
    lots: dict[LotKey, Lot] = field(default_factory=dict)
    owed: dict[int, int] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    _orders: dict[tuple[int, str], OrderMemo] = field(default_factory=dict)
    _waiting: dict[tuple[int, str], list[Item]] = field(default_factory=dict)
    _commands: dict[int, CommandMemo] = field(default_factory=dict)
    _open: dict[LotKey, Lot] = field(default_factory=dict)
    _due: list[tuple[datetime, int, LotKey]] = field(default_factory=list)

    def apply(self, item: Item) -> None:
        """Take the next item; its position must not lie before the last one's."""
        if self._due and self._due[0][0] <= item.at:
            self.settle(item.at)
        if item.kind == ItemKind.ORDER:
            self._order(item)
        elif item.kind in (ItemKind.REFUND, ItemKind.CANCEL):
            self._refund(item)
        elif item.event:
            self._event(item)
        else:
            _COMMANDS[ItemKind(item.kind)](self, item)

    def settle(self, until: datetime) -> None:
        """Mature and expire what is due up to and including an instant, each at its own time."""
        while self._due and self._due[0][0] <= until:
            at, expiring, key = heappop(self._due)
            lot = self.lots[key]
            if not expiring:
                lot.matured = True
                if lot.remaining:
                    self._move(
                        lot, PENDING, AVAILABLE, lot.remaining, at, key.origin_kind, key.origin_id, Purpose.MATURE
                    )
            elif lot.remaining:
                amount, lot.remaining = lot.remaining, 0
                lot.expired += amount
                self._open.pop(key, None)
                self._move(lot, AVAILABLE, BREAKAGE, amount, at, key.origin_kind, key.origin_id, Purpose.EXPIRE)

    def purchases(self, since: datetime | None = None) -> Purchases:
        """What was bought in the orders that this fold has seen, or in those of them since an instant."""
        standing = [
            memo for memo in self._orders.values() if not memo.cancelled and (since is None or memo.item.at >= since)
        ]
        times = [memo.item.at for memo in standing]
        spent = sum(memo.item.paid - min(memo.returned, memo.item.paid) for memo in standing)
        return Purchases(len(standing), spent, min(times, default=None), max(times, default=None))

    def left_of(self, command_id: int) -> int | None:
        """Points that a command took and that were not captured, released or reversed since; None if unknown."""
        memo = self._commands.get(command_id)
        return None if memo is None else sum(amount for _, amount in memo.taken)

    # --- facts ---------------------------------------------------------------------------------------------------

    def _order(self, item: Item) -> None:
        policy = self.policies.at(item.at)
        base = item.amount or 0
        earning = None
        if policy.earning or policy.caps:
            earning = self._earned(item, policy)
            points, growth = earning.points, earning.growth
        else:
            points = base // policy.minor_per_point if policy.minor_per_point else 0
            growth = base // policy.minor_per_growth if policy.minor_per_growth else 0
        lot = None
        if points:
            pending = policy.pending_days.get(item.channel, 0)
            effective_at = start_of_day(item.day + timedelta(days=pending), policy.zone) if pending else item.at
            lot = self._issue(item, FACT, points, policy, effective_at, Purpose.EARN)
        if growth:
            self._grow(item, growth)
        number = (item.source, item.key)
        key = lot.key if lot else None
        self._orders[number] = OrderMemo(item, points, growth, key, [0] * len(item.lines), earning=earning)
        for refund in self._waiting.pop(number, ()):
            self._give_back(self._orders[number], refund, item.at)

    def _earned(self, item: Item, policy: Policy) -> Earning:
        """What rules give for an item, kept as its trace."""
        earning = earned(
            item,
            self.policies,
            growth=self.growth,
            used=self.used,
            bought=lambda: self.before.and_then(self.purchases()),
        )
        self.earnings[item.origin_id] = earning
        return earning

    def _event(self, item: Item) -> None:
        """A check-in, a review, or whatever else a version rewards; its points can be spent at once."""
        policy = self.policies.at(item.at)
        earning = self._earned(item, policy)
        if earning.points:
            self._issue(item, FACT, earning.points, policy, item.at, Purpose.EARN)
        if earning.growth:
            self._grow(item, earning.growth)

    def _grow(self, item: Item, growth: int) -> None:
        self.growth.append((item.day, growth))
        self.transfers.append(
            Transfer(
                item.customer_id, GROWTH, ISSUED, EARNED, growth, None, item.at, FACT, item.origin_id, Purpose.EARN
            )
        )

    def _refund(self, item: Item) -> None:
        number = (item.source, item.subject)
        memo = self._orders.get(number)
        if memo is None:
            self._waiting.setdefault(number, []).append(item)
        else:
            self._give_back(memo, item, item.at)

    def _give_back(self, memo: OrderMemo, refund: Item, at: datetime) -> None:
        """Claw back what the refund's part of the order earned; growth is dated as the order, so tiers forget it."""
        if not add_refund(memo, refund):
            self.flags.append(Flag(FACT, refund.origin_id, "refund_above_order"))
        trace = memo.earning
        points = memo.due(memo.points, trace.line_points if trace else None) - memo.clawed
        growth = memo.due(memo.growth, trace.line_growth if trace else None) - memo.clawed_growth
        memo.clawed += points
        memo.clawed_growth += growth
        order = memo.item
        if points and memo.lot is not None:
            self._claw(memo.lot, points, at, refund.origin_id)
        if growth:
            self.growth.append((order.day, -growth))
            self.transfers.append(
                Transfer(
                    order.customer_id, GROWTH, EARNED, REVOKED, growth, None, order.at,
                    FACT, refund.origin_id, Purpose.CLAWBACK,
                )
            )  # fmt: skip

    def _claw(self, key: LotKey, points: int, at: datetime, origin_id: int) -> None:
        """Take points back from their own lots: what is left, then what expired unused; the rest becomes debt."""
        own = self._with_restored(key)
        for lot in own:
            if take := min(points, lot.remaining):
                lot.remaining -= take
                lot.revoked += take
                points -= take
                source = AVAILABLE if lot.matured else PENDING
                self._move(lot, source, REVOKED, take, at, FACT, origin_id, Purpose.CLAWBACK)
                if not lot.remaining:
                    self._open.pop(lot.key, None)
        for lot in own:
            if take := min(points, lot.expired):
                lot.expired -= take
                lot.revoked += take
                points -= take
                self._move(lot, BREAKAGE, REVOKED, take, at, FACT, origin_id, Purpose.CLAWBACK)
        if points:
            self._owe(own[0].customer_id, REVOKED, points, at, FACT, origin_id, Purpose.CLAWBACK)

    # --- commands ------------------------------------------------------------------------------------------------

    def _redeem(self, item: Item) -> None:
        self._commands[item.origin_id] = CommandMemo(item, self._spend(item, REDEEMED, Purpose.REDEEM), held=False)

    def _deduct(self, item: Item) -> None:
        self._commands[item.origin_id] = CommandMemo(item, self._spend(item, REVOKED, Purpose.DEDUCT), held=False)

    def _hold(self, item: Item) -> None:
        self._commands[item.origin_id] = CommandMemo(item, self._spend(item, HELD, Purpose.HOLD), held=True)

    def _grant(self, item: Item) -> None:
        self._issue(item, COMMAND, item.amount or 0, self.policies.at(item.at), item.at, Purpose.GRANT)

    def _capture(self, item: Item) -> None:
        """Held points are spent for good; they can be given back by a REVERSE of this capture."""
        hold = self._commands[item.refers_to or 0]
        taken = take_back(hold.taken, item.amount or 0)
        for key, amount in taken:
            lot = self.lots[key] if key else None
            if lot is not None:
                lot.held -= amount
                lot.used += amount
            self._pass(lot, hold.item.customer_id, HELD, REDEEMED, amount, item, Purpose.CAPTURE)
        self._commands[item.origin_id] = CommandMemo(hold.item, taken, held=False)

    def _release(self, item: Item) -> None:
        """Held points come back to their lots; a lot that expired meanwhile becomes breakage at once."""
        hold = self._commands[item.refers_to or 0]
        for key, amount in take_back(hold.taken, item.amount or 0):
            owner = hold.item.customer_id
            if key is None:
                self._forgive(owner, HELD, amount, item, Purpose.RELEASE)
                continue
            lot = self.lots[key]
            lot.held -= amount
            self._pass(lot, owner, HELD, AVAILABLE, amount, item, Purpose.RELEASE)
            self._reopen(lot, amount, item)
            if lot.remaining and lot.expires_at is not None and lot.expires_at <= item.at:
                late, lot.remaining = lot.remaining, 0
                lot.expired += late
                self._open.pop(lot.key)
                self._pass(lot, owner, AVAILABLE, BREAKAGE, late, item, Purpose.EXPIRE)

    def _reverse(self, item: Item) -> None:
        """What was spent comes back to its lots, or, where those expired, to new ones for a while."""
        spent = self._commands[item.refers_to or 0]
        deducted = spent.item.kind == ItemKind.DEDUCT
        source = REVOKED if deducted else REDEEMED
        policy = self.policies.at(item.at)
        for key, amount in take_back(spent.taken, item.amount or 0):
            owner = spent.item.customer_id
            if key is None:
                self._forgive(owner, source, amount, item, Purpose.RESTORE)
                continue
            lot = self.lots[key]
            if lot.expires_at is not None and lot.expires_at <= item.at:
                self._anew(self._restored(lot, amount, item, policy), source, item, Purpose.RESTORE)
                continue
            if deducted:
                lot.revoked -= amount
            else:
                lot.used -= amount
            self._pass(lot, owner, source, AVAILABLE, amount, item, Purpose.RESTORE)
            self._reopen(lot, amount, item)

    # --- the moves that they are made of -----------------------------------------------------------------------------

    def _issue(self, item: Item, origin: int, points: int, policy: Policy, effective_at: datetime, purpose: int) -> Lot:
        key = LotKey(origin, item.origin_id, POINTS)
        expires_at = policy.expires_at(item.day)
        matured = effective_at <= item.at
        lot = Lot(key, item.customer_id, points, effective_at, expires_at, matured, remaining=points)
        self.lots[key] = self._open[key] = lot
        if not matured:
            heappush(self._due, (effective_at, 0, key))
        if expires_at is not None:
            heappush(self._due, (expires_at, 1, key))
        self._move(lot, ISSUED, AVAILABLE if matured else PENDING, points, item.at, origin, item.origin_id, purpose)
        if self.owed:
            self._repay(lot, item, origin)
        return lot

    def _repay(self, lot: Lot, item: Item, origin: int) -> None:
        """The next points earned pay what is owed, by whichever member of the group."""
        source = AVAILABLE if lot.matured else PENDING
        for owner in sorted(self.owed):
            amount = min(self.owed[owner], lot.remaining)
            if not amount:
                break
            lot.remaining -= amount
            lot.used += amount
            self._lessen(owner, amount)
            across = owner != lot.customer_id
            self._move(lot, source, TRANSIT if across else DEBT, amount, item.at, origin, item.origin_id, Purpose.REPAY)
            if across:
                self.transfers.append(
                    Transfer(owner, POINTS, TRANSIT, DEBT, amount, None, item.at, origin, item.origin_id, Purpose.REPAY)
                )
        if not lot.remaining:
            self._open.pop(lot.key, None)

    def _spend(self, item: Item, target: int, purpose: int) -> list[tuple[LotKey | None, int]]:
        """Take points from the lots that expire soonest; what they lack becomes debt: a command stays decided."""
        left, taken = item.amount or 0, []
        for lot in sorted((lot for lot in self._open.values() if lot.matured), key=soonest):
            if not left:
                break
            amount = min(left, lot.remaining)
            lot.remaining -= amount
            left -= amount
            if target == HELD:
                lot.held += amount
            elif target == REVOKED:
                lot.revoked += amount
            else:
                lot.used += amount
            if not lot.remaining:
                self._open.pop(lot.key, None)
            self._move(lot, AVAILABLE, target, amount, item.at, COMMAND, item.origin_id, purpose)
            taken.append((lot.key, amount))
        if left:
            self._owe(item.customer_id, target, left, item.at, COMMAND, item.origin_id, purpose)
            return [*taken, (None, left)]
        return list(taken)

    def _restored(self, lot: Lot, amount: int, item: Item, policy: Policy) -> Lot:
        first = LotKey(*lot.key[:3])
        key = LotKey(*first[:3], len(self._with_restored(first)))
        expires_at = start_of_day(item.day + timedelta(days=policy.restore_days + 1), policy.zone)
        new = self.lots[key] = Lot(key, lot.customer_id, amount, item.at, expires_at, True)
        heappush(self._due, (expires_at, 1, key))
        return new

    def _with_restored(self, key: LotKey) -> list[Lot]:
        """A lot and those that its points came back to after it expired, oldest first."""
        found = [self.lots[key]]
        while (later := self.lots.get(LotKey(*key[:3], len(found)))) is not None:
            found.append(later)
        return found

    def _anew(self, lot: Lot, source: int, item: Item, purpose: int) -> None:
        """Points that no lot of theirs can take back are issued again: every lot comes from ISSUED and nowhere else."""
        self._pass(None, lot.customer_id, source, ISSUED, lot.issued, item, purpose)
        self._pass(lot, lot.customer_id, ISSUED, AVAILABLE, lot.issued, item, purpose)
        self._reopen(lot, lot.issued, item)

    def _reopen(self, lot: Lot, amount: int, item: Item) -> None:
        """Points come back to a lot; what is owed is paid first, or they could expire while the debt stays."""
        lot.remaining += amount
        self._open[lot.key] = lot
        if self.owed:
            self._repay(lot, item, COMMAND)

    def _owe(
        self, owner: int, target: int, amount: int, at: datetime, origin: int, origin_id: int, purpose: int
    ) -> None:
        self.owed[owner] = self.owed.get(owner, 0) + amount
        self.transfers.append(Transfer(owner, POINTS, DEBT, target, amount, None, at, origin, origin_id, purpose))

    def _forgive(self, owner: int, source: int, amount: int, item: Item, purpose: int) -> None:
        """A part of a command that had become debt is given back: less is owed; what was repaid already is granted."""
        still = min(amount, self.owed.get(owner, 0))
        if still:
            self._lessen(owner, still)
            self.transfers.append(
                Transfer(owner, POINTS, source, DEBT, still, None, item.at, COMMAND, item.origin_id, purpose)
            )
        if amount > still:
            key = LotKey(COMMAND, item.origin_id, POINTS)
            policy = self.policies.at(item.at)
            expires_at = policy.expires_at(item.day)
            lot = self.lots[key] = Lot(key, owner, amount - still, item.at, expires_at, True)
            if expires_at is not None:
                heappush(self._due, (expires_at, 1, key))
            self._anew(lot, source, item, purpose)

    def _lessen(self, owner: int, amount: int) -> None:
        self.owed[owner] -= amount
        if not self.owed[owner]:
            del self.owed[owner]

    def _pass(
        self, lot: Lot | None, owner: int, source: int, target: int, amount: int, item: Item, purpose: int
    ) -> None:
        holder = lot.customer_id if lot else owner
        key = lot.key if lot else None
        self.transfers.append(
            Transfer(holder, POINTS, source, target, amount, key, item.at, COMMAND, item.origin_id, purpose)
        )

    def _move(
        self, lot: Lot, source: int, target: int, amount: int, at: datetime, origin: int, origin_id: int, purpose: int
    ) -> None:
        self.transfers.append(
            Transfer(lot.customer_id, POINTS, source, target, amount, lot.key, at, origin, origin_id, purpose)
        )


_COMMANDS = {
    ItemKind.REDEEM: Fold._redeem,
    ItemKind.REVERSE: Fold._reverse,
    ItemKind.HOLD: Fold._hold,
    ItemKind.CAPTURE: Fold._capture,
    ItemKind.RELEASE: Fold._release,
    ItemKind.GRANT: Fold._grant,
    ItemKind.DEDUCT: Fold._deduct,
}

"""The fold: a customer's history in, the ledger's transfers out. Pure, and the only engine there is.

Posting, late facts, undo, merge, `verify` and the simulator all run this one fold, so they cannot disagree. It is fed
items in the order of their position and keeps what later items need: lots, what is owed, orders and commands.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heappush

from regulars.core.calendar import start_of_day
from regulars.ledger.rules import Account, Currency, LotKey, OriginKind, Purpose, Transfer
from regulars.loyalty.currencies import POINTS, Spendable
from regulars.loyalty.earning.rules import Earning, Used
from regulars.loyalty.earnings import earned, give_limits_back
from regulars.loyalty.growing import is_visit, visit_slot
from regulars.loyalty.memos import Ask, CommandMemo, Flag, OrderMemo, OwnMemo, Purchases, add_refund, take_back
from regulars.loyalty.purse import Purse
from regulars.loyalty.rules import FROM_SPEND, VISITS, Grant, Item, ItemKind, Policy
from regulars.loyalty.take_over import TakenState, claw, take_over

GROWTH = int(Currency.GROWTH)
PENDING, AVAILABLE, HELD, DEBT = int(Account.PENDING), int(Account.AVAILABLE), int(Account.HELD), int(Account.DEBT)
EARNED, ISSUED, REDEEMED = int(Account.EARNED), int(Account.ISSUED), int(Account.REDEEMED)
BREAKAGE, REVOKED, TRANSIT = int(Account.BREAKAGE), int(Account.REVOKED), int(Account.TRANSIT)
FACT, COMMAND = int(OriginKind.FACT), int(OriginKind.COMMAND)


@dataclass(slots=True)
class Fold(Purse):
    """The state of one customer (or merged group) after the items so far, and every transfer made on the way."""

    growth: list[tuple[date, int]] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    used: Used = field(default_factory=dict)
    before: Purchases = field(default_factory=Purchases)
    earnings: dict[int, Earning] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    _bought: Purchases | None = None
    _orders: dict[tuple[int, str], OrderMemo] = field(default_factory=dict)
    _waiting: dict[tuple[int, str], list[Item]] = field(default_factory=dict)
    _commands: dict[int, CommandMemo] = field(default_factory=dict)
    taken: TakenState | None = None

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

    def purchases(self) -> Purchases:
        """What was bought in the orders that this fold has seen."""
        if self._bought is None:
            self._bought = self.purchases_since(None)
        return self._bought

    def purchases_since(self, since: datetime | None) -> Purchases:
        """What was bought in those of them since an instant."""
        count, spent, first, last = 0, 0, None, None
        for memo in self._orders.values():
            at, paid = memo.item.at, memo.item.paid
            if memo.cancelled or (since is not None and at < since):
                continue
            count += 1
            spent += paid - min(memo.returned, paid)
            first = at if first is None or at < first else first
            last = at if last is None or at > last else last
        return Purchases(count, spent, first, last)

    def is_undone(self, item: Item) -> bool:
        """Whether this order was cancelled, or all of its money went back."""
        memo = self._orders.get((item.source, item.key))
        return memo is not None and (memo.cancelled or 0 < memo.item.paid <= memo.returned)

    @property
    def holds(self) -> bool:
        """Whether any points are held."""
        return any(memo.held and memo.taken for memo in self._commands.values())

    def left_of(self, command_id: int) -> int | None:
        """Points that a command took and that were not captured, released or reversed since; None if unknown."""
        memo = self._commands.get(command_id)
        return None if memo is None else sum(amount for _, amount in memo.taken)

    def remember(self, memo: CommandMemo) -> None:
        """Go on from a command that came before this fold began."""
        self._commands[memo.item.origin_id] = memo

    def currency_of(self, command_id: int) -> int:
        """What a command moves; points if it is unknown."""
        memo = self._commands.get(command_id)
        return POINTS if memo is None else memo.item.currency

    # --- facts ---------------------------------------------------------------------------------------------------

    def _order(self, item: Item) -> None:
        policy = self.policies.at(item.at)
        base = item.amount or 0
        earning = None
        if policy.earning or policy.caps or policy.growth_from not in FROM_SPEND:
            earning = self._earned(item, policy)
            points, growth = earning.points, earning.growth
        else:
            points = (base + policy.point_lift) // policy.minor_per_point if policy.minor_per_point else 0
            growth = (base + policy.growth_lift) // policy.minor_per_growth if policy.minor_per_growth else 0
        lot = None
        if points:
            what = policy.points
            effective_at = _effective_at(item, what) if what.pending_days.get(item.channel) else item.at
            lot = self._issue(item, FACT, points, what, effective_at, Purpose.EARN)
        if growth:
            self._grow(item, growth)
        number = (item.source, item.key)
        key = lot.key if lot else None
        memo = OrderMemo(item, points, growth, key, [0] * len(item.lines), earning=earning)
        if earning is not None and earning.own:
            memo.own = [
                OwnMemo(self._issue(item, FACT, own.amount, what, _effective_at(item, what), Purpose.EARN).key, own)
                for what, own in ((policy.currencies[code], own) for code, own in earning.own.items())
            ]
        if policy.growth_from == VISITS and earning is not None and is_visit(earning):
            memo.growth, memo.visit = growth - 1, True
        self._orders[number] = memo
        if self._bought is not None:  # rules asked before and will again, so it is not added up anew for every order
            self._bought = self._bought.and_then(Purchases(1, item.paid, item.at, item.at))
        for refund in self._waiting.pop(number, ()):
            self._give_back(self._orders[number], refund, item.at)

    def _earned(self, item: Item, policy: Policy) -> Earning:
        """What rules give for an item, kept as its trace."""
        earning = earned(
            item,
            self.policies,
            growth=self.growth,
            grants=self.grants,
            used=self.used,
            bought=self._bought_before,
        )
        self.earnings[item.origin_id] = earning
        if policy.budgets:
            decided = item.shares or ()
            for one in earning.awards:
                if one.code in policy.budgets and one.code not in decided and one.given:
                    self.asks.append(Ask(item, one.code, policy.budgets[one.code], one.given))
        return earning

    def _bought_before(self) -> Purchases:
        return self.before.and_then(self.purchases())

    def _event(self, item: Item) -> None:
        """A check-in, a review, or whatever else a version rewards; its points can be spent at once."""
        policy = self.policies.at(item.at)
        earning = self._earned(item, policy)
        if earning.points:
            self._issue(item, FACT, earning.points, policy.points, item.at, Purpose.EARN)
        if earning.growth:
            self._grow(item, earning.growth)
        for code, own in earning.own.items():
            self._issue(item, FACT, own.amount, policy.currencies[code], item.at, Purpose.EARN)

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
        self._bought = None
        was_made, trace = not memo.cancelled, memo.earning
        if not add_refund(memo, refund):
            self.flags.append(Flag(FACT, refund.origin_id, "refund_above_order"))
        if was_made and memo.cancelled and trace:
            give_limits_back(self.used, trace)
        points = memo.due(memo.points, trace.line_points if trace else None) - memo.clawed
        growth = memo.due(memo.growth, trace.line_growth if trace else None) - memo.clawed_growth
        memo.clawed += points
        memo.clawed_growth += growth
        order = memo.item
        if points and memo.lot is not None:
            self._claw(memo.lot, points, at, refund.origin_id)
        for one in memo.own:
            if due := memo.due(one.earned.amount, one.earned.lines) - one.clawed:
                one.clawed += due
                self._claw(one.lot, due, at, refund.origin_id)
        if growth:
            self._shrink(order, growth, refund)
        if self.policies.at(order.at).growth_from == VISITS and not memo.stands:
            self._unvisit(order, refund)

    def _shrink(self, order: Item, growth: int, refund: Item) -> None:
        self.growth.append((order.day, -growth))
        self.transfers.append(
            Transfer(
                order.customer_id, GROWTH, EARNED, REVOKED, growth, None, order.at,
                FACT, refund.origin_id, Purpose.CLAWBACK,
            )
        )  # fmt: skip

    def _unvisit(self, order: Item, refund: Item) -> None:
        """A day with no paid order left was no visit; one of its later orders can be the visit again."""
        day = [memo for memo in self._orders.values() if memo.item.day == order.day]
        if any(memo.stands for memo in day):
            return
        for memo in day:
            if memo.visit:
                memo.visit = False
                self.used.pop(visit_slot(order.day), None)
                self._shrink(memo.item, 1, refund)

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
        if points and self.taken is not None:
            points = claw(self, self.taken, key, points, at, origin_id)
        if points:
            self._owe(own[0].customer_id, key.currency, REVOKED, points, at, FACT, origin_id, Purpose.CLAWBACK)

    # --- commands ------------------------------------------------------------------------------------------------

    def _redeem(self, item: Item) -> None:
        self._commands[item.origin_id] = CommandMemo(item, self._spend(item, REDEEMED, Purpose.REDEEM), held=False)

    def _deduct(self, item: Item) -> None:
        self._commands[item.origin_id] = CommandMemo(item, self._spend(item, REVOKED, Purpose.DEDUCT), held=False)

    def _hold(self, item: Item) -> None:
        self._commands[item.origin_id] = CommandMemo(item, self._spend(item, HELD, Purpose.HOLD), held=True)

    def _grant(self, item: Item) -> None:
        what = self.policies.lasting(item.currency, item.at)
        self._issue(item, COMMAND, item.amount or 0, what, item.at, Purpose.GRANT)

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
        for key, amount in take_back(spent.taken, item.amount or 0):
            owner = spent.item.customer_id
            if key is None:
                self._forgive(owner, source, amount, item, Purpose.RESTORE)
                continue
            lot = self.lots[key]
            if lot.expires_at is not None and lot.expires_at <= item.at:
                self._anew(self._restored(lot, amount, item), source, item, Purpose.RESTORE)
                continue
            if deducted:
                lot.revoked -= amount
            else:
                lot.used -= amount
            self._pass(lot, owner, source, AVAILABLE, amount, item, Purpose.RESTORE)
            self._reopen(lot, amount, item)

    def _freeze(self, item: Item) -> None:
        """Nothing matures from now on, and what is earned stays pending; nothing is lost but what expires."""
        self.frozen.add(item.customer_id)
        for lot in self.lots.values():
            lot.frozen = not lot.matured

    def _unfreeze(self, item: Item) -> None:
        """Once nobody of the group is frozen any more, what would have matured meanwhile does so now."""
        self.frozen.discard(item.customer_id)
        if self.frozen:
            return
        for lot in self.lots.values():
            if lot.frozen:
                lot.frozen = False
                # One that was not due before stands there already; whichever comes first matures it.
                heappush(self._due, (max(lot.effective_at, item.at), 0, lot.key))
        self.settle(item.at)

    def _tier(self, item: Item) -> None:
        """A tier is given; what growth reaches beside it stays as it is."""
        self._commands[item.origin_id] = CommandMemo(item, [], held=False)
        if item.grant is not None:
            self.grants.append(item.grant)

    def _tier_end(self, item: Item) -> None:
        """A given tier ends on this day, or never begins."""
        given = self._commands[item.refers_to or 0].item.grant
        if given is not None:
            ends = min(given.until_day or item.day, item.day)
            self.grants[self.grants.index(given)] = given._replace(until_day=ends)


def _effective_at(item: Item, what: Spendable) -> datetime:
    """When what an order earns can be spent: at once, or when the days are over in which it may be sent back."""
    pending = what.pending_days.get(item.channel, 0)
    return start_of_day(item.day + timedelta(days=pending), what.zone) if pending else item.at


_COMMANDS = {
    ItemKind.TAKEN_OVER: take_over,
    ItemKind.REDEEM: Fold._redeem,
    ItemKind.REVERSE: Fold._reverse,
    ItemKind.HOLD: Fold._hold,
    ItemKind.CAPTURE: Fold._capture,
    ItemKind.RELEASE: Fold._release,
    ItemKind.GRANT: Fold._grant,
    ItemKind.DEDUCT: Fold._deduct,
    ItemKind.TIER: Fold._tier,
    ItemKind.TIER_END: Fold._tier_end,
    ItemKind.FREEZE: Fold._freeze,
    ItemKind.UNFREEZE: Fold._unfreeze,
}

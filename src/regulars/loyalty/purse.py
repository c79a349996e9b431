"""The purse of a customer (or merged group): lots, what is owed, and every move of points between the accounts.

Points stand for whatever can be spent: every currency has lots, debts and moves of its own, which never mix.

Orders, refunds and commands decide what happens (`rate.py`); here is how points are issued, spent, given back, mature
and expire, each move a transfer of the ledger. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from regulars.core.calendar import start_of_day
from regulars.ledger.rules import Account, Lot, LotKey, OriginKind, Purpose, Transfer
from regulars.loyalty.currencies import Spendable
from regulars.loyalty.memos import soonest
from regulars.loyalty.rules import Item, Policies

PENDING, AVAILABLE, HELD, DEBT = int(Account.PENDING), int(Account.AVAILABLE), int(Account.HELD), int(Account.DEBT)
EARNED, ISSUED, REDEEMED = int(Account.EARNED), int(Account.ISSUED), int(Account.REDEEMED)
BREAKAGE, REVOKED, TRANSIT = int(Account.BREAKAGE), int(Account.REVOKED), int(Account.TRANSIT)
FACT, COMMAND = int(OriginKind.FACT), int(OriginKind.COMMAND)


@dataclass(slots=True)
class Purse:
    """Lots by key, debts by (customer, currency), and the transfers so far; nothing passes between two currencies.

    `frozen` holds those of the group whose account is.
    """

    policies: Policies
    lots: dict[LotKey, Lot] = field(default_factory=dict)
    owed: dict[tuple[int, int], int] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)
    frozen: set[int] = field(default_factory=set)
    _open: dict[LotKey, Lot] = field(default_factory=dict)
    _due: list[tuple[datetime, int, LotKey]] = field(default_factory=list)

    def carry_on(self, lots: Iterable[Lot]) -> None:
        """Begin with lots as the books have them; nothing of theirs is due yet."""
        for lot in lots:
            self.lots[lot.key] = lot
            if lot.remaining:
                self._open[lot.key] = lot

    def owes(self, currency: int) -> int:
        """What all of the group owe together in a currency, >= 0."""
        return sum(amount for (_, owed), amount in self.owed.items() if owed == currency)

    def settle(self, until: datetime) -> None:
        """Mature and expire what is due up to and including an instant, each at its own time."""
        while self._due and self._due[0][0] <= until:
            at, expiring, key = heappop(self._due)
            lot = self.lots[key]
            if not expiring:
                if self.frozen or lot.matured:
                    continue
                lot.matured = True
                if lot.remaining:
                    self._move(
                        lot, PENDING, AVAILABLE, lot.remaining, at, key.origin_kind, key.origin_id, Purpose.MATURE
                    )
            elif lot.remaining:
                amount, lot.remaining = lot.remaining, 0
                lot.expired += amount
                self._open.pop(key, None)
                source = AVAILABLE if lot.matured else PENDING
                self._move(lot, source, BREAKAGE, amount, at, key.origin_kind, key.origin_id, Purpose.EXPIRE)

    def _issue(
        self, item: Item, origin: int, points: int, what: Spendable, effective_at: datetime, purpose: int
    ) -> Lot:
        key = LotKey(origin, item.origin_id, what.number)
        expires_at = what.expires_at(item.day) if item.taken is None else item.taken.expires_at(what.zone)
        frozen = bool(self.frozen)
        matured = effective_at <= item.at and not frozen
        lot = Lot(key, item.customer_id, points, effective_at, expires_at, matured, remaining=points, frozen=frozen)
        self.lots[key] = self._open[key] = lot
        if not matured and not frozen:
            heappush(self._due, (effective_at, 0, key))
        if expires_at is not None:
            heappush(self._due, (expires_at, 1, key))
        self._move(lot, ISSUED, AVAILABLE if matured else PENDING, points, item.at, origin, item.origin_id, purpose)
        if self.owed:
            self._repay(lot, item, origin)
        return lot

    def _repay(self, lot: Lot, item: Item, origin: int) -> None:
        """The next points earned pay what is owed, by whichever member of the group."""
        source, currency = AVAILABLE if lot.matured else PENDING, lot.key.currency
        for owner in sorted(who for who, owed in self.owed if owed == currency):
            amount = min(self.owed[owner, currency], lot.remaining)
            if not amount:
                break
            lot.remaining -= amount
            lot.used += amount
            self._lessen(owner, currency, amount)
            across = owner != lot.customer_id
            self._move(lot, source, TRANSIT if across else DEBT, amount, item.at, origin, item.origin_id, Purpose.REPAY)
            if across:
                self.transfers.append(
                    Transfer(
                        owner, currency, TRANSIT, DEBT, amount, None, item.at, origin, item.origin_id, Purpose.REPAY
                    )
                )
        if not lot.remaining:
            self._open.pop(lot.key, None)

    def _spend(self, item: Item, target: int, purpose: int) -> list[tuple[LotKey | None, int]]:
        """Take points from the lots that expire soonest; what they lack becomes debt: a command stays decided."""
        left, taken, currency = item.amount or 0, [], item.currency
        # By place and not by name: somebody who comes every day has many open lots, and this is a hot path.
        own = (lot for key, lot in self._open.items() if lot.matured and key[2] == currency)
        for lot in sorted(own, key=soonest):
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
            self._owe(item.customer_id, currency, target, left, item.at, COMMAND, item.origin_id, purpose)
            return [*taken, (None, left)]
        return list(taken)

    def _restored(self, lot: Lot, amount: int, item: Item) -> Lot:
        what = self.policies.lasting(lot.key.currency, item.at)
        first = LotKey(*lot.key[:3])
        key = LotKey(*first[:3], len(self._with_restored(first)))
        expires_at = start_of_day(item.day + timedelta(days=what.restore_days + 1), what.zone)
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
        self, owner: int, currency: int, target: int, amount: int, at: datetime, origin: int, origin_id: int,
        purpose: int,
    ) -> None:  # fmt: skip
        self.owed[owner, currency] = self.owed.get((owner, currency), 0) + amount
        self.transfers.append(Transfer(owner, currency, DEBT, target, amount, None, at, origin, origin_id, purpose))

    def _forgive(self, owner: int, source: int, amount: int, item: Item, purpose: int) -> None:
        """A part of a command that had become debt is given back: less is owed; what was repaid already is granted."""
        currency = item.currency
        still = min(amount, self.owed.get((owner, currency), 0))
        if still:
            self._lessen(owner, currency, still)
            self.transfers.append(
                Transfer(owner, currency, source, DEBT, still, None, item.at, COMMAND, item.origin_id, purpose)
            )
        if amount > still:
            key = LotKey(COMMAND, item.origin_id, currency)
            expires_at = self.policies.lasting(currency, item.at).expires_at(item.day)
            lot = self.lots[key] = Lot(key, owner, amount - still, item.at, expires_at, True)
            if expires_at is not None:
                heappush(self._due, (expires_at, 1, key))
            self._anew(lot, source, item, purpose)

    def _lessen(self, owner: int, currency: int, amount: int) -> None:
        self.owed[owner, currency] -= amount
        if not self.owed[owner, currency]:
            del self.owed[owner, currency]

    def _pass(
        self, lot: Lot | None, owner: int, source: int, target: int, amount: int, item: Item, purpose: int
    ) -> None:
        holder = lot.customer_id if lot else owner
        key = lot.key if lot else None
        self.transfers.append(
            Transfer(holder, item.currency, source, target, amount, key, item.at, COMMAND, item.origin_id, purpose)
        )

    def _move(
        self, lot: Lot, source: int, target: int, amount: int, at: datetime, origin: int, origin_id: int, purpose: int
    ) -> None:
        key = lot.key
        self.transfers.append(
            Transfer(lot.customer_id, key.currency, source, target, amount, key, at, origin, origin_id, purpose)
        )

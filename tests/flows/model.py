"""A simple model of the books, to hold them against: heaps of points that are moved about, and nothing else.

It is written from the rules in words and not from the fold: no transfers, no lots with counters, nothing kept. Whatever
happens, it starts again from the first day of everything that was told. Slow, and easy to believe.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from regulars.loyalty.rules import ItemKind
from tests.flows.model_earning import Buyer, Given, Programme, award
from tests.flows.model_parts import HAD, POINTS, Bought, Have, Heap, Place, Said, put_back
from tests.flows.world import SHANGHAI


class Group:
    """One person, or several who turned out to be one, and all that happened to them, in its order."""

    def __init__(self, programme: Programme, history: Iterable[Said]) -> None:
        self.programme = programme
        self.heaps: list[Heap] = []
        self.debt = {"points": 0, "stars": 0}
        self.growth: list[tuple[date, int]] = []
        self.given: dict[int, Given] = {}
        self.frozen: set[str] = set()
        self.orders: dict[tuple[str, str], Bought] = {}
        self.early: dict[tuple[str, str], list[Said]] = defaultdict(list)
        self.of: dict[int, list[Heap]] = {}
        self.buyer = Buyer()
        for said in sorted(history, key=lambda said: said.position):
            self.pass_time(said.at)
            getattr(self, f"_{said.kind.name.lower()}")(said)
            self.pass_time(said.at)

    def pass_time(self, at: datetime) -> None:
        """What waited may be spent, unless somebody is frozen; what was not spent in time is gone."""
        for heap in self.heaps:
            if heap.place is Place.WAITING and heap.since <= at and not self.frozen:
                heap.place = Place.FREE
            if heap.place in HAD and heap.until is not None and heap.until <= at:
                heap.place = Place.EXPIRED

    def have(self, what: str = POINTS) -> Have:
        """What there is of it."""
        pending, available, held = (self._sum(what, place) for place in (Place.WAITING, Place.FREE, Place.HELD))
        own = [heap for heap in self.heaps if heap.what == what]
        lent = sum(heap.amount for heap in own if heap.lent and heap.place is Place.HELD)
        return Have(pending, available, held, lent, self.debt[what], sum(amount for _, amount in self.growth))

    def tier(self, day: date) -> int:
        """The tier on a day."""
        return self.programme.tier(self.growth, day, self.given.values())

    def left_of(self, command: int) -> int:
        """What a command took and has not given back."""
        return sum(heap.amount for heap in self.of.get(command, ()))

    def left_by_lot(self) -> dict[tuple[str, int, int, int], int]:
        """What is left to spend, now or later, of what was earned together."""
        left: dict[tuple[str, int, int, int], int] = defaultdict(int)
        for heap in self.heaps:
            if heap.place in HAD:
                left[heap.what, *heap.lot] += heap.amount
        return dict(left)

    def expiring(self, what: str = POINTS) -> list[tuple[datetime, int]]:
        """What is left, by the instant at which it is gone."""
        ends: dict[datetime, int] = defaultdict(int)
        for heap in self.heaps:
            if heap.what == what and heap.place in HAD and heap.until is not None:
                ends[heap.until] += heap.amount
        return sorted(ends.items())

    def _sum(self, what: str, place: Place) -> int:
        return sum(heap.amount for heap in self.heaps if heap.what == what and heap.place is place)

    # --- what is bought, and sent back ---------------------------------------------------------------------------

    def _order(self, said: Said) -> None:
        fact, version = said.fact, self.programme.at(said.at)
        assert fact is not None
        told = {str(line[0]): int(line[3]) for line in fact.body["lines"]}
        lines = told if any(told.values()) else {"1": int(fact.body["base"])}
        gave, limits = award(self.buyer, version, fact, said.day, self.tier(said.day), list(lines.values()))
        bought = Bought(fact, (1, said.id, 0), lines, dict.fromkeys(lines, 0), gave, limits=limits)
        waits = version.pending_days.get(fact.body["channel"], 0)
        since = _midnight(said.day + timedelta(days=waits)) if waits else said.at
        self._get(gave["points"][0], bought.lot, since, version.expiry_of(said.day), said.at)
        if version.stars is not None:
            since = _midnight(said.day + timedelta(days=4)) if fact.body["channel"] == "online" else said.at
            self._get(gave["stars"][0], bought.lot, since, version.stars.expiry_of(said.day), said.at, "stars")
        self.growth.append((said.day, gave["growth"][0]))
        self.buyer.orders.append(bought)
        number = (fact.source, fact.key)
        self.orders[number] = bought
        for early in self.early.pop(number, ()):
            self._send_back(bought, early)

    def _event(self, said: Said) -> None:
        version = self.programme.at(said.at)
        points = self.buyer.visit(version, said.fact, said.day, self.tier(said.day))
        self._get(points, (1, said.id, 0), said.at, version.expiry_of(said.day), said.at)

    def _refund(self, said: Said) -> None:
        assert said.fact is not None
        number = (said.fact.source, said.fact.subject or "")
        if number in self.orders:
            self._send_back(self.orders[number], said)
        else:
            self.early[number].append(said)

    _cancel = _refund

    def _send_back(self, bought: Bought, said: Said) -> None:
        """Of each line what came back of it in proportion, rounded down; all of it once everything came back."""
        put_back(bought, said)
        if said.kind is ItemKind.CANCEL and not bought.cancelled:
            bought.cancelled = True
            self.buyer.give_back(bought.limits)
        amounts, back = list(bought.lines.values()), list(bought.back.values())
        for what, (whole, parts) in bought.gave.items():
            due = whole if back == amounts else sum(p * b // a for p, b, a in zip(parts, back, amounts) if a)  # noqa: B905
            more, bought.taken[what] = due - bought.taken[what], due
            if what == "growth":
                self.growth.append((bought.fact.occurred_at.astimezone(SHANGHAI).date(), -more))
                continue
            own = [heap for heap in self.heaps if (heap.what, *heap.lot[:2]) == (what, *bought.lot[:2])]
            own.sort(key=lambda heap: heap.lot)
            for places in (HAD, (Place.EXPIRED,)):
                more -= self._move([heap for heap in own if heap.place in places], more, Place.TAKEN)
            self.debt[what] += more

    # --- what is commanded ---------------------------------------------------------------------------------------

    def _redeem(self, said: Said) -> None:
        self._spend(said, Place.SPENT)

    def _deduct(self, said: Said) -> None:
        self._spend(said, Place.SPENT)

    def _hold(self, said: Said) -> None:
        self._spend(said, Place.HELD)

    def _grant(self, said: Said) -> None:
        until = self.programme.lasting(said.what, said.at).expiry_of(said.day)
        self._get(said.amount, (2, said.id, 0), said.at, until, said.at, said.what)

    def _capture(self, said: Said) -> None:
        self.of[said.id] = self._out_of(said)
        for heap in self.of[said.id]:
            heap.place = Place.SPENT

    def _release(self, said: Said) -> None:
        for heap in self._out_of(said):
            self._come_back(heap, said)

    def _reverse(self, said: Said) -> None:
        for heap in self._out_of(said):
            if heap.until is not None and heap.until <= said.at and not heap.lent:
                same = (heap.what, *heap.lot[:2])
                turn = 1 + max(other.lot[2] for other in self.heaps if (other.what, *other.lot[:2]) == same)
                days = self.programme.lasting(heap.what, said.at).restore_days
                heap.lot, heap.since = (*heap.lot[:2], turn), said.at
                heap.until = _midnight(said.day + timedelta(days=days + 1))
            self._come_back(heap, said)

    def _freeze(self, said: Said) -> None:
        self.frozen.add(said.who)

    def _unfreeze(self, said: Said) -> None:
        self.frozen.discard(said.who)

    def _tier(self, said: Said) -> None:
        assert said.given is not None
        self.given[said.id] = said.given

    def _tier_end(self, said: Said) -> None:
        tier, since, until = self.given[said.refers_to]
        self.given[said.refers_to] = (tier, since, said.day if until is None else min(until, said.day))

    # --- how heaps move ------------------------------------------------------------------------------------------

    def _get(
        self, amount: int, lot: tuple[int, int, int], since: datetime, until: datetime | None, at: datetime,
        what: str = POINTS,
    ) -> None:  # fmt: skip
        """New points; they pay what is owed before anything else."""
        if amount:
            place = Place.WAITING if since > at or self.frozen else Place.FREE
            self.heaps.append(Heap(amount, lot, since, until, place, what))
            self._repay(lot, what)

    def _come_back(self, heap: Heap, said: Said) -> None:
        """Points lie where they lay; what was only lent lessens the debt, or is given if that was paid."""
        heap.place = Place.FREE
        if heap.lent:
            what = heap.what
            paid = min(self.debt[what], heap.amount)
            self.debt[what] -= paid
            self.heaps.remove(heap)
            until = self.programme.lasting(what, said.at).expiry_of(said.day)
            if heap.amount > paid:
                self.heaps.append(Heap(heap.amount - paid, (2, said.id, 0), said.at, until, Place.FREE, what))
            return
        self._repay(heap.lot, heap.what)

    def _repay(self, lot: tuple[int, int, int], what: str) -> None:
        own = [heap for heap in self.heaps if heap.lot == lot and heap.what == what and heap.place in HAD]
        self.debt[what] -= self._move(own, self.debt[what], Place.TAKEN)

    def _spend(self, said: Said, place: Place) -> None:
        """What expires first goes first, then what came first."""
        free = [heap for heap in self.heaps if heap.place is Place.FREE and heap.what == said.what]
        free.sort(key=lambda heap: (heap.until is None, heap.until or heap.since, heap.since, heap.lot))
        taken: list[Heap] = []
        lacking = said.amount - self._move(free, said.amount, place, taken)
        if lacking:
            self.debt[said.what] += lacking
            taken.append(Heap(lacking, (0, said.id, 0), said.at, None, place, said.what, lent=True))
            self.heaps.append(taken[-1])
        self.of[said.id] = taken

    def _out_of(self, said: Said) -> list[Heap]:
        """So much of what an earlier command took, first taken first."""
        taken, out, left = self.of[said.refers_to], [], said.amount
        while left:
            heap = taken[0]
            if heap.amount <= left:
                out.append(taken.pop(0))
            else:
                out.append(self._split(heap, left))
            left -= out[-1].amount
        return out

    def _move(self, heaps: Sequence[Heap], amount: int, place: Place, taken: list[Heap] | None = None) -> int:
        """Move at most so much out of these heaps; returns how much it was."""
        moved = 0
        for heap in heaps:
            if moved == amount:
                break
            if heap.amount > amount - moved:
                heap = self._split(heap, amount - moved)
            heap.place = place
            moved += heap.amount
            if taken is not None:
                taken.append(heap)
        return moved

    def _split(self, heap: Heap, amount: int) -> Heap:
        heap.amount -= amount
        self.heaps.append(replace(heap, amount=amount))
        return self.heaps[-1]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)

"""The café as facts and rows."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from operator import attrgetter
from typing import ClassVar

from regulars.core.calendar import start_of_day, zone
from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.connectors.camellia.baskets import Basket, guests, of_visit
from regulars.facts.connectors.camellia.cheats import cheats, taken_by
from regulars.facts.connectors.camellia.menu import HOUSE, MENU
from regulars.facts.connectors.camellia.people import FAULTY_STORE, STORES, Member, members
from regulars.facts.connectors.camellia.seasons import days
from regulars.facts.connectors.camellia.truth import Left, Truth
from regulars.facts.connectors.camellia.visits import Calendar, Life, Visit, life, won_back
from regulars.facts.connectors.camellia.win_back import (
    PLANTED,
    WINDOW_DAYS,
    WinBack,
    plan,
    starts_on,
    uses_coupon,
)  # fmt: skip
from regulars.facts.connectors.report import CheckReport, ProductRow
from regulars.facts.kinds import order_cancelled, order_completed, order_refunded
from regulars.facts.rules import NewFact

SOURCE = "camellia"
ZONE = "Asia/Shanghai"
CURRENCY = "CNY"
MEMBERS = 1200


class Camellia:
    """Camellia Coffee until the week before a day.

    What happens before the win-back is the same whoever is written to, so `facts` can be told up to that day, the
    win-back be decided upon them, and the rest be told after `write_to`.

    Args:
        on: The story ends in the week before the one of this day.
        members: How many, for a smaller café.
    """

    NAME: ClassVar[str] = SOURCE

    def __init__(self, *, on: date, members: int = MEMBERS) -> None:
        self.calendar = Calendar.until_last_week(on)
        self._count = members
        self._written = WinBack(starts_on(self.calendar), {}, frozenset(), {})

    def write_to(self, *, treated: Mapping[str, str], held_out: Iterable[str] = ()) -> None:
        """Say who got the win-back, with the code of their coupon, and who was held out; what they do follows.

        Args:
            treated: Member number → code.
            held_out: Member numbers.
        """
        places = {member.number: member.place for member in self.members}
        self._written = plan(
            self.calendar,
            self._lives,
            {places[number]: code for number, code in treated.items()},
            frozenset(places[number] for number in held_out),
        )

    @property
    def win_back_on(self) -> date:
        """The day on which the win-back starts."""
        return self._written.started_on

    @property
    def win_back_at(self) -> datetime:
        """The moment at which that day begins for the café."""
        return start_of_day(self.win_back_on, zone(ZONE))

    @cached_property
    def members(self) -> list[Member]:
        """Everybody who ever joined, those who never came included."""
        return members(self._count, self.calendar.first, self.calendar.last)

    def products(self) -> Iterator[ProductRow]:
        """The menu."""
        return (ProductRow(item.sku, item.name, item.category, HOUSE) for item in MENU)

    def facts(self, *, since: date | None = None, until: date | None = None) -> Iterator[NewFact]:
        """Orders of the days in [since, until) with what was given back for them or called off; earliest first."""
        told: list[NewFact] = []
        for basket in self.baskets(since=since, until=until):
            told.extend(self._told(basket))
        return iter(sorted(told, key=attrgetter("occurred_at", "key")))

    def baskets(self, *, since: date | None = None, until: date | None = None) -> Iterator[Basket]:
        """Every order of these days, members' first."""
        first, last = since or date.min, until or date.max
        for member in self.members:
            for visit, coupon in self._visits(member):
                if first <= visit.day < last:
                    yield of_visit(member, visit, self.calendar, coupon=coupon)
        who = cheats(self._count)
        for day in days(self.calendar.first, self.calendar.last):
            if first <= day < last:
                for basket in guests(self.calendar, day, min(1.0, self._count / MEMBERS)):
                    yield basket._replace(member=taken_by(basket, who, self.calendar))

    def visits(self) -> Iterator[tuple[Member, Visit]]:
        """Every visit of a member, without what was on the table."""
        return ((member, visit) for member in self.members for visit, _ in self._visits(member))

    def check(self) -> CheckReport:
        """What there is."""
        report = CheckReport(products=len(MENU), customers=len(self.members))
        times = []
        for fact in self.facts():
            times.append(fact.occurred_at)
            if fact.kind == order_completed.CODE:
                report.orders += 1
                report.lines += len(fact.body["lines"])
                report.paid += fact.amount or 0
            elif fact.kind == order_refunded.CODE:
                report.refunds += 1
                report.refunded += fact.amount or 0
            else:
                report.cancellations += 1
        report.rows = report.rows_used = report.lines
        report.first_at, report.last_at = times[0], times[-1]
        return report

    def truth(self) -> Truth:
        """The labels: who left, who cheats, what was planted."""
        number = {member.place: member.number for member in self.members}
        left = {}
        who_cheats = cheats(self._count)
        for member in self.members:
            last = self._life(member)
            if last.left_on is not None and member.place not in who_cheats:
                left[member.number] = Left(last.left_on, last.why)
        done, calendar = self._written, self.calendar
        return Truth(
            first=calendar.first,
            last=calendar.last,
            left=left,
            cheats=frozenset(number[place] for place in who_cheats),
            fault_store=STORES[FAULTY_STORE],
            fault_from=calendar.fault_from,
            fault_until=calendar.fault_until,
            win_back_on=done.started_on,
            window_days=WINDOW_DAYS,
            planted=PLANTED,
            treated=frozenset(number[place] for place in done.treated),
            held_out=frozenset(number[place] for place in done.held_out),
            brought={number[place]: day for place, day in done.brought.items()},
        )

    # -- telling --------------------------------------------------------------------------------------------------

    @cached_property
    def _lives(self) -> dict[int, Life]:
        return {member.place: life(member, self.calendar) for member in self.members}

    def _life(self, member: Member) -> Life:
        """How it ended: after the win-back for those whom it brought back."""
        brought_on = self._written.brought.get(member.place)
        return won_back(member, self.calendar, brought_on) if brought_on else self._lives[member.place]

    def _visits(self, member: Member) -> Iterator[tuple[Visit, bool]]:
        """Every visit, and whether the coupon of the win-back is shown at it: at the first in its window, if at all."""
        done = self._written
        brought_on = done.brought.get(member.place)
        visits = self._lives[member.place].visits
        if brought_on is not None:
            visits = [one for one in visits if one.day < brought_on] + self._life(member).visits
        shows = member.place in done.treated and (brought_on is not None or uses_coupon(member.place))
        for visit in visits:
            yield visit, shows and done.started_on < visit.day < done.until
            shows = shows and visit.day <= done.started_on

    def _told(self, basket: Basket) -> Iterator[NewFact]:
        who: tuple[Identity, ...] = ()
        code = self._written.treated.get(basket.member, "") if basket.coupon and basket.member is not None else ""
        if basket.member is not None:
            who = (Identity(IdentityKind.MEMBER_NUMBER, "", self.members[basket.member].number),)
        store, at = STORES[basket.store], self._utc(basket.at)
        lines: list[list[str | int]] = [
            [str(n), item.sku, count, amount] for n, (item, count, amount) in enumerate(basket.lines, start=1)
        ]
        body = order_completed.make_body(
            currency=CURRENCY, paid=basket.paid, lines=lines, channel="online" if basket.online else "store",
            discount=basket.off, coupons=[code] if code else (), device=basket.device, address=basket.address,
        )  # fmt: skip
        yield NewFact(
            SOURCE, order_completed.CODE, basket.key, at, body, who, amount=basket.paid, store=store
        )  # fmt: skip
        if basket.back is not None and basket.back[0].date() <= self.calendar.last:
            when, line = basket.back
            amount = basket.lines[line][2]
            back = {"currency": CURRENCY, "lines": [[str(line + 1), amount]]}
            yield NewFact(
                SOURCE, order_refunded.CODE, f"{basket.key}-R", self._utc(when), back, who, basket.key, amount, store
            )
        if basket.cancelled is not None:
            yield NewFact(
                SOURCE, order_cancelled.CODE, f"{basket.key}-X", self._utc(basket.cancelled), {}, who, basket.key,
                store=store,
            )  # fmt: skip

    def _utc(self, local: datetime) -> datetime:
        return local.replace(tzinfo=zone(ZONE)).astimezone(UTC)

"""Balances of another programme: rows of one member are put together, and each balance becomes a fact.

The fact's number is a hash of who and of what, so the same file again is the same, and a changed row is a conflict.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar

from regulars.core.calendar import start_of_day, zone
from regulars.facts.connectors.balances_file.rows import Balance, RowReader
from regulars.facts.connectors.balances_file.settings import BalanceSettings
from regulars.facts.connectors.report import CheckReport, ProductRow
from regulars.facts.kinds import balance_taken_over as kind
from regulars.facts.reading.table import Table
from regulars.facts.reading.values import Refusal
from regulars.facts.rules import Body, Identity, NewFact, row_key


@dataclass(slots=True)
class Holder:
    """What all rows of one member say together. `points` by last day, `growth` by the day it belongs to.

    `offers`: coupons without a code of their own; `coded`: (offer, code) of those with one.
    """

    row: int
    who: tuple[Identity, ...]
    name: str
    points: dict[date | None, int] = field(default_factory=dict)
    growth: dict[date, int] = field(default_factory=dict)
    tier: tuple[str, date] | None = None
    offers: Counter[int] = field(default_factory=Counter)
    coded: list[tuple[int, str]] = field(default_factory=list)
    birthday: date | None = None
    joined_on: date | None = None


class BalancesFile:
    """Balances in a table. `check` reads everything and writes nothing; `facts` then tells it."""

    NAME: ClassVar[str] = "balances_file"

    def __init__(self, table: Table, settings: BalanceSettings) -> None:
        self._table = table
        self._settings = settings
        self._zone = zone(settings.time_zone)
        # The last second of the day: what happens on the next one comes after it.
        self._at = start_of_day(settings.as_of + timedelta(days=1), self._zone) - timedelta(seconds=1)
        self._reader = RowReader(table, settings)
        self._holders: dict[Identity, Holder] = {}
        self._report: CheckReport | None = None
        self.columns = self._reader.columns

    def check(self) -> CheckReport:
        """Read the whole file.

        Raises:
            UnreadableFile: The file is damaged further down.
        """
        if self._report is not None:
            return self._report
        report, seen = CheckReport(), set()
        for row in self._reader.rows(report):
            holder = self._holders.get(row.who[0])
            if holder is None:
                holder = self._holders[row.who[0]] = Holder(row.row, row.who, row.name)
            wrong = add(holder, row)
            if wrong is not None:
                report.refuse(row.row, wrong.code, "", wrong.found)
                continue
            report.rows_used += 1
            same = (row.who[0], row.points, row.points_until)
            if row.points and same in seen:
                report.note("points_added_up", row.row)
            seen.add(same)
        self._count(report)
        self._report = report
        return report

    def rows(self, report: CheckReport) -> Iterator[Balance]:
        """Every row that can be used, as it comes, for whoever puts them together elsewhere; they fill the report."""
        for row in self._reader.rows(report, takes=False):
            report.rows_used += 1
            yield row

    def identities(self) -> Iterator[Identity]:
        """Every name by which somebody in the file may be known."""
        for holder in self._holders.values():
            yield from holder.who

    def known(self, owners: Mapping[Identity, int]) -> list[int]:
        """The customers behind those members of the file who are known, by their strongest name."""
        found = (next((owners[one] for one in holder.who if one in owners), None) for holder in self._holders.values())
        return [one for one in found if one is not None]

    def facts(self) -> Iterator[NewFact]:
        """Every fact, in the order of the file."""
        self.check()
        for holder in self._holders.values():
            yield from self._told(holder)

    def products(self) -> Iterator[ProductRow]:
        """None: balances name no goods."""
        return iter(())

    def _told(self, holder: Holder) -> Iterator[NewFact]:
        settings, replaces = self._settings, self._settings.replaces
        for last_day, points in holder.points.items():
            if points or replaces:
                body = kind.points(points, expires_on=last_day, replaces=replaces)
                yield self._fact(holder, body, "points", str(last_day or ""))
        for day, growth in holder.growth.items():
            if growth or replaces:
                yield self._fact(holder, kind.growth(growth, earned_on=day, replaces=replaces), "growth", str(day))
        if holder.tier is not None:
            code, until = holder.tier
            yield self._fact(holder, kind.tier(code, until=until, replaces=replaces), "tier", "")
        for offer, count in holder.offers.items():
            for ordinal in range(count):
                yield self._fact(holder, kind.coupon(offer), "coupon", str(offer), ordinal, f"{settings.as_of}")
        for offer, code in holder.coded:
            yield self._fact(holder, kind.coupon(offer, code), "coupon", f"{offer} {code}", day=f"{settings.as_of}")

    def _fact(
        self, holder: Holder, body: Body, what: str, of: str, ordinal: int = 0, day: str | None = None
    ) -> NewFact:
        """One fact. Balances of a later day may replace those of an earlier one; what comes on top comes once."""
        who = holder.who[0]
        day = day if day is not None else (f"{self._settings.as_of}" if self._settings.replaces else "")
        key = row_key([str(int(who.kind)), who.space, who.value, what, of, day], ordinal)
        told = {"name": holder.name, "birthday": holder.birthday, "joined_on": holder.joined_on}
        profile = {name: value for name, value in told.items() if value}
        return NewFact(self._settings.source, kind.CODE, key, self._at, body, holder.who, profile=profile)

    def _count(self, report: CheckReport) -> None:
        report.customers = len(self._holders)
        holders = self._holders.values()
        report.note("balances", count=len(self._holders))
        report.note("points_told", count=sum(sum(one.points.values()) for one in holders))
        report.note("growth_told", count=sum(sum(one.growth.values()) for one in holders))
        report.note("tiers_told", count=sum(one.tier is not None for one in holders))
        report.note("coupons_told", count=sum(one.offers.total() + len(one.coded) for one in holders))
        report.note("codes_told", count=sum(len(one.coded) for one in holders))


def add(holder: Holder, row: Balance) -> Refusal | None:
    """Put a row to what is known of its member; why that cannot be.

    Points of several rows add up. Growth of one day stands in every row of the member, so the same is the same.
    """
    if row.growth is not None and holder.growth.get(row.growth_on, row.growth) != row.growth:
        return Refusal("growth_differs", str(row.growth))
    if row.tier and holder.tier is not None and holder.tier != (row.tier, row.tier_until):
        return Refusal("tier_differs", row.tier)
    if len(row.who) > len(holder.who):
        holder.who = (holder.who[0], *sorted({*holder.who[1:], *row.who[1:]}))
    holder.name = holder.name or row.name
    holder.birthday, holder.joined_on = holder.birthday or row.birthday, holder.joined_on or row.joined_on
    if row.points is not None:
        holder.points[row.points_until] = holder.points.get(row.points_until, 0) + row.points
    if row.growth is not None:
        holder.growth[row.growth_on] = row.growth
    if row.tier:
        holder.tier = (row.tier, row.tier_until)
    if row.codes:
        holder.coded += zip(row.offers, row.codes, strict=True)
    else:
        holder.offers.update(row.offers)
    return None

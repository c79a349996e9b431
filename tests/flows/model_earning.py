"""What the model thinks that orders earn, and which tier somebody is in: the walk's versions, in plain Python.

Rules are known by their codes (`world.RULES`), in whose order they count, and written out here by hand; a tier is
looked for day by day.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from regulars.core.calendar import add_months
from regulars.core.money import share_out
from regulars.facts.rules import NewFact
from tests.flows.world import SHANGHAI

if TYPE_CHECKING:
    from tests.flows.model_parts import Bought

CODES = ("basic", "silver", "gold", "black")
Slot = tuple[str, Any]
Given = tuple[str, date, date | None]
"""A tier that was given: its code, from one day to before another."""


@dataclass(frozen=True)
class Stars:
    """How long stars last: so many months, or for ever where there are none; what comes back, so many days."""

    months: int
    restore_days: int

    def expiry_of(self, day: date) -> datetime | None:
        """So many months and a day later, where the shop is."""
        end = add_months(day, self.months) + timedelta(days=1)
        return datetime(end.year, end.month, end.day, tzinfo=SHANGHAI) if self.months else None


@dataclass(frozen=True)
class Version:
    """Terms as they were written, from when on."""

    since: datetime
    per_point: int
    per_growth: int
    pending_days: dict[str, int]
    thresholds: tuple[int, ...]
    months: int
    expiry: str
    expiry_months: int
    restore_days: int
    rules: bool
    cap: int
    keeping: dict[str, Any]
    rounding: str
    stars: Stars | None = None

    @classmethod
    def of(cls, since: datetime, terms: dict[str, Any]) -> "Version":
        thresholds = tuple(tier["threshold"] for tier in terms["tiers"])
        [stars] = terms.get("currencies") or [None]
        months = 0 if stars is None or stars["expiry"] == "never" else stars["expiry_months"]
        return cls(
            since, terms["minor_per_point"], terms["minor_per_growth"], terms["pending_days"], thresholds,
            terms["window_months"], terms["expiry"], terms.get("expiry_months", 24), terms["restore_days"],
            bool(terms.get("rules")), terms["caps"][0]["most"] if terms.get("caps") else 0, terms.get("keeping", {}),
            terms.get("rounding", "down"),
            stars and Stars(months, stars["restore_days"]),
        )  # fmt: skip

    def expiry_of(self, day: date) -> datetime | None:
        """次年年底, or so many months and a day later, where the shop is."""
        if self.expiry == "never":
            return None
        last = add_months(day, self.expiry_months) if self.expiry == "rolling" else date(day.year + 1, 12, 31)
        end = last + timedelta(days=1)
        return datetime(end.year, end.month, end.day, tzinfo=SHANGHAI)

    def whole(self, exact: Fraction) -> int:
        """Rounded as these terms say; a half goes up."""
        half = Fraction(1, 2)
        return {"down": floor(exact), "nearest": floor(exact + half), "up": ceil(exact)}[self.rounding]

    def reached(self, growth: int) -> int:
        """The tier that so much growth reaches."""
        return max(0, bisect_right(self.thresholds, growth) - 1)

    def leaves(self, day: date) -> date:
        """The day on which growth of this day counts no more."""
        return date(day.year + 1, 1, 1) if self.keeping else add_months(day, self.months)


class Programme:
    """All versions, the first also for everything before it."""

    def __init__(self, versions: Sequence[tuple[datetime, dict[str, Any]]]) -> None:
        self.versions = [Version.of(*version) for version in sorted(versions, key=lambda version: version[0])]
        kept = [one.since.astimezone(SHANGHAI).date() for one in self.versions if one.keeping]
        self.kept_since = min(kept, default=None)
        self.on = lru_cache(maxsize=10_000)(self._on)
        self.leaves = lru_cache(maxsize=10_000)(lambda day: self._on(day).leaves(day))
        self._reached = lru_cache(maxsize=20_000)(self._tier_of)

    def at(self, at: datetime) -> Version:
        """The version live at an instant."""
        live = [one for one in self.versions if one.since <= at]
        return live[-1] if live else self.versions[0]

    def lasting(self, what: str, at: datetime) -> Version | Stars:
        """How long something lasts: stars as they last did, where they are not given any more."""
        if what == "points":
            return self.at(at)
        having = [one for one in self.versions if one.stars]
        stars = ([one for one in having if one.since <= at] or having[:1])[-1].stars
        assert stars is not None
        return stars

    def tier(self, growth: Sequence[tuple[date, int]], day: date, given: Iterable[Given] = ()) -> int:
        """The tier on a day, by all growth known so far and by what was given, whichever is higher."""
        by_day: dict[date, int] = defaultdict(int)
        for when, amount in growth:
            by_day[when] += amount
        reached = self._reached(tuple(sorted((when, amount) for when, amount in by_day.items() if amount)), day)
        counts = [CODES.index(code) for code, since, until in given if since <= day and (until is None or day < until)]
        return max([reached, *counts])

    def _on(self, day: date) -> Version:
        """The version whose thresholds a day follows: the one of its end."""
        live = [one for one in self.versions if one.since.astimezone(SHANGHAI).date() <= day]
        return live[-1] if live else self.versions[0]

    def _tier_of(self, growth: tuple[tuple[date, int], ...], day: date) -> int:
        if not growth or growth[0][0] > day:
            return 0
        if self.kept_since is None or day < self.kept_since:
            return self.on(day).reached(sum(a for when, a in growth if when <= day < self.leaves(when)))
        changes: dict[date, int] = defaultdict(int)
        for when, amount in growth:
            changes[when] += amount
            changes[self.leaves(when)] -= amount
        # Until tiers are held for a term, yesterday's does not matter.
        today = max(growth[0][0], self.kept_since - timedelta(days=1))
        total = sum(amount for when, amount in changes.items() if when < today)
        keeper = Keeper()
        while today <= day:
            before, total = total, total + changes.get(today, 0)
            keeper.live_through(today, before, total, self.on(today))
            today += timedelta(days=1)
        return keeper.tier


@dataclass
class Keeper:
    """A tier that is held for a term, has days of grace, and is lost one step at a time."""

    tier: int = 0
    ends: date | None = None
    grace: date | None = None

    def live_through(self, day: date, before: int, total: int, version: Version) -> None:
        """One day; `before` is the growth that counted yesterday, `total` what counts today."""
        had, has = version.reached(before), version.reached(total)
        if not version.keeping:
            self.tier, self.ends, self.grace = has, None, None
            return
        term = add_months(day, version.keeping["months"])
        if self.ends is None or has > self.tier:
            self.tier, self.ends, self.grace = max(self.tier, has), term, None
        elif self.grace is not None and has >= self.tier:
            self.ends, self.grace = term, None
        elif self.grace is not None and day >= self.grace:
            self.tier, self.ends, self.grace = max(had, has, self.tier - 1), term, None
        elif self.grace is None and day >= self.ends:
            if had >= self.tier:
                self.ends = term
            elif self.tier:
                self.grace = day + timedelta(days=version.keeping["grace_days"])


@dataclass
class Buyer:
    """What rules ask about somebody: orders so far, and what of each limit is used."""

    orders: list["Bought"] = field(default_factory=list)
    used: dict[Slot, int] = field(default_factory=lambda: defaultdict(int))

    def visit(self, version: Version, fact: NewFact | None, day: date, tier: int) -> int:
        """Five points for a check-in, once a week, within the week's cap."""
        if not version.rules or fact is None or fact.body.get("event") != "Checked In":
            return 0
        slot = ("in", _week(day))
        points = 5 if not self.used[slot] else 0
        if points:
            self.used[slot] += 1
        return self.within([(("", _week(day)), _cap(version, tier))], points, [])

    def within(self, limits: Sequence[tuple[Slot, int]], wished: int, noted: list[tuple[Slot, int]]) -> int:
        """What limits leave of it."""
        given = min([wished, *(max(0, most - self.used[slot]) for slot, most in limits)])
        for slot, _ in limits:
            self.used[slot] += given
            noted.append((slot, given))
        return given

    def give_back(self, limits: Sequence[tuple[Slot, int]]) -> None:
        """An order that was never made has used nothing."""
        for slot, amount in limits:
            self.used[slot] -= amount


def award(
    buyer: Buyer, version: Version, fact: NewFact, day: date, tier: int, amounts: Sequence[int]
) -> tuple[dict[str, tuple[int, list[int]]], list[tuple[Slot, int]]]:
    """What an order gives: (whole, by line) for points, growth and stars; and what it used of limits."""
    noted: list[tuple[Slot, int]] = []
    base = int(fact.body["base"])
    points = Fraction(base, version.per_point) if version.per_point else Fraction(0)
    growth = Fraction(base, version.per_growth)
    whole_of = version.whole
    given, pieces, grown = whole_of(points), 0, whole_of(growth)
    if version.rules:
        standing = [bought for bought in buyer.orders if not bought.cancelled]
        last = max((bought.fact.occurred_at for bought in standing), default=None)
        wishes: list[tuple[str, Fraction]] = []
        if last is None or (fact.occurred_at - last).days > 20:
            wishes.append(("back", Fraction(20)))
        if tier > 0:
            wishes.append(("silver", Fraction(base * 50, 100 * version.per_point)))
        if day.isoweekday() == 7:
            wishes.append(("sunday", Fraction(base * 150, 100 * version.per_point)))
        for code, more in wishes:
            wished, points = whole_of(points + more) - whole_of(points), points + more
            given += _limited(buyer, code, wished, day, noted)
        pieces = 3 * sum(1 for line in fact.body["lines"] if line[1] == "sku" and line[3] > 0)
        if len(standing) >= 3:
            grown += min(100, whole_of(growth * Fraction(130, 100)) - whole_of(growth))
        whole = buyer.within([(("", _week(day)), _cap(version, tier))], given + pieces, noted)
    else:
        whole = given
    shares = share_out(given, list(amounts))
    if pieces:
        own = [3 if line[1] == "sku" and line[3] > 0 else 0 for line in fact.body["lines"]]
        shares = [a + b for a, b in zip(shares, own, strict=True)]
        shares = shares if sum(shares) == whole else share_out(whole, shares)
    else:
        shares = share_out(whole, list(amounts))
    growth_too = (grown, share_out(grown, list(amounts)))
    stars = _stars(buyer, version, fact, day, amounts, noted)
    return {"points": (whole, shares), "growth": growth_too, "stars": stars}, noted


def _stars(
    buyer: Buyer, version: Version, fact: NewFact, day: date, amounts: Sequence[int], noted: list[tuple[Slot, int]]
) -> tuple[int, list[int]]:
    """One for each 30 yuan, four a day, and one for each thing that was paid for; ten a week."""
    if version.stars is None:
        return 0, [0] * len(amounts)
    by_money = buyer.within([(("star", day), 4)], version.whole(Fraction(int(fact.body["base"]), 3000)), noted)
    things = [1 if line[1] == "sku" and line[3] > 0 else 0 for line in fact.body["lines"]]
    whole = buyer.within([(("stars", _week(day)), 10)], by_money + sum(things), noted)
    shares = share_out(by_money, list(amounts))
    if sum(things):
        shares = [a + b for a, b in zip(shares, things, strict=True)]
        return whole, shares if sum(shares) == whole else share_out(whole, shares)
    return whole, share_out(whole, list(amounts))


def _limited(buyer: Buyer, code: str, wished: int, day: date, noted: list[tuple[Slot, int]]) -> int:
    if code == "sunday":
        return buyer.within([(("sunday", (day.year, day.month)), 900)], wished, noted)
    if code == "back":
        slot = ("back", day.year)
        if buyer.used[slot] >= 2:
            return 0
        buyer.used[slot] += 1
        noted.append((slot, 1))
    return wished


def _cap(version: Version, tier: int) -> int:
    return 9000 if CODES[tier] == "gold" else version.cap


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())

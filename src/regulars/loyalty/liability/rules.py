"""What the points are worth and what of the revenue is deferred for them, month by month; all of it arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from regulars.core.calendar import add_months
from regulars.ledger.rules import LotVintage, Movement
from regulars.loyalty.liability.breakage import Breakage, Vintage
from regulars.loyalty.liability.ifrs15 import points_alone, recognised, share_price

DEFAULT_POINTS = 100
DEFAULT_PERCENT = 1
"""Where nobody has said what points are worth: what retail programmes usually give back of the spend."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What points are worth when they are used: `points` of them are `minor` minor units of money.

    `is_chosen`: somebody said so; otherwise it is the usual share of the spend that earns them.
    """

    points: int
    minor: int
    is_chosen: bool = True

    @property
    def minor_per_point(self) -> Fraction:
        """Minor units for one point."""
        return Fraction(self.minor, self.points)

    def of(self, points: int) -> int:
        """What so many points are worth, in minor units, half up."""
        return int(points * self.minor_per_point + Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class RevenueMonth:
    """A month of sales to members, in minor units.

    `sales` are net of what was given back, `alone` is the stand-alone price of the points earned. `deferred` is what
    of the sales is put aside for them, `recognised` what of all that was put aside became revenue, `liability` what is
    put aside at the end. `brought` is what points are worth that were taken over from another programme: no sale of
    these months paid for them, and they are owed all the same.
    """

    month: date
    sales: int
    earned: int
    used: int
    alone: int
    deferred: int
    recognised: int
    liability: int
    brought: int = 0


@dataclass(frozen=True, slots=True)
class Deferral:
    """The revenue of all months under one expectation: `share` of all points issued is used in the end."""

    share: Fraction
    months: tuple[RevenueMonth, ...]

    @property
    def liability(self) -> int:
        """What is put aside now, in minor units."""
        return self.months[-1].liability if self.months else 0

    @property
    def deferred(self) -> int:
        """What was put aside in all."""
        return sum(month.deferred for month in self.months)

    @property
    def brought(self) -> int:
        """What was put aside for points of another programme, besides."""
        return sum(month.brought for month in self.months)

    @property
    def recognised(self) -> int:
        """What of it has become revenue."""
        return sum(month.recognised for month in self.months)


@dataclass(frozen=True, slots=True)
class Statement:
    """What the programme owes at the end of a day.

    `movements` are those of the books as asked for; `outstanding` is by date: what has expired counts as gone, and
    `due` is the part of it that is not posted yet. `expected_unused` gives the breakage of each vintage, in their
    order; None where it cannot be told. `low` and `high` are the deferrals with the most and the least breakage.
    `wallets`: what the customers' accounts hold now; None for a day that is over.
    """

    day: date
    movements: tuple[Movement, ...]
    vintages: tuple[LotVintage, ...]
    expected_unused: tuple[int | None, ...]
    owed: int
    due: int
    breakage: Breakage
    worth: Worth
    deferral: Deferral
    low: Deferral
    high: Deferral
    wallets: int | None

    @property
    def closing(self) -> int:
        """What stands in the customers' accounts, due points included."""
        return self.movements[-1].closing if self.movements else 0

    @property
    def outstanding(self) -> int:
        """What customers have and may still use one day."""
        return self.closing - self.due

    @property
    def never_used(self) -> bool:
        """Whether nobody has ever used a point, so that nobody can tell how many will be."""
        return not any(month.used > 0 for month in self.movements)

    @property
    def agrees(self) -> bool:
        """Whether the movement ends where the customers' accounts stand."""
        return self.wallets in (None, self.closing)


@dataclass(frozen=True, slots=True)
class VintageLine:
    """Points that became spendable in one month, and can be used for the last time in another; None: never lapses.

    `unused` of what is left will probably never be used; None where nobody can tell.
    """

    month: date
    last_month: date | None
    issued: int
    used: int
    expired: int
    revoked: int
    held: int
    left: int
    unused: int | None

    @property
    def given(self) -> int:
        """What was issued, less what was taken back."""
        return self.issued - self.revoked

    @property
    def gone(self) -> int:
        """What is not there any more."""
        return self.used + self.expired


def vintage_lines(found: Statement) -> list[VintageLine]:
    """Vintages, oldest first; points that came back after they expired stand with the others of their months."""
    lines: dict[tuple[date, date | None], VintageLine] = {}
    for one, unused in zip(found.vintages, found.expected_unused, strict=True):
        key, used = (one.month, one.last_month), sum(one.used.values())
        before = lines.get(key) or VintageLine(*key, 0, 0, 0, 0, 0, 0, None if unused is None else 0)
        lines[key] = VintageLine(
            *key, before.issued + one.issued, before.used + used, before.expired + one.expired + one.due,
            before.revoked + one.revoked, before.held + one.held, before.left + one.left,
            None if unused is None or before.unused is None else before.unused + unused,
        )  # fmt: skip
    return list(lines.values())


def default_worth(minor_per_point: int, currency_digits: int) -> Worth:
    """What points are worth until somebody says so: 1 % of the spend that earns them; 100 points for one unit else."""
    if minor_per_point <= 0:
        return Worth(DEFAULT_POINTS, 10**currency_digits, is_chosen=False)
    return Worth(DEFAULT_POINTS, minor_per_point * DEFAULT_POINTS * DEFAULT_PERCENT // 100 or 1, is_chosen=False)


def to_learn_from(vintages: Sequence[LotVintage], month: date) -> list[Vintage]:
    """Vintages as the estimate of breakage takes them, in their order; `month` is the one that goes on.

    A vintage's age is counted in calendar months, its first and last ones being parts of months.
    """
    found = []
    for one in vintages:
        life = None if one.last_month is None else months_between(one.month, one.last_month) + 1
        age = max(0, months_between(one.month, month))
        used = [one.used.get(add_months(one.month, place), 0) for place in range(age + 1)]
        found.append(
            Vintage(one.issued - one.revoked, used, age if life is None else min(age, life), life, max(0, one.left))
        )
    return found


def months_between(first: date, last: date) -> int:
    """From the first month to the last; negative if that comes before."""
    return (last.year - first.year) * 12 + last.month - first.month


def used_in_the_end(movements: Sequence[Movement], outstanding: int, breakage: int) -> Fraction:
    """The share of all points ever given, less those taken back, that is used in the end.

    Args:
        outstanding: What may still be used, by date.
        breakage: What of it is expected never to be used.
    """
    given = sum(month.earned + month.taken_over - month.revoked for month in movements)
    used = sum(month.used for month in movements)
    if given <= 0:
        return Fraction(1)
    return min(Fraction(1), max(Fraction(0), Fraction(used + outstanding - breakage, given)))


def defer(movements: Sequence[Movement], sales: Mapping[date, int], worth: Worth, share: Fraction) -> Deferral:
    """Revenue put aside for points and given back to revenue as they are used (IFRS 15 B39–B43, IE267–IE270).

    All points of the programme are one portfolio (B43 looks at the contracts together), with what is expected today:
    a change of the expectation shows in every month. What the products are worth alone is what was paid for them.

    Args:
        movements: By when things happened, from the first month on.
        sales: Net sales to members by month (first day), minor units.
        share: Of all points given, what is used in the end.
    """
    found: list[RevenueMonth] = []
    put_aside = given = used = before = 0
    for one in movements:
        price = max(0, sales.get(one.month, 0))
        earned = one.earned - one.revoked
        alone = points_alone(points=max(0, earned), redeemed_share=share, minor_per_point=worth.minor_per_point)
        deferred = share_price(price=price, products_alone=price, points_alone=alone).points if price else 0
        taken = max(0, one.taken_over)
        brought = points_alone(points=taken, redeemed_share=share, minor_per_point=worth.minor_per_point)
        put_aside, given, used = put_aside + deferred + brought, given + earned + one.taken_over, used + one.used
        expected = round(max(0, given) * share)
        so_far = recognised(deferred=put_aside, redeemed=max(0, used), expected=expected) if expected else before
        found.append(
            RevenueMonth(
                one.month, price, earned, one.used, alone, deferred, so_far - before, put_aside - so_far, brought
            )
        )
        before = so_far
    return Deferral(share, tuple(found))

"""Reading what the programme owes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date, start_of_day
from regulars.core.money import minor_digits
from regulars.facts import figures as facts
from regulars.ledger import movements as ledger
from regulars.ledger.movements import By
from regulars.ledger.rules import LotVintage, Movement
from regulars.loyalty import programme_view
from regulars.loyalty.liability.breakage import Breakage, estimate
from regulars.loyalty.liability.rules import (
    Deferral,
    Statement,
    Worth,
    default_worth,
    defer,
    to_learn_from,
    used_in_the_end,
)
from regulars.staff import queries as staff


def worth() -> Worth:
    """What points are worth when they are used: what the business said, or the usual share of the spend."""
    business = staff.business()
    if business.worth_points:
        return Worth(business.worth_points, business.worth_minor)
    version = programme_view.current()
    per_point = int(version.terms["minor_per_point"]) if version else 0
    return default_worth(per_point, minor_digits(business.currency))


def statement(*, zone: ZoneInfo, at: datetime, day: date | None = None, by: By = "happened") -> Statement:
    """What the programme owes at the end of a day, out of the ledger itself.

    Args:
        at: Now.
        day: A day that is over; None or today: everything up to now.
        by: Whether the movement, and what counts of a day that is over, goes by when things happened or were booked.
    """
    today = business_date(at, zone)
    is_past = day is not None and day < today
    shown = day if day is not None and is_past else today
    until = start_of_day(shown + timedelta(days=1), zone) if is_past else None
    books = ledger.points_books(zone=zone, at=until or at, until=until, by=by)
    movements = books.happened if by == "happened" else books.booked
    due = sum(one.due for one in books.vintages)
    outstanding = (movements[-1].closing if movements else 0) - due
    # Age is counted in months that are over; the last day of one ends it.
    found, unused = _breakage(books.vintages, shown + timedelta(days=1 if is_past else 0))
    sales, price = _sales(books.happened, shown), worth()

    def deferral(breakage: int | None) -> Deferral:
        share = used_in_the_end(books.happened, outstanding, breakage or 0)
        return defer(books.happened, sales, price, share)

    return Statement(
        shown, movements, books.vintages, unused, books.owed, due, found, price,
        deferral(found.points), deferral(found.high), deferral(found.low), None if is_past else books.wallets,
    )  # fmt: skip


def _breakage(vintages: Sequence[LotVintage], day: date) -> tuple[Breakage, tuple[int | None, ...]]:
    """The estimate, and what it says of each vintage; points that came back for a few days count as to be used.

    Where nobody has ever used a point, nobody can tell either: they may never have been able to.
    """
    places = [place for place, one in enumerate(vintages) if not one.restored]
    found = estimate(to_learn_from([vintages[place] for place in places], day.replace(day=1)))
    if found.points is None or not any(sum(one.used.values()) > 0 for one in vintages):
        return Breakage(found.outstanding, None, None, None, vintages=found.vintages), (None,) * len(vintages)
    unused: list[int | None] = [0] * len(vintages)
    for place, points in zip(places, found.by_vintage, strict=True):
        unused[place] = points
    return found, tuple(unused)


def _sales(movements: Sequence[Movement], until: date) -> dict[date, int]:
    """Net sales to members by month, from the first month with points on."""
    found: defaultdict[date, int] = defaultdict(int)
    if movements:
        for day in facts.revenue_by_day(since=movements[0].month, until=until + timedelta(days=1)):
            found[day.day.replace(day=1)] += day.members
    return dict(found)

"""All points month by month and by vintage, out of the transfers themselves: one pass over the ledger.

Daily closes are no help here: one ends when the nightly job ran, and not with the month.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db import connection

from regulars.core import bulk
from regulars.core.calendar import add_months, business_date, start_of_day
from regulars.ledger.rules import Account, Currency, LotVintage, Movement, PointsBooks, Purpose

By = Literal["happened", "booked"]
EARLIER_MONTHS = 13
"""A lot's first transfer comes before it can be spent, by the pending days, which are a year at most."""

SPAN = (
    f"SELECT min(effective_at), max(expires_at), max(effective_at) FROM ledger_lot WHERE currency = {Currency.POINTS}"
)
# Months are told by their bounds, which is several times as quick as turning each instant into a local time. What moves
# between a customer's own accounts is left out, except what is held and what pays a debt. The wallets stand in the same
# statement, so that both are of one moment.
FLOWS = f"""
SELECT width_bucket(l.effective_at, b.bounds) AS vintage,
       width_bucket(l.expires_at - interval '1 microsecond', b.bounds) AS last_month,
       l.ordinal > 0, l.expires_at <= %s, width_bucket(t.at, b.bounds), width_bucket(t.recorded_at, b.bounds),
       t.source, t.target, sum(t.amount)::bigint, t.purpose = {Purpose.TAKE_OVER}
FROM ledger_transfer t LEFT JOIN ledger_lot l ON l.id = t.lot_id, (SELECT %b::timestamptz[] AS bounds) b
WHERE t.currency = {Currency.POINTS}
  AND (greatest(t.source, t.target) >= {Account.ISSUED}
    OR (t.lot_id IS NOT NULL AND ({Account.HELD} IN (t.source, t.target) OR {Account.DEBT} IN (t.source, t.target))))
  AND (%s::timestamptz IS NULL OR t.{{column}} < %s)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 10
UNION ALL
SELECT NULL, NULL, NULL, NULL, 0, 0, 0, 0, coalesce(sum(pending + available + held + debt), 0)::bigint, NULL
FROM ledger_wallet WHERE currency = {Currency.POINTS}
"""
COLUMNS: dict[By, str] = {"happened": "at", "booked": "recorded_at"}


@dataclass(frozen=True, slots=True)
class _Flow:
    """So many points from one account to another: of which vintage, in which month it happened and was booked."""

    vintage: date | None
    last_month: date | None
    restored: bool
    is_due: bool
    happened: date
    booked: date
    source: int
    target: int
    amount: int
    is_taken_over: bool

    def into(self, *accounts: Account) -> int:
        """What came into these accounts, less what left them."""
        return self.amount * ((self.target in accounts) - (self.source in accounts))


def points_books(*, zone: ZoneInfo, at: datetime, until: datetime | None = None, by: By = "booked") -> PointsBooks:
    """The movement of all points and their vintages.

    Args:
        zone: Whose months.
        at: What has expired by then counts as gone, posted or not.
        until: Only what was `booked`, or `happened`, before this instant; None: everything there is.
    """
    months = _months(zone, (until or at) - timedelta(microseconds=1))
    bounds = bulk.Column("timestamptz", [start_of_day(month, zone) for month in months])
    rows = bulk.run(connection, FLOWS.format(column=COLUMNS[by]), [at, bounds, until, until])
    wallets = next(row[8] for row in rows if not row[6])
    last = business_date((until or at) - timedelta(microseconds=1), zone).replace(day=1)
    flows = [_flow(row, months, last) for row in rows if row[6]]
    vintages = _vintages(flows)
    happened = _movements(flows, lambda flow: flow.happened, last)
    closing = happened[-1].closing if happened else 0
    # What has expired by date is still in the customers' accounts.
    owed = sum(one.left + one.due for one in vintages) - closing
    return PointsBooks(happened, _movements(flows, lambda flow: flow.booked, last), vintages, owed, wallets)


def _months(zone: ZoneInfo, now: datetime) -> Sequence[date]:
    """The first days of all months that lots or their transfers may stand in."""
    instants = bulk.run(connection, SPAN)[0]
    first, *ends = (business_date(one or now, zone).replace(day=1) for one in instants)
    month, found = add_months(min(first, business_date(now, zone).replace(day=1)), -EARLIER_MONTHS), []
    while month <= max(*ends, business_date(now, zone)):
        found.append(month)
        month = add_months(month, 1)
    return found


def _flow(row: Sequence[Any], months: Sequence[date], last: date) -> _Flow:
    """A row with months instead of their numbers; a clock that was ahead is brought back into the last month."""

    def month(number: int | None) -> date | None:
        return None if number is None else months[max(number, 1) - 1]

    happened, booked = (min(months[max(number, 1) - 1], last) for number in row[4:6])
    return _Flow(month(row[0]), month(row[1]), bool(row[2]), bool(row[3]), happened, booked, *row[6:10])


def _movements(flows: Iterable[_Flow], month_of: Callable[[_Flow], date], last: date) -> tuple[Movement, ...]:
    """Every month from the first in which anything moved to the last."""
    by_month: defaultdict[date, list[_Flow]] = defaultdict(list)
    for flow in flows:
        by_month[month_of(flow)].append(flow)
    found, opening, month = [], 0, min(by_month, default=last)
    while by_month and month <= last:
        moved = [flow for flow in by_month[month] if not flow.is_taken_over]
        taken = [flow for flow in by_month[month] if flow.is_taken_over]
        found.append(
            Movement(
                month,
                opening,
                -_sum(moved, Account.ISSUED),
                _sum(moved, Account.REDEEMED),
                _sum(moved, Account.BREAKAGE),
                _sum(moved, Account.REVOKED),
                -_sum(taken, Account.ISSUED, Account.REVOKED),
            )
        )
        opening, month = found[-1].closing, add_months(month, 1)
    return tuple(found)


def _vintages(flows: Iterable[_Flow]) -> tuple[LotVintage, ...]:
    """Lots by when they become spendable and until when; what pays a debt, one's own or another's, is used."""
    groups: defaultdict[tuple[date, date | None, bool], list[_Flow]] = defaultdict(list)
    for flow in flows:
        if flow.vintage is not None:
            groups[flow.vintage, flow.last_month, flow.restored].append(flow)
    found = []
    for (month, last_month, restored), moved in groups.items():
        used: defaultdict[date, int] = defaultdict(int)
        for flow in moved:
            if taken := flow.into(Account.REDEEMED, Account.DEBT, Account.TRANSIT):
                used[flow.happened] += taken
        due = [flow for flow in moved if flow.is_due]
        gone = -_sum(due, Account.ISSUED, Account.REDEEMED, Account.DEBT, Account.TRANSIT, Account.BREAKAGE)
        gone -= _sum(due, Account.REVOKED, Account.HELD)  # what is held does not expire
        found.append(
            LotVintage(
                month, last_month, restored, -_sum(moved, Account.ISSUED), dict(used), _sum(moved, Account.BREAKAGE),
                _sum(moved, Account.REVOKED), _sum(moved, Account.HELD), gone,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.month, one.last_month or date.max, one.restored)))


def _sum(flows: Iterable[_Flow], *accounts: Account) -> int:
    return sum(flow.into(*accounts) for flow in flows)

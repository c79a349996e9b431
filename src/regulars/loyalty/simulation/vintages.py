"""Points of one side by vintage, as the ledger tells them, for the same estimate of how many are never used. Pure."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from regulars.core.calendar import start_of_day
from regulars.ledger.rules import Account, LotVintage
from regulars.loyalty.liability.breakage import estimate
from regulars.loyalty.liability.rules import to_learn_from

FIRST_YEAR, LAST_YEAR = 1970, 2199
USED = (Account.REDEEMED, Account.DEBT, Account.TRANSIT)

Flow = tuple[int, int | None, bool, int, int, int]
"""(vintage, last month, came back after it expired, month, source, target); months are counted from 1970-01 as 0."""


@lru_cache(maxsize=8)
def month_starts(zone: ZoneInfo) -> Sequence[float]:
    """When months begin, from 1970 on, as seconds since the epoch: they are compared with for every order."""
    return [start_of_day(_month(place), zone).timestamp() for place in range((LAST_YEAR - FIRST_YEAR + 1) * 12)]


def month_of(at: datetime, starts: Sequence[float]) -> int:
    """The month of an instant, counted from 1970-01 as 0."""
    return bisect_right(starts, at.timestamp()) - 1


def last_month_of(ends: datetime | None, starts: Sequence[float]) -> int | None:
    """The month in which points can be used for the last time that expire at an instant; None: they never do."""
    return None if ends is None else bisect_left(starts, ends.timestamp()) - 1


def never_used(flows: Mapping[Flow, int], day: date) -> int | None:
    """How many of the points that are there will expire unused; None where history cannot tell.

    The same estimate as of the ledger's own vintages: those that came back for a few days count as to be used, and
    where nobody has ever used a point nobody can tell.
    """
    found = lot_vintages(flows)
    if not any(sum(one.used.values()) > 0 for one in found):
        return None
    return estimate(to_learn_from([one for one in found if not one.restored], day.replace(day=1))).points


def lot_vintages(flows: Mapping[Flow, int]) -> list[LotVintage]:
    """The vintages as the ledger would tell them, nothing due: the folds are settled."""
    groups: dict[tuple[int, int | None, bool], list[tuple[int, int, int, int]]] = defaultdict(list)
    for (vintage, last, restored, month, source, target), amount in flows.items():
        groups[vintage, last, restored].append((month, source, target, amount))
    return [
        LotVintage(
            month=_month(vintage),
            last_month=None if last is None else _month(last),
            restored=restored,
            issued=-_into(moved, Account.ISSUED),
            used=_used(moved),
            expired=_into(moved, Account.BREAKAGE),
            revoked=_into(moved, Account.REVOKED),
            held=_into(moved, Account.HELD),
            due=0,
        )
        for (vintage, last, restored), moved in sorted(
            groups.items(), key=lambda group: (group[0][0], group[0][1] or 10**6, group[0][2])
        )
    ]


def _used(moved: Sequence[tuple[int, int, int, int]]) -> dict[date, int]:
    found: Counter[date] = Counter()
    for month, source, target, amount in moved:
        if taken := amount * ((target in USED) - (source in USED)):
            found[_month(month)] += taken
    return dict(found)


def _into(moved: Sequence[tuple[int, int, int, int]], account: Account) -> int:
    return sum(amount * ((target == account) - (source == account)) for _, source, target, amount in moved)


def _month(place: int) -> date:
    return date(FIRST_YEAR + place // 12, place % 12 + 1, 1)

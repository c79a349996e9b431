"""What has to be known to read balances, and which column is what."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from regulars.core.errors import DomainError
from regulars.facts.reading import balance_headers as headers
from regulars.facts.reading.columns import Field
from regulars.facts.reading.contract_headers import plain
from regulars.facts.rules import Identity

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "member": headers.MEMBER,
    "customer": headers.CUSTOMER,
    "phone": headers.PHONE,
    "email": headers.EMAIL,
    "name": headers.NAME,
    "birthday": headers.BIRTHDAY,
    "joined": headers.JOINED,
    "points": headers.POINTS,
    "points_until": headers.POINTS_END,
    "growth": headers.GROWTH,
    "growth_on": headers.GROWTH_DAY,
    "tier": headers.TIER,
    "tier_until": headers.TIER_END,
    "coupon": headers.COUPON,
    "coupon_code": headers.COUPON_CODE,
}
"""What a column may be; every other one is ignored."""
WHO: Final = (
    ("member", Field.MEMBER_NUMBER), ("customer", Field.CUSTOMER_ID), ("phone", Field.PHONE), ("email", Field.EMAIL),
)  # fmt: skip
DATES: Final = ("points_until", "growth_on", "tier_until")
BALANCES: Final = ("points", "growth", "tier", "coupon")


class NotBalances(DomainError):
    """The table names no members, or nothing that they have."""

    code = "not_balances"


class DayNotOver(DomainError):
    """The day at whose end the balances stood is not over."""

    code = "day_not_over"


class UnknownColumn(DomainError):
    """The file has no such column, or there is no such meaning."""

    code = "unknown_column"


class OfferNamed(NamedTuple):
    """An offer as a cell may name it."""

    id: int
    names: tuple[str, ...]


class CodeTaken(NamedTuple):
    """A code that a coupon here has; `by` are the names of its holder if it was taken over, else nobody's."""

    by: frozenset[Identity] = frozenset()


def _free(codes: Collection[str]) -> Mapping[str, CodeTaken]:
    return {}


def _as_told(told: str) -> str | None:
    return told


@dataclass(frozen=True, slots=True)
class BalanceSettings:
    """What has to be known besides the columns.

    Args:
        source: The old system, which numbered the members.
        as_of: The day at whose end the balances stood so.
        region: Country of phone numbers without one.
        tiers: What a cell may call a tier, in small letters → its code here.
        tier_months: How long a tier without a last day is kept.
        offers: What coupons can be given.
        read_code: A coupon's code as it is kept; None if it cannot be one.
        taken: Those of some codes that coupons here have.
        replaces: The balances contain all that members had here before; otherwise they come on top of it.
        columns: What columns mean where their names do not tell: one of `HEADERS` → column, '' for none.
    """

    source: str
    time_zone: str
    as_of: date
    region: str = "CN"
    tiers: Mapping[str, str] = field(default_factory=dict)
    tier_months: int = 12
    offers: tuple[OfferNamed, ...] = ()
    read_code: Callable[[str], str | None] = _as_told
    taken: Callable[[Collection[str]], Mapping[str, CodeTaken]] = _free
    replaces: bool = True
    columns: Mapping[str, str] = field(default_factory=dict)

    def check(self, today: date) -> None:
        """Whether the day can be taken.

        Raises:
            DayNotOver: Balances stand at the end of a day, and this one is not over.
        """
        if self.as_of >= today:
            raise DayNotOver("Balances stand at the end of a day. Give a day that is over, such as yesterday.")

    def tier(self, told: str) -> str | None:
        """The code of the tier that a cell names."""
        return self.tiers.get(" ".join(told.lower().split()))

    def offer(self, told: str) -> int | None:
        """The offer that a cell names: by its number, or by its name in either language."""
        wanted = " ".join(told.lower().split())
        return next(
            (one.id for one in self.offers if wanted in (str(one.id), f"#{one.id}", *map(str.lower, one.names))), None
        )


def recognise(names: tuple[str, ...], told: Mapping[str, str]) -> dict[str, str]:
    """Which column is what.

    Raises:
        UnknownColumn: What was told is not there.
        NotBalances: It names nobody, or nothing that they have.
    """
    by_header = {plain(name): name for name in reversed(names)}
    found = {what: by_header[one] for what, known in HEADERS.items() for one in reversed(known) if one in by_header}
    for what, column in told.items():
        if what not in HEADERS or (column and column not in names):
            raise UnknownColumn(f"There is no {what}={column}: give one of {', '.join(HEADERS)} and a column.")
        found = {known: name for known, name in found.items() if name != column and known != what}
        found |= {what: column} if column else {}
    if not {what for what, _ in WHO} & found.keys():
        raise NotBalances("No column names the member: a member number, a phone, an e-mail or a customer number.")
    if not set(BALANCES) & found.keys():
        raise NotBalances("No column says what members have: points, growth, a tier or coupons.")
    return found

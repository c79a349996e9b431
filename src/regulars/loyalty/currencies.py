"""What members can spend: points, and whatever else a version names (stars 星星, stamps 印花). Pure.

All that is true of points is true of every other currency, by the same code: only its name, its number in the ledger
and how long it lasts are its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from regulars.core.bilingual import Text
from regulars.core.calendar import add_months, end_of_next_year, start_of_day
from regulars.core.errors import DomainError
from regulars.ledger.rules import Currency
from regulars.loyalty.earning import reading
from regulars.loyalty.earning.rules import Counted, Earns, InvalidRule, Limit
from regulars.loyalty.earning.taking import COUNTED

POINTS: Final = int(Currency.POINTS)
FIRST_OWN: Final = 11
"""The ledger's number of the first currency that a programme names itself; the numbers below are the house's."""
MOST: Final = 5
LONGEST_NAME: Final = 20
CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,29}")
EXPIRIES: Final = ("end_of_next_year", "rolling", "never")
KEYS: Final = {"code", "number", "names", "pending_days", "expiry", "expiry_months", "restore_days", "caps"}


class InvalidCurrency(DomainError):
    """A currency of the programme cannot be read or contradicts itself; `currency` in the context says which."""

    code = "invalid_currency"


class UnknownCurrency(DomainError):
    """No version of the programme has such a currency."""

    code = "no_currency"


@dataclass(frozen=True, slots=True)
class Spendable:
    """One currency under one version: what it is called, and how long what is earned of it lasts.

    `number` is what the ledger calls it. `pending_days` by channel. `expiry`: 'end_of_next_year' (次年年底清零),
    'rolling' (to be used through the same day `expiry_months` later) or 'never'. What comes back after its last day
    lasts `restore_days` more. `caps`: the most that one member earns of it in a period.
    """

    code: str
    number: int
    zone: ZoneInfo
    names: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)
    pending_days: Mapping[str, int] = field(default_factory=dict, hash=False)
    expiry: str = "end_of_next_year"
    expiry_months: int = 24
    restore_days: int = 14
    caps: tuple[Limit, ...] = field(default=(), hash=False)

    def expires_at(self, day: date) -> datetime | None:
        """When what is given on a business day can no longer be used; None: never."""
        if self.expiry == "never":
            return None
        if self.expiry == "rolling":
            return start_of_day(add_months(day, self.expiry_months) + timedelta(days=1), self.zone)
        return start_of_day(end_of_next_year(day), self.zone)

    @property
    def name(self) -> Text:
        """What it is called; where one language is missing, the other stands in for it."""
        return self.counted.name

    @property
    def counted(self) -> Counted:
        """How so many of it are written."""
        return COUNTED.get(self.code) or _counted(self.code, self.names)


def currencies(told: Any, *, zone: ZoneInfo, tiers: Sequence[str]) -> tuple[Spendable, ...]:
    """The currencies that a version names beside points.

    Raises:
        InvalidCurrency: One cannot be read.
        InvalidRule: Its caps cannot be read.
    """
    if not isinstance(told, list | tuple) or len(told) > MOST:
        raise InvalidCurrency(f"Currencies are a list of at most {MOST}.", field="currencies")
    found = [_read(one, place, zone, tiers) for place, one in enumerate(told)]
    for what in ("code", "number"):
        if len({getattr(one, what) for one in found}) < len(found):
            raise InvalidCurrency(f"Two currencies have the same {what}.", field="currencies")
    return tuple(found)


def counted_of(terms: Mapping[str, Any]) -> dict[str, Counted]:
    """How so many of what rules of these terms can give are written, by what they earn."""
    return {**COUNTED, **{one["code"]: _counted(one["code"], one["names"]) for one in terms.get("currencies", ())}}


def codes_of(terms: Mapping[str, Any]) -> list[str]:
    """Codes of the currencies that these terms name beside points."""
    return [str(one["code"]) for one in terms.get("currencies", ())]


def numbered(terms: Mapping[str, Any], known: Mapping[str, int]) -> dict[str, Any]:
    """The terms with the ledger's number for each currency: the one that its code ever had, or the next free one.

    Args:
        known: Numbers by code in all versions so far, also where later ones dropped the currency.
    """
    numbers = dict(known)
    told = terms.get("currencies", ())
    for one in told if isinstance(told, list | tuple) else ():
        if isinstance(one, Mapping) and isinstance(one.get("code"), str):
            numbers.setdefault(one["code"], max([FIRST_OWN - 1, *numbers.values()]) + 1)
    return _with_numbers(terms, numbers)


def unnumbered(terms: Mapping[str, Any]) -> dict[str, Any]:
    """The same promises without the numbers, which a version gets when it goes live."""
    return _with_numbers(terms, {})


def numbers_of(versions: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Number by code in these versions' terms."""
    return {one["code"]: one["number"] for terms in versions for one in terms.get("currencies", ())}


def _with_numbers(terms: Mapping[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    kept, told = dict(terms), terms.get("currencies")
    if isinstance(told, list | tuple):
        kept["currencies"] = [_with_number(one, numbers) if isinstance(one, Mapping) else one for one in told]
    return kept


def _with_number(told: Mapping[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    kept = {name: value for name, value in told.items() if name != "number"}
    number = numbers.get(str(told.get("code")))
    return kept if number is None else {**kept, "number": number}


def _counted(code: str, names: Mapping[str, str]) -> Counted:
    zh, en = names.get("zh", ""), names.get("en", "")
    return Counted(Text(zh or en or code, en or zh or code), names.get("one") or en or zh or code, "个")


def _read(told: Any, place: int, zone: ZoneInfo, tiers: Sequence[str]) -> Spendable:
    if not isinstance(told, Mapping) or not set(told) <= KEYS:
        raise InvalidCurrency(f"A currency is an object with {', '.join(sorted(KEYS))}.", field="currencies")
    code = told.get("code")
    if not isinstance(code, str) or not CODE.fullmatch(code) or code in list(Earns):
        why = "A currency has a code of its own: small letters, digits, - and _, a letter first."
        raise InvalidCurrency(why, currency=str(code)[:30], field="code")
    try:
        one = Spendable(
            code=code,
            number=int(told.get("number", FIRST_OWN + place)),
            zone=zone,
            names={str(language): str(name) for language, name in told.get("names", {}).items()},
            pending_days={str(channel): int(days) for channel, days in told.get("pending_days", {}).items()},
            expiry=str(told.get("expiry", "end_of_next_year")),
            expiry_months=int(told.get("expiry_months", 24)),
            restore_days=int(told.get("restore_days", 14)),
            caps=reading.caps(told.get("caps", ()), tiers=tiers),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidCurrency(f"Currency {code} cannot be read: {error}.", currency=code) from error
    except InvalidRule as error:
        raise InvalidRule(f"Currency {code}: {error}", **{**error.context, "currency": code}) from error
    _check(one)
    return one


def _check(one: Spendable) -> None:
    def demand(holds: bool, field_name: str, why: str) -> None:
        if not holds:
            raise InvalidCurrency(f"Currency {one.code}: {why}", currency=one.code, field=field_name)

    demand(FIRST_OWN <= one.number < 2**15, "number", "its number is not one of a programme's own currencies.")
    demand(any(one.names.get(language, "").strip() for language in ("zh", "en")), "names", "it has no name.")
    longest = max(map(len, one.names.values()))
    demand(longest <= LONGEST_NAME, "names", f"a name has at most {LONGEST_NAME} letters.")
    demand(one.expiry in EXPIRIES, "expiry", f"{one.expiry!r} is not a way to expire.")
    demand(1 <= one.expiry_months <= 120, "expiry_months", "it lasts between 1 and 120 months.")
    pending = all(0 <= days <= 365 for days in one.pending_days.values())
    demand(pending, "pending_days", "pending days lie between 0 and 365.")
    demand(1 <= one.restore_days <= 3650, "restore_days", "what comes back lasts at least a day.")

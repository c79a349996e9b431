"""Whether terms are written as versions keep them: known names, whole numbers, texts. Pure.

`Policy.from_terms` says what terms mean, and reads what any version ever kept; what somebody writes now is looked at
here first, so that nothing half understood is kept: no text where a number belongs, no name that nobody reads.
"""

from collections.abc import Mapping
from typing import Any, Final

from regulars.core.money import LARGEST_MINOR
from regulars.loyalty.currencies import EXPIRIES
from regulars.loyalty.earning.rounding import Rounding
from regulars.loyalty.rules import GROWTH_FROM, InvalidPolicy

MOST_TIERS: Final = 6
LONGEST_CODE: Final = 20
LONGEST_NAME: Final = 20
LARGEST_THRESHOLD: Final = 10**12
MOST_CHANNELS: Final = 10
WHOLE: Final[Mapping[str, tuple[int, int]]] = {
    "minor_per_point": (0, LARGEST_MINOR),
    "minor_per_growth": (0, LARGEST_MINOR),
    "window_months": (1, 60),
    "expiry_months": (1, 120),
    "restore_days": (1, 3650),
}
"""Whole numbers of terms, with the least and the most of each."""
CHOSEN: Final[Mapping[str, tuple[str, ...]]] = {
    "expiry": EXPIRIES,
    "growth_from": GROWTH_FROM,
    "rounding": tuple(Rounding),
}
NEEDED: Final = (
    "minor_per_point", "minor_per_growth", "pending_days", "tiers", "window_months", "expiry", "restore_days",
)  # fmt: skip
LISTS: Final = ("rules", "benefits", "currencies", "badges", "caps")
OBJECTS: Final = ("keeping", "checkout")
KNOWN: Final = frozenset({*WHOLE, *CHOSEN, *NEEDED, *LISTS, *OBJECTS})
"""All that terms may say."""


def check(terms: Mapping[str, Any]) -> None:
    """Look at terms that somebody writes; what their rules, benefits and currencies say is read elsewhere.

    Raises:
        InvalidPolicy: Something is missing, unknown or of another kind; `field` in the context says what.
    """
    for name in terms:
        _demand(name in KNOWN, name, f"Terms say nothing of {name[:60]!r}; they know {', '.join(sorted(KNOWN))}.")
    for name in NEEDED:
        _demand(name in terms, name, f"{name} is missing.")
    for name, (least, most) in WHOLE.items():
        if name in terms:
            _whole(terms[name], name, least, most)
    for name, known in CHOSEN.items():
        holds = name not in terms or (isinstance(terms[name], str) and terms[name] in known)
        _demand(holds, name, f"{name} is one of {', '.join(known)}.")
    for name in LISTS:
        told = terms.get(name, [])
        holds = isinstance(told, list | tuple) and all(isinstance(one, Mapping) for one in told)
        _demand(holds, name, f"{name} is a list of objects.")
    for name in OBJECTS:
        _demand(isinstance(terms.get(name, {}), Mapping), name, f"{name} is an object.")
    _days(terms["pending_days"], "pending_days")
    _tiers(terms["tiers"])
    for one in terms.get("currencies", ()):
        _currency(one)


def _tiers(told: Any) -> None:
    holds = isinstance(told, list | tuple) and 1 <= len(told) <= MOST_TIERS
    _demand(holds, "tiers", f"tiers is a list of 1 to {MOST_TIERS}, the lowest first.")
    for place, one in enumerate(told):
        at = f"tiers.{place}"
        holds = isinstance(one, Mapping) and set(one) == {"code", "threshold", "names"}
        _demand(holds, at, "A tier is an object with code, threshold and names.")
        code = one["code"]
        holds = isinstance(code, str) and 1 <= len(code) <= LONGEST_CODE and code.isprintable() and bool(code.strip())
        _demand(holds, f"{at}.code", f"A tier has a code of 1 to {LONGEST_CODE} letters.")
        _demand(code not in [other["code"] for other in told[:place]], f"{at}.code", f"Two tiers are called {code}.")
        _whole(one["threshold"], f"{at}.threshold", 0, LARGEST_THRESHOLD)
        _names(one["names"], f"{at}.names")


def _currency(told: Mapping[str, Any]) -> None:
    """The kinds of what a currency says; `currencies` reads the rest, and finds what is missing."""
    at = f"currencies.{str(told.get('code'))[:30]}"
    for name, least, most in (("expiry_months", 1, 120), ("restore_days", 1, 3650)):
        if name in told:
            _whole(told[name], f"{at}.{name}", least, most)
    if "pending_days" in told:
        _days(told["pending_days"], f"{at}.pending_days")
    if "names" in told:
        names = told["names"]
        holds = isinstance(names, Mapping) and all(isinstance(name, str) for name in names.values())
        _demand(holds, f"{at}.names", "names holds the name in zh and en.")
    _demand(isinstance(told.get("expiry", ""), str), f"{at}.expiry", f"expiry is one of {', '.join(EXPIRIES)}.")


def _names(told: Any, at: str) -> None:
    holds = isinstance(told, Mapping) and set(told) <= {"zh", "en"}
    holds = holds and all(isinstance(name, str) and len(name) <= LONGEST_NAME for name in told.values())
    _demand(holds, at, f"names holds the name in zh and en, of at most {LONGEST_NAME} letters.")
    _demand(any(name.strip() for name in told.values()), at, "It has a name in zh or en.")


def _days(told: Any, at: str) -> None:
    _demand(isinstance(told, Mapping) and len(told) <= MOST_CHANNELS, at, "Days stand by channel: store, online.")
    for channel, days in told.items():
        _demand(0 < len(channel) <= LONGEST_CODE, at, "A channel has a short name: store, online.")
        _whole(days, f"{at}.{channel}", 0, 365)


def _whole(told: Any, at: str, least: int, most: int) -> None:
    holds = type(told) is int and least <= told <= most
    _demand(holds, at, f"{at} must be a whole number from {least:,} to {most:,}.")


def _demand(holds: bool, at: str, why: str) -> None:
    if not holds:
        raise InvalidPolicy(why, field=at[:120])

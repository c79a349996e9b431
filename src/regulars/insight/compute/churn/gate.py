"""Whether there is enough to learn from, and if not, what is missing in words that a shop owner can act on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulars.insight.compute.cards import Text, Verdict

HORIZONS = 3
"""One to know customers from, one to learn what came of them, one to test."""
CUSTOMERS = 200
REPEATERS = 100
EACH_OUTCOME = 50
TESTED_OUTCOME = 20
MONTH_DAYS = 30.4375

RULE = Text(
    "暂时按每位顾客自己的来店节奏判断，不给百分比。",
    "For now each customer is judged by their own rhythm, without a percentage.",
)
NOBODY = Text("还没有顾客下过单。", "Nobody has bought anything yet.")
NOBODY_TWICE = Text(
    "还没有顾客来过第二次，看不出多久不来算流失。",
    "No customer has come a second time yet, so nothing tells how long a silence means goodbye.",
)


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is to learn from.

    Attributes:
        customers: Those who are active now.
        repeaters: Customers with at least two visits.
        learned, tested: (lost, stayed) among the rows that the last backtest learns from and is tested on; None where
            nobody looked, since something else is missing already.
    """

    buyers: int
    customers: int
    repeaters: int
    history_days: int
    horizon_days: int
    learned: tuple[int, int] | None = None
    tested: tuple[int, int] | None = None


def closed(supply: Supply) -> Verdict | None:
    """The verdict of the rule that serves because the model must wait; None where there is enough of everything.

    Where nobody ever came twice not even the rule can say anything.
    """
    if supply.buyers == 0:
        return Verdict(False, "nobody_bought", NOBODY, {})
    if supply.repeaters == 0:
        return Verdict(False, "nobody_returned", NOBODY_TWICE, {"buyers": supply.buyers})
    missing = [part for part in (_history(supply), _customers(supply), _repeaters(supply), _outcomes(supply)) if part]
    if not missing:
        return None
    numbers: dict[str, Any] = {}
    for _, _, more in missing:
        numbers.update(more)
    words = Text(
        "".join([*(text.zh for _, text, _ in missing), RULE.zh]),
        " ".join([*(text.en for _, text, _ in missing), RULE.en]),
    )
    return Verdict(True, missing[0][0], words, numbers)


_Missing = tuple[str, Text, Mapping[str, Any]]


def _history(supply: Supply) -> _Missing | None:
    needed = HORIZONS * supply.horizon_days
    if supply.history_days >= needed:
        return None
    months = max(1, -int(-(needed - supply.history_days) // MONTH_DAYS))
    some = Text(
        "再有 {months_missing} 个月的订单就够了：现在有 {history_days} 天，需要 {history_needed_days} 天。",
        "{months_missing} more months of orders will do: there are {history_days} days, "
        "and it takes {history_needed_days}.",
    )
    one = Text(some.zh, some.en.replace("{months_missing} more months of orders", "One more month of orders"))
    numbers = {"months_missing": months, "history_days": supply.history_days, "history_needed_days": needed}
    return "history_short", one if months == 1 else some, numbers


def _customers(supply: Supply) -> _Missing | None:
    if supply.customers >= CUSTOMERS:
        return None
    words = Text(
        "活跃顾客有 {customers} 位，需要 {customers_needed} 位。",
        "There are {customers} active customers, and it takes {customers_needed}.",
    )
    return "few_customers", words, {"customers": supply.customers, "customers_needed": CUSTOMERS}


def _repeaters(supply: Supply) -> _Missing | None:
    if supply.repeaters >= REPEATERS:
        return None
    words = Text(
        "来过两次以上的顾客有 {repeaters} 位，需要 {repeaters_needed} 位。",
        "Customers who came at least twice: {repeaters} so far, {repeaters_needed} needed.",
    )
    return "few_repeaters", words, {"repeaters": supply.repeaters, "repeaters_needed": REPEATERS}


def _outcomes(supply: Supply) -> _Missing | None:
    if supply.learned is None or supply.tested is None:
        return None
    enough = min(supply.learned) >= EACH_OUTCOME and min(supply.tested) >= TESTED_OUTCOME
    if enough:
        return None
    lost, stayed = (one + two for one, two in zip(supply.learned, supply.tested, strict=True))
    numbers = {"lost": lost, "stayed": stayed, "each_needed": EACH_OUTCOME + TESTED_OUTCOME}
    words = Text(
        "过去离开的有 {lost} 人次，留下的有 {stayed} 人次，两样都要有 {each_needed} 次以上才学得出差别。",
        "In the past {lost} left and {stayed} stayed; it takes about {each_needed} of both "
        "to learn what sets them apart.",
    )
    return "few_outcomes", words, numbers

"""What an item earns under a version: its base, its rules, and the customer as the fold knows them at that moment."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from regulars.loyalty.earning.awarding import award
from regulars.loyalty.earning.reading import ORDER
from regulars.loyalty.earning.rules import Deal, Earning, Earns, Line, Used
from regulars.loyalty.memos import Purchases
from regulars.loyalty.rules import Item, ItemKind, Policies, Policy
from regulars.loyalty.tiers import tier_on


def earned(
    item: Item, policies: Policies, *, growth: Sequence[tuple[date, int]], used: Used, bought: Callable[[], Purchases]
) -> Earning:
    """What an order or event earns; `used` grows by what it takes of limits.

    Args:
        growth: (day, amount) of everything before the item, in any order.
        bought: What the customer bought before the item; asked only if a rule wants to know.
    """
    policy = policies.at(item.at)
    is_order = item.kind == ItemKind.ORDER
    base = (item.amount or 0) if is_order else 0
    read: list[Line] = []

    def lines() -> Sequence[Line]:
        if not read:
            read.extend(Line(str(sku), int(_quantity(quantity)), amount) for _, sku, quantity, amount in item.goods)
        return read

    @lru_cache(maxsize=1)
    def tier() -> str:
        return policy.tiers[min(tier_on(growth, policies, item.day), len(policy.tiers) - 1)].code

    return award(
        deals={
            Earns.POINTS: Deal(base, policy.minor_per_point, lines),
            Earns.GROWTH: Deal(base, policy.minor_per_growth, lines),
        },
        rules=policy.earning.get(ORDER if is_order else item.event, ()),
        caps=policy.caps,
        asked=lambda: _values(item, policy, tier(), bought()),
        tier=tier,
        day=item.day,
        used=used,
        amounts=[amount for _, amount in item.lines],
    )


def still_counting(used: Used, day: date) -> Used:
    """What limits remember for items of this day and later ones."""
    return {slot: amount for slot, amount in used.items() if slot[1].starts(day) == slot[2]}


def _values(item: Item, policy: Policy, tier: str, bought: Purchases) -> Mapping[str, Any]:
    """The condition fields' values; what does not apply is missing."""
    values: dict[str, Any] = {
        "tier": tier,
        "store": None if item.store is None else str(item.store),
        "weekday": item.day.isoweekday(),
        "day_of_month": item.day.day,
        "month": item.day.month,
        "hour": item.at.astimezone(policy.zone).hour,
        "orders_before": bought.orders,
        "days_since_last": None if bought.last_at is None else (item.at - bought.last_at).days,
    }
    if item.kind == ItemKind.ORDER:
        values |= {
            "paid": item.paid,
            "base": item.amount,
            "channel": item.channel,
            "products": {sku for _, sku, _, _ in item.goods if sku},
            "pieces": float(sum(_quantity(quantity) for _, _, quantity, _ in item.goods)),
            "first_order": bought.orders == 0,
        }
    return values


def _quantity(told: int | str) -> int | Fraction:
    """Bodies keep a whole quantity as a number and any other as text, such as 1.5."""
    return told if isinstance(told, int) else Fraction(told)

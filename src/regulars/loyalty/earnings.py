"""What an item earns under a version: its base, its rules, and the customer as the fold knows them at that moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import partial
from typing import Any

from regulars.loyalty.earning import members
from regulars.loyalty.earning.awarding import award
from regulars.loyalty.earning.reading import ORDER
from regulars.loyalty.earning.rules import Deal, Earning, Earns, Line, Used
from regulars.loyalty.growing import growth_deal, with_growth
from regulars.loyalty.memos import Purchases
from regulars.loyalty.rules import FROM_SPEND, Grant, Item, ItemKind, Policies, Policy
from regulars.loyalty.tiers import tier_on

NO_DEAL = Deal(0, 0)


def earned(
    item: Item, policies: Policies, *, growth: Sequence[tuple[date, int]], used: Used, bought: Callable[[], Purchases],
    grants: Sequence[Grant] = (),
) -> Earning:  # fmt: skip
    """What an order or event earns; `used` grows by what it takes of limits.

    Args:
        growth: (day, amount) of everything before the item, in any order.
        bought: What the customer bought before the item; asked only if a rule wants to know.
        grants: Tiers that were given before it.
    """
    policy = policies.at(item.at)
    is_order = item.kind == ItemKind.ORDER
    base = (item.amount or 0) if is_order else 0
    read: list[Line] = []

    def lines() -> Sequence[Line]:
        if not read:
            read.extend(Line(str(sku), int(_quantity(quantity)), amount) for _, sku, quantity, amount in item.goods)
        return read

    has: list[str] = []

    def tier() -> str:
        if not has:
            place = tier_on(growth, policies, item.day, grants)
            has.append(policy.tiers[min(place, len(policy.tiers) - 1)].code)
        return has[0]

    on = ORDER if is_order else item.event

    def asked() -> Mapping[str, Any]:
        told, wanted = _Asked(item, policy, tier, bought), policy.asks[on]
        return {name: VALUES[name](told) for name in wanted if is_order or name not in OF_ORDERS}

    deals: dict[str, Deal] = {
        Earns.POINTS: Deal(base, policy.minor_per_point, lines),
        Earns.GROWTH: growth_deal(item, policy, base, lines, used),
        Earns.COUPON: NO_DEAL,
        Earns.BADGE: NO_DEAL,
    }
    if policy.currencies:
        deals.update((code, Deal(base, 0, lines)) for code in policy.currencies)
    earning = award(
        deals=deals,
        rules=policy.earning.get(on, ()),
        caps=policy.caps,
        asked=asked,
        tier=tier,
        day=item.day,
        used=used,
        amounts=[amount for _, amount in item.lines],
        shares=item.shares,
        rounding=policy.rounding,
        own=policy.own_caps,
    )
    return earning if policy.growth_from in FROM_SPEND else with_growth(earning, item, policy)


def still_counting(used: Used, day: date) -> Used:
    """What limits remember for items of this day and later ones."""
    return {slot: amount for slot, amount in used.items() if slot[1].starts(day) == slot[2]}


def give_limits_back(used: Used, earning: Earning) -> None:
    """An order that was cancelled was never made, so what it took of limits is free again."""
    for slot, amount in earning.taken:
        left = used.pop(slot, 0) - amount
        if left > 0:
            used[slot] = left


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a condition can ask about: the item, and the customer just before it."""

    item: Item
    policy: Policy
    tier: Callable[[], str]
    bought: Callable[[], Purchases]


def _of_member(name: str, asked: _Asked) -> Any:
    return members.value(asked.item.inputs, name)


VALUES: Mapping[str, Callable[[_Asked], Any]] = {
    "tier": lambda asked: asked.tier(),
    "store": lambda asked: None if asked.item.store is None else str(asked.item.store),
    "weekday": lambda asked: asked.item.day.isoweekday(),
    "day_of_month": lambda asked: asked.item.day.day,
    "month": lambda asked: asked.item.day.month,
    "hour": lambda asked: asked.item.at.astimezone(asked.policy.zone).hour,
    "orders_before": lambda asked: asked.bought().orders,
    "days_since_last": lambda asked: _days_since(asked.bought().last_at, asked.item.at),
    "paid": lambda asked: asked.item.paid,
    "base": lambda asked: asked.item.amount,
    "channel": lambda asked: asked.item.channel,
    "products": lambda asked: {sku for _, sku, _, _ in asked.item.goods if sku},
    "pieces": lambda asked: float(sum(_quantity(quantity) for _, _, quantity, _ in asked.item.goods)),
    "first_order": lambda asked: asked.bought().orders == 0,
    **{name: partial(_of_member, name) for name in sorted(members.OF_MEMBERS)},
}
"""How each condition field gets its value."""
OF_ORDERS = frozenset({"paid", "base", "channel", "products", "pieces", "first_order"})
"""Fields that are missing for any other event."""


def _days_since(last: datetime | None, at: datetime) -> int | None:
    return None if last is None else (at - last).days


def _quantity(told: int | str) -> int | Fraction:
    """Bodies keep a whole quantity as a number and any other as text, such as 1.5."""
    return told if isinstance(told, int) else Fraction(told)

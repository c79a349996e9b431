"""What an order or event earns: the base, then each rule in its turn, each within its limits, all within the caps.

Amounts are added up exactly and rounded once, as the version says (down unless it says otherwise): the base is
spend / money for one point, rounded, and what a rule gives is how far the whole sum, rounded, rises. Two rules that
give half a point each therefore give one together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from regulars.core.money import share_out
from regulars.loyalty.earning.rounding import Rounding
from regulars.loyalty.earning.rules import (
    Award,
    Deal,
    Earning,
    EarningRule,
    Earns,
    Limit,
    Own,
    Period,
    Shares,
    Slot,
    Used,
)

Asked = Callable[[], Mapping[str, Any]]
"""The values of the condition fields; asked only if a rule with a condition is looked at."""


NONE: Mapping[str, Sequence[Limit]] = MappingProxyType({})
NOT_COUNTED = (Period.ORDER, Period.BUDGET)
"""Limits for which nothing is remembered of a member."""


def award(
    *,
    deals: Mapping[str, Deal],
    rules: Sequence[EarningRule],
    caps: Sequence[Limit],
    asked: Asked,
    tier: Callable[[], str],
    day: date,
    used: Used,
    amounts: Sequence[int] = (),
    shares: Shares | None = None,
    rounding: Rounding = Rounding.DOWN,
    own: Mapping[str, Sequence[Limit]] = NONE,
) -> Earning:
    """What one item earns, and its trace; `used` grows by what it takes of each limit.

    Args:
        deals: For each currency what it counts from; a base of 0 for an event.
        rules: Those of the version for this kind of item, in their order.
        caps: The most points of one member in a period, over all rules.
        tier: Tells the code of the tier that the member has before this item.
        amounts: The order's lines in minor units, by which the base is divided.
        shares: What this item was given of budgets; of one that is not decided it gets all that it wishes.
        own: The programme's own currencies by code, each with its caps.
    """
    exact = {earns: (deal.base, deal.minor_per_one) if deal.minor_per_one else (0, 1) for earns, deal in deals.items()}
    lift = rounding.lift
    reached = {earns: (over + lift(under)) // under for earns, (over, under) in exact.items()}
    general = dict(reached)
    by_line: dict[str, list[int]] = {}
    earning = Earning(awards=[Award("", earns, whole, whole) for earns, whole in general.items() if whole])
    for rule in _that_apply(rules, asked, day):
        deal = deals[rule.earns]
        over, under = exact[rule.earns]
        more, parts_of = rule.effect.worth(deal)
        same = under == parts_of
        over, under = (over + more, under) if same else (over * parts_of + more * under, under * parts_of)
        exact[rule.earns] = over, under
        whole = (over + lift(under)) // under
        wished, reached[rule.earns] = whole - reached[rule.earns], whole
        if not wished:
            continue
        given, cut_by = wished, None
        if rule.limits:
            given, cut_by = _within(rule.code, rule.limits, tier, day, wished, used, earning.taken, shares)
        earning.awards.append(Award(rule.code, rule.earns, wished, given, cut_by))
        parts = rule.effect.by_line(deal)
        if parts is None or not any(parts):
            general[rule.earns] += given
        else:
            shared = by_line.setdefault(rule.earns, [0] * len(parts))
            for place, part in enumerate(share_out(given, parts)):
                shared[place] += part
    points = general.get(Earns.POINTS, 0) + sum(by_line.get(Earns.POINTS, ()))
    left, cut_by = _within("", caps, tier, day, points, used, earning.taken)
    if left < points:
        earning.awards.append(Award("", Earns.POINTS, points, left, cut_by))
    earning.points = left
    earning.growth = general.get(Earns.GROWTH, 0) + sum(by_line.get(Earns.GROWTH, ()))
    earning.line_points = _lines(general.get(Earns.POINTS, 0), by_line.get(Earns.POINTS), amounts, left)
    earning.line_growth = _lines(general.get(Earns.GROWTH, 0), by_line.get(Earns.GROWTH), amounts, earning.growth)
    for code, most in own.items():
        if whole := general.get(code, 0) + sum(by_line.get(code, ())):
            left, cut_by = _within(f"#{code}#", most, tier, day, whole, used, earning.taken)
            if left < whole:
                earning.awards.append(Award("", code, whole, left, cut_by))
            if left:
                earning.own[code] = Own(left, _lines(general.get(code, 0), by_line.get(code), amounts, left))
    return earning


def _that_apply(rules: Sequence[EarningRule], asked: Asked, day: date) -> Iterator[EarningRule]:
    """The rules that count: one of each group, none after one that stands alone."""
    groups: set[str] = set()
    values: Mapping[str, Any] | None = None
    for rule in rules:
        if rule.group in groups or not rule.holds_on(day):
            continue
        if rule.applies is not None:
            values = asked() if values is None else values
            if not rule.applies(values):
                continue
        if rule.group:
            groups.add(rule.group)
        yield rule
        if rule.alone:
            return


def _within(
    code: str,
    limits: Sequence[Limit],
    tier: Callable[[], str],
    day: date,
    wished: int,
    used: Used,
    taken: list[tuple[Slot, int]],
    shares: Shares | None = None,
) -> tuple[int, Limit | None]:
    """What the limits leave of an amount, and the one that cut; both kinds of limits are then used up by it.

    Args:
        taken: Grows by what is used up of which limit.
    """
    given, cut_by = wished, None
    slots = [(f"{code}#" if limit.times else code, limit.period, limit.period.starts(day)) for limit in limits]
    for limit, slot in zip(limits, slots, strict=True):
        if limit.period is Period.BUDGET:
            room = given if shares is None else shares.get(code, given)
        else:
            had = used.get(slot, 0) if limit.period is not Period.ORDER else 0
            room = max(0, (limit.ceiling(tier()) if limit.by_tier else limit.most) - had)
        left = (given if room else 0) if limit.times else min(given, room)
        if left < given:
            given, cut_by = left, limit
    if given:
        for limit, slot in zip(limits, slots, strict=True):
            if limit.period not in NOT_COUNTED:
                amount = 1 if limit.times else given
                used[slot] = used.get(slot, 0) + amount
                taken.append((slot, amount))
    return given, cut_by


def _lines(general: int, own: list[int] | None, amounts: Sequence[int], total: int) -> list[int] | None:
    """What each line earned; None where that is in proportion to its amount."""
    if own is None or len(own) != len(amounts):
        return None
    whole = [part + more for part, more in zip(share_out(general, list(amounts)), own, strict=True)]
    return whole if sum(whole) == total else share_out(total, whole)

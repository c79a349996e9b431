"""Reading the earning rules of a version's terms, checked; whoever wrote them."""

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.core.conditions import Field, InvalidCondition, comparisons, read
from regulars.loyalty.earning import EARNING_RULES, taking
from regulars.loyalty.earning.fields import as_agreed
from regulars.loyalty.earning.members import OF_MEMBERS, SEGMENTS
from regulars.loyalty.earning.rules import EarningRule, Earns, InvalidRule, Limit, Period

MOST_RULES = 50
MOST_LIMITS = 6
ORDER = "order"
FOR_ANY_EVENT = ("fixed", "coupon", "badge")
"""Kinds of rules that need no amount to count from."""
KEYS = {
    "code", "names", "on", "if", "then", "earns", "limits", "starts", "ends", "priority", "group", "alone",
}  # fmt: skip
FOR_EVENTS = OF_MEMBERS | {
    "weekday", "day_of_month", "month", "hour", "tier", "store", "orders_before", "days_since_last"
}  # fmt: skip
"""What an event other than an order can be asked."""


def rules(
    told: Any, *, tiers: Sequence[str], fields: Mapping[str, Field] | None = None, currencies: Sequence[str] = ()
) -> tuple[EarningRule, ...]:
    """The rules in the order in which they are looked at: priority from high to low, then by code.

    Args:
        tiers: Codes of the version's tiers.
        fields: With the choices that exist now, where somebody writes; None for terms that were agreed before.
        currencies: Codes of the version's own currencies.
    Raises:
        InvalidRule: A rule cannot be read; the context names it.
    """
    if not isinstance(told, list | tuple) or len(told) > MOST_RULES:
        raise InvalidRule(f"Earning rules are a list of at most {MOST_RULES}.")
    found: list[EarningRule] = []
    for place, one in enumerate(told):
        try:
            rule = _rule(one, tiers, fields, currencies)
        except (InvalidRule, InvalidCondition) as error:
            name = str(one.get("code") or place + 1)[:60] if isinstance(one, Mapping) else str(place + 1)
            raise InvalidRule(f"Earning rule {name}: {error}", **{**error.context, "rule": name}) from error
        if any(rule.code == other.code for other in found):
            raise InvalidRule(f"Two earning rules are called {rule.code}.", rule=rule.code)
        found.append(rule)
    return tuple(sorted(found, key=lambda rule: (-rule.priority, rule.code)))


def caps(told: Any, *, tiers: Sequence[str]) -> tuple[Limit, ...]:
    """What one member can earn in all in a period, by tier 权益获取上限.

    Raises:
        InvalidRule: A cap cannot be read.
    """
    found = _limits(told, tiers)
    if any(limit.times for limit in found):
        raise InvalidRule("The programme's caps count points, not times.", field="caps")
    if any(limit.period is Period.BUDGET for limit in found):
        raise InvalidRule("A budget belongs to one rule; the programme's caps are for one member.", field="caps")
    return found


def _rule(
    told: Any, tiers: Sequence[str], fields: Mapping[str, Field] | None, currencies: Sequence[str]
) -> EarningRule:
    if not isinstance(told, Mapping) or not set(told) <= KEYS:
        raise InvalidRule(f"A rule is an object with {', '.join(sorted(KEYS))}.")
    code, on = taking.text(told, "code"), taking.text(told, "on", longest=100) or ORDER
    if not code or "#" in code or not code.isprintable():
        raise InvalidRule("A rule has a code of its own, without #.", field="code")
    names, then = told.get("names", {}), told.get("then")
    if not isinstance(names, Mapping) or not all(isinstance(one, str) for one in names.values()):
        raise InvalidRule("names holds the name in zh and en.", field="names")
    if not isinstance(then, Mapping) or then.get("kind") not in EARNING_RULES:
        raise InvalidRule(f"then needs a kind: {', '.join(EARNING_RULES)}.", field="then")
    earns = _earns(told, then["kind"], currencies)
    if on != ORDER and then["kind"] not in FOR_ANY_EVENT:
        raise InvalidRule("Only an order has an amount to count from; an event earns a fixed amount.", field="then")
    if type(told.get("alone", False)) is not bool:
        raise InvalidRule("alone is yes or no.", field="alone")
    condition = told.get("if", {"all": []})
    tree = read(condition, fields or as_agreed(condition))
    rule = EarningRule(
        code=code,
        names={str(language): name for language, name in names.items()},
        on=on,
        effect=EARNING_RULES[then["kind"]](then),
        earns=earns,
        condition=tree,
        limits=_limits(told.get("limits", ()), tiers),
        starts=taking.day(told, "starts"),
        ends=taking.day(told, "ends"),
        priority=taking.whole(told, "priority", least=-1000, most=1000) if "priority" in told else 0,
        group=taking.text(told, "group"),
        alone=told.get("alone", False),
    )
    _check(rule, tiers)
    return rule


def _earns(told: Mapping[str, Any], kind: str, currencies: Sequence[str]) -> str:
    # What a coupon or a badge is no rule of another kind gives, and it gives nothing else.
    itself = (Earns.COUPON, Earns.BADGE)
    earns = told.get("earns", kind if kind in itself else Earns.POINTS.value)
    if earns not in [*Earns, *currencies] or ((kind in itself or earns in itself) and earns != kind):
        why = "A rule earns points, growth or a currency of this version; one of coupons or badges earns just these."
        raise InvalidRule(why, field="earns")
    if earns in currencies and kind == "multiply":
        raise InvalidRule(f"Nothing of {earns} comes without a rule, so there is nothing to multiply.", field="then")
    return Earns(earns) if earns in list(Earns) else str(earns)


def _check(rule: EarningRule, tiers: Sequence[str]) -> None:
    if rule.starts and rule.ends and rule.ends < rule.starts:
        raise InvalidRule("It ends before it starts.", field="ends")
    for leaf in comparisons(rule.condition):
        if rule.on != ORDER and leaf.field not in FOR_EVENTS:
            raise InvalidRule(f"An event cannot be asked about {leaf.field}.", field="if")
        if leaf.field == "tier" and isinstance(leaf.value, tuple) and not set(leaf.value) <= set(tiers):
            raise InvalidRule("It asks about a tier that this version does not have.", field="if")
        if leaf.field == SEGMENTS and isinstance(leaf.value, tuple) and not all(map(_is_id, leaf.value)):
            raise InvalidRule("Segments are named by their numbers.", field="if")


def _is_id(told: object) -> bool:
    return isinstance(told, str) and told.isascii() and told.isdigit() and 0 < int(told) < 2**62


def _limits(told: Any, tiers: Sequence[str]) -> tuple[Limit, ...]:
    if not isinstance(told, list | tuple) or len(told) > MOST_LIMITS:
        raise InvalidRule(f"Limits are a list of at most {MOST_LIMITS}.", field="limits")
    found: list[Limit] = []
    for one in told:
        if not isinstance(one, Mapping) or one.get("period") not in list(Period):
            raise InvalidRule(f"A limit has a period: {', '.join(Period)}.", field="limits")
        counts, by_tier = one.get("counts", "amount"), one.get("by_tier", {})
        if counts not in ("amount", "times"):
            raise InvalidRule("A limit counts the amount or the times.", field="limits")
        if not isinstance(by_tier, Mapping) or not set(by_tier) <= set(tiers):
            raise InvalidRule("A limit by tier names tiers of this version.", field="limits")
        ceilings = {tier: taking.whole(by_tier, tier, least=0, most=taking.LARGEST) for tier in by_tier}
        most = taking.whole(one, "most", least=0, most=taking.LARGEST)
        limit = Limit(Period(one["period"]), most, counts == "times", ceilings)
        if any((limit.period, limit.times) == (other.period, other.times) for other in found):
            raise InvalidRule("A rule has one limit for a period.", field="limits")
        found.append(limit)
    budgets = [limit for limit in found if limit.period is Period.BUDGET]
    if len(budgets) > 1 or any(limit.by_tier for limit in budgets):
        raise InvalidRule("A rule has one budget, for members of all tiers together.", field="limits")
    # What is taken of a budget is what a member's own limits have left.
    return tuple(limit for limit in found if limit.period is not Period.BUDGET) + tuple(budgets)

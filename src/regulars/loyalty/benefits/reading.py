"""Reading the benefits of a version's terms, checked; whoever wrote them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from regulars.core.conditions import Field, InvalidCondition, comparisons, read
from regulars.loyalty.benefits.kinds import BENEFIT_KINDS, OWN
from regulars.loyalty.benefits.kinds.points import Points
from regulars.loyalty.benefits.rules import (
    BIRTHDAY,
    Benefit,
    Effect,
    InvalidBenefit,
    Quota,
    QuotaPeriod,
    Told,
)
from regulars.loyalty.earning import taking
from regulars.loyalty.earning.fields import as_agreed
from regulars.loyalty.earning.rules import InvalidRule

MOST_BENEFITS: Final = 50
MOST_TIMES: Final = 10_000
KEYS: Final = frozenset({"code", "names", "tiers", "kind", "quota", "if", "starts", "ends", "alone"})
FIELDS: Final = ("paid", "channel", "store", "weekday", "day_of_month", "month", "hour", "tier")
"""What a benefit's condition can ask about: of the fields of earning rules those that a bill can answer."""


def benefits(
    told: Any, *, tiers: Sequence[str], rules: Sequence[str], fields: Mapping[str, Field] | None = None
) -> tuple[Benefit, ...]:
    """The benefits in the order in which they are shown.

    Args:
        tiers: Codes of the version's tiers.
        rules: Codes of the version's earning rules.
        fields: With the choices that exist now, where somebody writes; None for terms that were agreed before.
    Raises:
        InvalidBenefit: A benefit cannot be read; the context names it.
    """
    if not isinstance(told, list | tuple) or len(told) > MOST_BENEFITS:
        raise InvalidBenefit(f"Benefits are a list of at most {MOST_BENEFITS}.")
    found: list[Benefit] = []
    for place, one in enumerate(told):
        try:
            benefit = _benefit(one, tiers, rules, fields)
        except (InvalidBenefit, InvalidRule, InvalidCondition) as error:
            name = str(one.get("code") or place + 1)[:60] if isinstance(one, Mapping) else str(place + 1)
            raise InvalidBenefit(f"Benefit {name}: {error}", **{**error.context, "benefit": name}) from error
        if any(benefit.code == other.code for other in found):
            raise InvalidBenefit(f"Two benefits are called {benefit.code}.", benefit=benefit.code)
        found.append(benefit)
    return tuple(found)


def _benefit(
    told: Any, tiers: Sequence[str], rules: Sequence[str], fields: Mapping[str, Field] | None
) -> Benefit:  # fmt: skip
    if not isinstance(told, Mapping) or told.get("kind") not in BENEFIT_KINDS:
        raise InvalidBenefit(f"A benefit has a kind: {', '.join(BENEFIT_KINDS)}.", field="kind")
    kind = told["kind"]
    if unknown := sorted(set(told) - KEYS - OWN[kind]):
        raise InvalidBenefit(f"A benefit of this kind says nothing of {', '.join(map(str, unknown))}.", field="kind")
    code = taking.text(told, "code")
    if not code or not code.isprintable():
        raise InvalidBenefit("A benefit has a code of its own.", field="code")
    names = told.get("names", {})
    if not isinstance(names, Mapping) or not all(isinstance(one, str) for one in names.values()):
        raise InvalidBenefit("names holds the name in zh and en.", field="names")
    if type(told.get("alone", False)) is not bool:
        raise InvalidBenefit("alone is yes or no.", field="alone")
    condition = told.get("if", {"all": []})
    benefit = Benefit(
        code=code,
        names={str(language): name for language, name in names.items()},
        effect=_effect(told, rules),
        tiers=_tiers(told, tiers),
        quota=_quota(told.get("quota"), tiers),
        starts=taking.day(told, "starts"),
        ends=taking.day(told, "ends"),
        condition=read(condition, fields or as_agreed(condition)),
        alone=told.get("alone", False),
    )
    _check(benefit, tiers)
    return benefit


def _effect(told: Told, rules: Sequence[str]) -> Effect:
    effect = BENEFIT_KINDS[told["kind"]](told)
    if isinstance(effect, Points) and effect.rule not in rules:
        raise InvalidBenefit(f"There is no earning rule {effect.rule} in this version.", field="rule")
    return effect


def _check(benefit: Benefit, tiers: Sequence[str]) -> None:
    if benefit.starts and benefit.ends and benefit.ends < benefit.starts:
        raise InvalidBenefit("It ends before it starts.", field="ends")
    if benefit.quota and benefit.kind == BIRTHDAY:
        raise InvalidBenefit("A birthday benefit is once a year by itself; leave its quota out.", field="quota")
    if benefit.quota and not benefit.effect.is_used:
        raise InvalidBenefit("It holds by itself, so there is nothing to count; leave its quota out.", field="quota")
    for leaf in comparisons(benefit.condition):
        if leaf.field not in FIELDS:
            raise InvalidBenefit(f"A benefit cannot be asked about {leaf.field}.", field="if")
        if leaf.field == "tier" and isinstance(leaf.value, tuple) and not set(leaf.value) <= set(tiers):
            raise InvalidBenefit("It asks about a tier that this version does not have.", field="if")


def _tiers(told: Told, tiers: Sequence[str]) -> tuple[str, ...]:
    named = told.get("tiers", ())
    if not isinstance(named, list | tuple) or not all(isinstance(one, str) for one in named):
        raise InvalidBenefit("tiers is a list of tiers; an empty one means all.", field="tiers")
    if not set(named) <= set(tiers):
        raise InvalidBenefit("It names a tier that this version does not have.", field="tiers")
    # In the order of the version, so that the same tiers are the same terms.
    return tuple(one for one in tiers if one in named)


def _quota(told: Any, tiers: Sequence[str]) -> Quota | None:
    if told is None:
        return None
    if not isinstance(told, Mapping) or not set(told) <= {"period", "times", "by_tier"}:
        raise InvalidBenefit("A quota has a period, times, and other times by_tier.", field="quota")
    if told.get("period") not in list(QuotaPeriod):
        raise InvalidBenefit(f"A quota has a period: {', '.join(QuotaPeriod)}.", field="quota")
    by_tier = told.get("by_tier", {})
    if not isinstance(by_tier, Mapping) or not set(by_tier) <= set(tiers):
        raise InvalidBenefit("A quota by tier names tiers of this version.", field="quota")
    others = {tier: taking.whole(by_tier, tier, least=0, most=MOST_TIMES) for tier in by_tier}
    return Quota(QuotaPeriod(told["period"]), taking.whole(told, "times", least=0, most=MOST_TIMES), others)

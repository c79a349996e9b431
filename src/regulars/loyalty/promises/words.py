"""What a version of the programme promises, in sentences; and what two versions say differently."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from regulars.core.money import minor_digits
from regulars.loyalty import growth_words
from regulars.loyalty.currencies import codes_of, counted_of
from regulars.loyalty.earning import reading, rounding
from regulars.loyalty.earning.rules import EarningRule, Earns
from regulars.loyalty.earning.taking import COUNTED
from regulars.loyalty.earning.words import limit_said, said
from regulars.loyalty.earning.words import name_of as rule_name
from regulars.loyalty.promises import badges, checkout, currencies, keeping
from regulars.loyalty.promises import benefits as benefit_words
from regulars.loyalty.promises.benefits import BenefitWords
from regulars.loyalty.promises.speech import Speech, colon, language, name_of
from regulars.loyalty.rules import FROM_SPEND


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule as its reader sees it: name, the sentence that says all of it, and what its budget has given so far."""

    code: str
    name: str
    sentence: str
    given: str = ""


def sentences(terms: Mapping[str, Any], speech: Speech) -> list[str]:
    """What the terms promise but for rules and tiers: points, their end, caps, growth, and how tiers are kept."""
    return [
        _per_point(terms["minor_per_point"], speech),
        *_rounded(terms),
        _waiting("store", terms),
        _waiting("online", terms),
        _expiry(terms),
        *caps(terms),
        *(f"{one.name}{colon()}{one.sentence}" for one in currencies.currencies(terms, tier_names(terms))),
        _per_growth(terms, speech),
        *keeping.sentences(terms),
        *checkout.sentences(terms),
        *badges.sentences(terms),
    ]


def tiers(terms: Mapping[str, Any]) -> list[str]:
    """Each tier in a sentence, lowest first."""
    return [
        growth_words.reaches_said(name_of(tier["names"]), tier["threshold"], growth_from(terms), language())
        for tier in terms["tiers"]
    ]


def caps(terms: Mapping[str, Any]) -> list[str]:
    """The most points that a member earns in a period, all rules together."""
    codes = [tier["code"] for tier in terms["tiers"]]
    found = (
        limit_said(limit, COUNTED[Earns.POINTS], language(), tiers=tier_names(terms))
        for limit in reading.caps(terms.get("caps", ()), tiers=codes)
    )
    return [gettext("In all: %(limit)s.") % {"limit": one} for one in found]


def tier_names(terms: Mapping[str, Any]) -> dict[str, str]:
    """What tiers are called, by code."""
    return {tier["code"]: name_of(tier["names"]) for tier in terms["tiers"]}


def rules(terms: Mapping[str, Any], speech: Speech, used: Mapping[str, int] | None = None) -> list[RuleWords]:
    """The rules in the order in which they are looked at.

    Args:
        used: What the budgets of live rules have given, by rule code; None where nothing is live.
    """
    codes = [tier["code"] for tier in terms["tiers"]]
    read = reading.rules(terms.get("rules", ()), tiers=codes, currencies=codes_of(terms))
    return [
        RuleWords(
            rule.code,
            rule_name(rule.names, rule.code, language()),
            _rule(rule, terms, speech),
            "" if used is None else _given(rule, used),
        )
        for rule in read
    ]


def benefits(terms: Mapping[str, Any], speech: Speech) -> list[BenefitWords]:
    """What tiers have besides points; those that earning rules give are said as the rules are."""
    if not terms.get("benefits"):
        return []
    told = {rule.code: rule.sentence for rule in rules(terms, speech)}
    return benefit_words.benefits(terms, speech, rules=told)


def _given(rule: EarningRule, used: Mapping[str, int]) -> str:
    """How far a rule's budget is used up."""
    if rule.budget is None:
        return ""
    given = used.get(rule.code, 0)
    if given >= rule.budget.most:
        return gettext("All of its budget is given: %(most)s.") % {"most": f"{rule.budget.most:,}"}
    return gettext("Given so far: %(given)s of %(most)s.") % {"given": f"{given:,}", "most": f"{rule.budget.most:,}"}


def _rule(rule: EarningRule, terms: Mapping[str, Any], speech: Speech) -> str:
    sentence = said(
        rule, language(), money=speech.short_money, tiers=tier_names(terms), fields=speech.fields,
        products=speech.products(terms, language()), currencies=counted_of(terms), written=speech.written,
    )  # fmt: skip
    if rule.earns is Earns.GROWTH:
        sentence = growth_words.renamed(sentence, growth_from(terms), language())
    more = []
    if rule.group:
        more.append(gettext("Of the group “%(group)s” only the first that applies counts.") % {"group": rule.group})
    if rule.alone:
        more.append(gettext("Where it applies, no rule after it does."))
    return ("" if language() == "zh" else " ").join([sentence, *more])


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence that only the later terms say, or only the earlier ones."""

    is_new: bool
    sentence: str


def differences(earlier: Mapping[str, Any], later: Mapping[str, Any], speech: Speech) -> list[Difference]:
    """What two terms say differently, what went first."""
    before, after = (everything(terms, speech) for terms in (earlier, later))
    gone = [Difference(False, one) for one in before if one not in after]
    return [*gone, *(Difference(True, one) for one in after if one not in before)]


def everything(terms: Mapping[str, Any], speech: Speech) -> list[str]:
    """All that terms promise, a sentence each."""
    zone = terms.get("time_zone")
    return [
        *sentences(terms, speech),
        *tiers(terms),
        *(f"{rule.name}{colon()}{rule.sentence}" for rule in rules(terms, speech)),
        *(f"{one.name}{colon()}{one.sentence}" for one in benefits(terms, speech)),
        *([gettext("Days begin by the clock of %(zone)s.") % {"zone": zone}] if zone else []),
    ]


def examples(terms: Mapping[str, Any], speech: Speech) -> list[str]:
    """What the base comes to for an order, and what each tier takes."""
    spend = usual_spend(speech.currency)
    found = []
    if unit := terms["minor_per_point"]:
        points = rounding.read(terms.get("rounding", "down")).whole(spend, unit)
        text = ngettext(
            "An order of %(money)s earns %(points)s point.", "An order of %(money)s earns %(points)s points.", points
        )
        found.append(text % {"money": speech.short_money(spend), "points": f"{points:,}"})
    if keeping.is_plain(terms) and (terms["minor_per_growth"] or growth_from(terms) not in FROM_SPEND):
        found += [_takes(tier, terms, speech) for tier in terms["tiers"][1:]]
    return found


def usual_spend(currency: str) -> int:
    """An order as examples have it, in minor units: 120 of most currencies."""
    digits = minor_digits(currency)
    return int((120 if digits else 12_000) * 10**digits)


def _takes(tier: Mapping[str, Any], terms: Mapping[str, Any], speech: Speech) -> str:
    months, source = terms["window_months"], growth_from(terms)
    if said := growth_words.who_said(name_of(tier["names"]), tier["threshold"], months, source, language()):
        return said
    text = ngettext(
        "Who spends %(money)s within %(n)d month is %(tier)s.",
        "Who spends %(money)s within %(n)d months is %(tier)s.",
        terms["window_months"],
    )
    needed = speech.short_money(tier["threshold"] * terms["minor_per_growth"])
    return text % {"money": needed, "n": terms["window_months"], "tier": name_of(tier["names"])}


def _per_point(minor: int, speech: Speech) -> str:
    if not minor:
        return gettext("Spending earns no points by itself, only by rules.")
    return gettext("Every %(money)s paid earns 1 point.") % {"money": speech.short_money(minor)}


def _rounded(terms: Mapping[str, Any]) -> list[str]:
    """How what an order earns is rounded, unless that is down, as everybody expects."""
    match terms.get("rounding", "down"):
        case "nearest":
            return [gettext("What an order earns is rounded to the nearest whole point: a half counts as one.")]
        case "up":
            return [gettext("What an order earns is rounded up: what is left over counts as a whole point.")]
    return []


def growth_from(terms: Mapping[str, Any]) -> str:
    """What growth counts under these terms."""
    return str(terms.get("growth_from", growth_words.SPEND))


def growth_name(terms: Mapping[str, Any]) -> str:
    """What growth is called under these terms."""
    return growth_words.growth_name(growth_from(terms)).said(language())


def _per_growth(terms: Mapping[str, Any], speech: Speech) -> str:
    minor = terms["minor_per_growth"]
    return growth_words.base_said(growth_from(terms), speech.short_money(minor) if minor else "", language())


def _waiting(channel: str, terms: Mapping[str, Any]) -> str:
    days = terms["pending_days"].get(channel, 0)
    if channel == "store":
        if not days:
            return gettext("Points from a shop can be spent at once.")
        text = ngettext(
            "Points from a shop can be spent after %(n)d day.",
            "Points from a shop can be spent after %(n)d days.",
            days,
        )
    else:
        if not days:
            return gettext("Points from orders online can be spent at once.")
        text = ngettext(
            "Points from orders online can be spent after %(n)d day.",
            "Points from orders online can be spent after %(n)d days.",
            days,
        )
    return text % {"n": days}


def _expiry(terms: Mapping[str, Any]) -> str:
    if terms["expiry"] == "never":
        return gettext("Points do not expire.")
    if terms["expiry"] == "rolling":
        months = terms.get("expiry_months", 24)
        text = ngettext(
            "Points expire %(n)d month after the day on which they were earned.",
            "Points expire %(n)d months after the day on which they were earned.",
            months,
        )
        return text % {"n": months}
    return gettext("Points expire at the end of the year after the one in which they were earned.")

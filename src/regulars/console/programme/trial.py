"""An order that somebody makes up: what it would earn under a draft, and why. The answer is the fold's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console import reader
from regulars.console.programme.form import LARGEST_MAJOR
from regulars.console.programme.words import name_of, short_money, usual_spend
from regulars.core.conditions import Field
from regulars.core.money import InvalidAmount, to_major, to_minor
from regulars.loyalty import growth_words
from regulars.loyalty.earning.badge import GivesBadge
from regulars.loyalty.earning.members import Member, Wanted, asked_of
from regulars.loyalty.earning.reading import ORDER
from regulars.loyalty.earning.rounding import aside
from regulars.loyalty.earning.rules import Earning, Earns
from regulars.loyalty.previews import Sample, earned_by
from regulars.loyalty.reasons_of_earning import by_rules
from regulars.loyalty.rules import Policy
from regulars.loyalty.wording import Wording

HOURS = [(str(hour), f"{hour}:00") for hour in range(24)]
NOON = 12
MEMBER_DAYS = 400
HALF_A_YEAR = 182
LOOKED_AT = (NOON, 15, 19)
LOOKED_AHEAD = 31
UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Trial:
    """What a made-up order earns: in one sentence, and a sentence for each thing that gave or cut something."""

    headline: str
    reasons: list[str]


class TrialForm(forms.Form):
    """The order, when and where it is made, and by whom."""

    amount = forms.DecimalField(label=_("Paid"), min_value=0, max_value=LARGEST_MAJOR)
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    hour = forms.ChoiceField(label=_("Hour"), choices=HOURS)
    channel = forms.ChoiceField(label=_("Channel"), choices=[("store", _("in a shop")), ("online", _("online"))])
    store = forms.ChoiceField(label=_("Store"), required=False)
    product = forms.ChoiceField(label=_("Product"), required=False)
    segment = forms.ChoiceField(label=_("In segment"), required=False)
    member_days = forms.IntegerField(label=_("Days since joining"), required=False, min_value=0, max_value=36_500)
    language = forms.ChoiceField(label=_("Language"), required=False)
    birthday = forms.BooleanField(label=_("It is the member's birthday"), required=False)
    first_order = forms.BooleanField(label=_("It is the customer's first order"), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None, *, terms: Mapping[str, Any], fields: Mapping[str, Field], currency: str,
        today: date,
    ) -> None:  # fmt: skip
        middle = terms["tiers"][len(terms["tiers"]) // 2]["code"]
        start = {
            "amount": f"{to_major(usual_spend(currency), currency):.0f}", "tier": middle, "channel": "store",
            "segment": next((str(one) for one in sorted(asked_of([terms]))), ""), "member_days": MEMBER_DAYS,
            **_telling(terms, middle, today, currency),
        }  # fmt: skip
        super().__init__(data, initial=start, auto_id="trial_%s")
        self.terms, self.currency = terms, currency
        self._choose("tier", [(tier["code"], name_of(tier["names"])) for tier in terms["tiers"]])
        language = reader.language()
        for name, known in (("store", "store"), ("product", "products")):
            choices = [(str(one.value), one.label.said(language)) for one in fields[known].choices]
            self._choose(name, [("", gettext("any")), *choices])
        self.asked = Policy.from_terms(0, dict(terms), UTC).inputs.get(ORDER, Wanted(frozenset(), frozenset()))
        for name, known in (("segment", "segments"), ("language", "language")):
            choices = [(str(one.value), one.label.said(language)) for one in fields[known].choices]
            self._choose(name, [("", gettext("none")), *choices])
        self.fields["amount"].widget.attrs.update({"step": "any", "inputmode": "decimal"})

    @property
    def has_stores(self) -> bool:
        """Whether there is a store to choose."""
        return self._has("store")

    @property
    def has_products(self) -> bool:
        """Whether there is a product to choose."""
        return self._has("product")

    @property
    def of_member(self) -> list[forms.BoundField]:
        """What the terms' rules ask about the member."""
        wanted = {
            "segment": bool(self.asked.segments),
            "member_days": bool(self.asked.fields & {"member_days", "join_anniversary"}),
            "language": "language" in self.asked.fields,
        }
        return [self[name] for name, is_asked in wanted.items() if is_asked]

    @property
    def asks_birthday(self) -> bool:
        """Whether they ask about birthdays."""
        return bool(self.asked.fields & {"birthday", "birthday_month"})

    def _has(self, name: str) -> bool:
        return len(list(cast("list[tuple[str, str]]", cast("forms.ChoiceField", self.fields[name]).choices))) > 1

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def clean_amount(self) -> int:
        """In minor units."""
        value: Decimal = self.cleaned_data["amount"]
        try:
            return to_minor(value, self.currency)
        except InvalidAmount as error:
            raise forms.ValidationError(gettext("This has more decimals than the currency.")) from error

    def tried(self, zone: ZoneInfo) -> Trial:
        """What it earns; for valid fields, or, where nobody has typed yet, for those that it begins with."""
        told = self.cleaned_data if self.is_bound else {**self.initial, "amount": usual_spend(self.currency)}
        policy = Policy.from_terms(0, dict(self.terms), zone)
        amount, product, store = told["amount"], told.get("product"), told.get("store")
        sample = Sample(
            amount=amount,
            tier=told["tier"],
            at=datetime.combine(told["day"], time(int(told["hour"])), zone),
            channel=told["channel"],
            store=int(store) if store else None,
            goods=((product, 1, amount),) if product else (),
            orders_before=0 if told.get("first_order") else 1,
            member=_member(told),
        )
        return self._said(sample, earned_by(sample, policy), policy, told["day"])

    def _said(self, sample: Sample, earning: Earning, policy: Policy, day: date) -> Trial:
        wording = Wording(reader.language(), self.currency, policy.zone)
        tier = next((tier.names for tier in policy.tiers if tier.code == sample.tier), policy.tiers[0].names)
        headline = gettext(
            "An order of %(money)s by a %(tier)s member on %(weekday)s, %(day)s, at %(hour)s:00 earns %(points)s, "
            "because:"
        ) % {
            "money": short_money(sample.amount, self.currency), "tier": name_of(tier),
            "weekday": date_format(day, "l"), "day": wording.day(day), "hour": sample.at.hour,
            "points": wording.points(earning.points),
        }  # fmt: skip
        reasons = [*_base(sample, policy, wording), *by_rules(earning, Earns.POINTS, policy, wording)]
        if not reasons:
            reasons = [gettext("Nothing in these terms gives points for it.")]
        for code, own in earning.own.items():
            reasons += by_rules(earning, code, policy, wording)
            counted = policy.counted[code].of(own.amount).said(wording.language)
            reasons.append(gettext("It adds %(counted)s.") % {"counted": counted})
        if earning.growth:
            more = growth_words.counted(earning.growth, policy.growth_from, wording.language)
            reasons.append(gettext("It adds %(counted)s.") % {"counted": more})
        return Trial(headline, [*reasons, *_badges(earning, policy)])


def _badges(earning: Earning, policy: Policy) -> list[str]:
    """Which badges it gives."""
    given = {award.code for award in earning.awards if award.earns is Earns.BADGE and award.given}
    rules = (rule for rules in policy.earning.values() for rule in rules if rule.code in given)
    names = [policy.badges[rule.effect.badge].name for rule in rules if isinstance(rule.effect, GivesBadge)]
    return [gettext("It gives the badge “%(name)s”.") % {"name": reader.said(name)} for name in names]


def _member(told: Mapping[str, Any]) -> Member:
    """Who makes the order; one whose birthday it is not has it half a year later."""
    day: date = told["day"]
    days = told.get("member_days")
    return Member(
        joined_on=day - timedelta(days=MEMBER_DAYS if days is None else days),
        birthday=day if told.get("birthday") else day + timedelta(days=HALF_A_YEAR),
        language=told.get("language") or "",
        inside={int(told["segment"])} if told.get("segment") else (),
    )


def _telling(terms: Mapping[str, Any], tier: str, today: date, currency: str) -> dict[str, Any]:
    """The next day and hour at which rules give the most, so that the example begins with them at work."""
    when, policy = [(today, NOON)], Policy.from_terms(0, dict(terms), UTC)
    if terms.get("rules"):
        when = [(today + timedelta(days=days), hour) for days in range(LOOKED_AHEAD) for hour in LOOKED_AT]

    def points(at: tuple[date, int]) -> int:
        day, hour = at
        sample = Sample(usual_spend(currency), tier, datetime.combine(day, time(hour), UTC))
        return earned_by(sample, policy).points

    day, hour = max(when, key=points)  # the first of equals
    return {"day": day, "hour": str(hour)}


def _base(sample: Sample, policy: Policy, wording: Wording) -> list[str]:
    if not (unit := policy.minor_per_point):
        return []
    told = {
        "unit": wording.rate(unit), "rounded": aside(policy.rounding, wording.language),
        "total": wording.points(policy.rounding.whole(sample.amount, unit)),
    }  # fmt: skip
    return [gettext("%(unit)s = 1 point%(rounded)s, which makes %(total)s.") % told]

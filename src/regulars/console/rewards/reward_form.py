"""The form in which a reward's terms are written."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from regulars.console.coupons.offer_form import major
from regulars.console.typed import Mistakes, TypedForm, whole_number
from regulars.core.bilingual import Text
from regulars.core.money import InvalidAmount, to_minor
from regulars.loyalty.earning.rules import Period
from regulars.loyalty.rewards.refusals import InvalidReward
from regulars.loyalty.rewards.rules import LONGEST_CODE, PERIODS, Reward, RewardKind, Terms
from regulars.loyalty.rewards.terms import checked
from regulars.loyalty.rules import POINTS

LONGEST: Final = 400
LISTS: Final = ("tiers", "segments", "stores")


@dataclass(slots=True)
class Typed(TypedForm):
    """Every field of the form; amounts in major units, what is empty is not limited."""

    zh: str = ""
    en: str = ""
    about_zh: str = ""
    about_en: str = ""
    code: str = ""
    kind: str = "item"
    offer: str = ""
    points: str = ""
    currency: str = POINTS
    worth: str = ""
    stock: str = ""
    each_most: str = ""
    each_period: str = "ever"
    starts_on: str = ""
    ends_on: str = ""
    collect_days: str = "30"
    after: str = "0"
    tiers: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)


def read(post: QueryDict) -> Typed:
    """What a browser sent."""
    told = {name: str(post[name]) for name in post}
    typed = Typed().take(told, lambda _name, text: " ".join(text.split())[:LONGEST])
    for name in LISTS:
        setattr(typed, name, [one.replace("\x00", "") for one in post.getlist(name)])
    return typed


def of_reward(one: Reward, currency: str) -> Typed:
    """A reward as it stands."""
    terms = one.terms
    return Typed(
        zh=terms.name.zh, en=terms.name.en, about_zh=terms.description.zh, about_en=terms.description.en, code=one.code,
        kind=terms.kind, offer=_number(terms.offer_id), points=str(terms.points), currency=terms.currency,
        worth=major(terms.worth_minor, currency), stock=_number(terms.stock), each_most=_number(terms.each_most),
        each_period=terms.each_period, starts_on=str(terms.starts_on or ""), ends_on=str(terms.ends_on or ""),
        collect_days=_number(terms.collect_days), after=str(one.version), tiers=list(terms.tiers),
        segments=[str(one) for one in terms.segments], stores=list(terms.stores),
    )  # fmt: skip


def terms_of(typed: Typed, currency: str, priced_in: Collection[str] = (POINTS,)) -> Terms:
    """The terms that it comes to.

    Args:
        currency: Of money.
        priced_in: Codes of the currencies that it may cost.
    Raises:
        Mistakes: They cannot be so.
    """
    problems: dict[str, str] = {}
    is_coupon = typed.kind == RewardKind.COUPON
    if typed.currency not in priced_in:
        problems["points"] = problem("currency")
    found = Terms(
        name=Text(typed.zh, typed.en),
        kind=RewardKind.COUPON if is_coupon else RewardKind.ITEM,
        points=_whole(typed.points, "points", problems) or 0,
        currency=typed.currency,
        description=Text(typed.about_zh, typed.about_en),
        offer_id=_whole(typed.offer, "offer", problems) if is_coupon else None,
        worth_minor=_amount(typed.worth, "worth", currency, problems),
        stock=_whole(typed.stock, "stock", problems),
        each_most=_whole(typed.each_most, "each_most", problems),
        each_period=Period(typed.each_period) if typed.each_period in PERIODS else Period.EVER,
        tiers=tuple(typed.tiers),
        segments=tuple(int(one) for one in typed.segments if whole_number(one) is not None),
        stores=tuple(typed.stores),
        starts_on=_day(typed.starts_on, "starts_on", problems),
        ends_on=_day(typed.ends_on, "ends_on", problems),
        collect_days=None if is_coupon else _whole(typed.collect_days, "collect_days", problems),
    )
    if not problems:
        try:
            return checked(found)
        except InvalidReward as error:
            problems = problem_of(error)
    raise Mistakes(problems)


def code_of(typed: Typed, place: int) -> str:
    """What programs call it: as typed, else out of the English name, else by its number."""
    wanted = typed.code or re.sub(r"[^a-z0-9]+", "-", typed.en.lower())
    return wanted.strip("-")[:LONGEST_CODE].strip("-") or f"reward-{place}"


def problem_of(error: InvalidReward) -> dict[str, str]:
    """What to do about a field of a reward's terms, by the form's own name for it."""
    told = str(error.context.get("field", "points"))
    name = {"name": "zh", "description": "about_zh", "worth_minor": "worth", "offer_id": "offer"}.get(told, told)
    return {name: problem(name)}


def problem(name: str) -> str:
    """What to do about a field."""
    found = {
        "zh": _("Give the reward a name."),
        "about_zh": _("The description is too long."),
        "code": _("Small letters, digits and dashes, and not a code that another reward has."),
        "offer": _("Choose which coupon it gives."),
        "points": _("Say how many points it costs, 1 or more."),
        "currency": _("Choose what it costs."),
        "worth": _("This amount cannot be so."),
        "stock": _("A whole number, at least as many as were claimed; empty for no limit."),
        "each_most": _("A whole number from 1; empty for no limit."),
        "starts_on": _("Choose a day."),
        "ends_on": _("The last day cannot lie before the first."),
        "collect_days": _("1 to 366 days; empty for no end."),
    }
    return found.get(name, _("This cannot be so."))


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _whole(text: str, name: str, problems: dict[str, str]) -> int | None:
    plain = text.replace(",", "").replace("，", "")
    if not plain:
        return None
    if (found := whole_number(plain, most_digits=10)) is None:
        problems[name] = problem(name)
    return found


def _amount(text: str, name: str, currency: str, problems: dict[str, str]) -> int:
    try:
        found = to_minor(text.replace(",", "").lstrip("¥￥$€£") or "0", currency)
    except InvalidAmount:
        found = -1
    if found < 0:
        problems[name] = problem(name)
    return max(0, found)


def _day(text: str, name: str, problems: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        problems[name] = problem(name)
        return None

"""A card of a customer's page: the benefits that their tier has, what is left of each, and what they used."""

from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_urlsafe

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import actors, figures, sight
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.reader import said
from regulars.console.till_store import store_of, stores_of
from regulars.core.calendar import business_date
from regulars.facts import sources
from regulars.flows.use_benefits import benefits_of
from regulars.loyalty.benefits import queries
from regulars.loyalty.benefits.queries import UseView
from regulars.loyalty.benefits.rules import AppliedBenefit, Part
from regulars.loyalty.benefits.telling import Held
from regulars.loyalty.benefits.words import KINDS, name_of, refusal_said
from regulars.loyalty.benefits.words import said as benefit_said
from regulars.loyalty.rules import Policies

SHOWN = 5
AMOUNTS: dict[Part, Promise] = {
    Part.ORDER: gettext_lazy("Order total"),
    Part.SHIPPING: gettext_lazy("Freight"),
    Part.FEE: gettext_lazy("Fee"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A benefit: what is left of it, why it cannot be used now, and what its form asks for ('' for no amount)."""

    code: str
    name: str
    sentence: str
    left: str
    tone: str
    refused: str
    usable: bool
    amount: Promise | str


@dataclass(frozen=True, slots=True)
class Used:
    """A use: when, what it took off, where; `undo` says whether this person can take it back."""

    id: int
    name: str
    at: datetime
    off_minor: int
    where: str
    coupon: str
    undone: bool
    undo: bool


def benefits_card(request: StaffRequest, customer_id: int, policies: Policies | None) -> dict[str, object]:
    """For the page's template; nothing where the programme has no benefits and none was ever used."""
    if policies is None:
        return {}
    now = timezone.now()
    held = benefits_of(customer_id=customer_id, policies=policies, currency=business_of(request).currency, at=now)
    uses = queries.uses_of(customer_id, most=SHOWN)
    if held is None or not (held.benefits or uses):
        return {}
    may = "benefits.use" in request.capabilities
    stores = stores_of(request) if may else {}
    return {
        "benefits": {
            "lines": [_line(one, held) for one in held.benefits],
            "used": [_used(one, request, policies, now) for one in uses],
            "may": may,
            "key": token_urlsafe(12),
            "stores": stores if len(stores) > 1 else {},
            "store": store_of(request) if may else "",
            "has_orders": may and bool(sources.names()),
        }
    }


def _line(one: AppliedBenefit, held: Held) -> Line:
    benefit = one.benefit
    left, tone = _left(one)
    refused = refusal_said(one.refused, held.names) if one.refused else None
    return Line(
        code=benefit.code,
        name=said(name_of(benefit)),
        sentence=said(benefit_said(benefit, held.names, with_tiers=False)),
        left=left,
        tone=tone,
        refused=said(refused) if refused and one.left != 0 else "",
        usable=one.refused is None and benefit.effect.is_used,
        amount=AMOUNTS.get(benefit.effect.part, ""),
    )


def _left(one: AppliedBenefit) -> tuple[str, str]:
    if not one.benefit.effect.is_used:
        return _("holds by itself"), "ok"
    if one.left is None:
        return _("as often as they like"), "ok"
    if one.left:
        return _("%(n)s left") % {"n": figures.count(one.left)}, "ok" if one.refused is None else "mute"
    if one.again is None:
        return _("used up"), "mute"
    return _("again from %(day)s") % {"day": _day(one.again)}, "mute"


def _day(day: date) -> str:
    return str(date_format(day, "SHORT_DATE_FORMAT"))


def _used(one: UseView, request: StaffRequest, policies: Policies, now: datetime) -> Used:
    return Used(
        one.id, use_name(one, policies), one.at, one.off_minor, one.store, one.coupon, one.undone_at is not None,
        may_undo(one, request, now),
    )  # fmt: skip


def use_name(one: UseView, policies: Policies | None) -> str:
    """What the benefit was called when it was used, or what its kind is called."""
    versions = policies.versions if policies else ()
    policy = next((policy for _at, policy in versions if policy.number == one.version), None)
    benefit = queries.benefit_of(policy, one.code) if policy else None
    return said(name_of(benefit) if benefit else KINDS[one.kind])


def may_undo(one: UseView, request: StaffRequest, now: datetime) -> bool:
    """Who uses benefits takes back what they used today; who edits customers takes back any."""
    if one.undone_at is not None or "benefits.use" not in request.capabilities:
        return False
    today = business_date(now, sight.zone_of(request))
    own = one.actor == actors.key_of(request.actor) and business_date(one.at, sight.zone_of(request)) == today
    return own or "customers.edit" in request.capabilities

"""Using a benefit of one customer for them, and taking that back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console import actors, figures
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.customers.benefits import benefits_card, may_undo, use_name
from regulars.console.reader import said
from regulars.console.sayings import explained
from regulars.console.till_store import keep_store, store_of
from regulars.console.toasts import carry
from regulars.console.typed import whole_number
from regulars.console.views.customer.found import profile_or_404
from regulars.core.errors import DomainError
from regulars.core.money import InvalidAmount, to_minor
from regulars.customers.queries import Profile
from regulars.facts import sources
from regulars.flows import use_benefits
from regulars.flows.settings import programme
from regulars.loyalty.benefits import queries
from regulars.loyalty.benefits.kinds.fee_discount import FeeDiscount
from regulars.loyalty.benefits.queries import benefit_of
from regulars.loyalty.benefits.rules import Bill, Part, UnknownBenefit
from regulars.loyalty.benefits.telling import names_of
from regulars.loyalty.benefits.words import refusal_said
from regulars.loyalty.rules import Policies
from regulars.staff import actions as staff

LONGEST_NUMBER = 100


@requires("benefits.use")
@require_POST
def benefit(request: StaffRequest, number: str) -> HttpResponse:
    """Use one, or take a use back; a page that sent a fragment gets the card as it is then."""
    profile, (policies, _zone) = profile_or_404(request, number), programme()
    keep_store(request, request.POST.get("store"))
    try:
        if request.POST.get("do") == "undo":
            _undo(request, profile, policies)
        else:
            _use(request, profile, policies)
    except DomainError as error:
        messages.error(request, _refusal(request, policies, error))
    if request.headers.get("HX-Request"):
        context = {"number": number, "currency": business_of(request).currency, "changed": True}
        context |= benefits_card(request, profile.customer_id, policies)
        return carry(request, render(request, "customer/_benefits.html", context))
    return redirect("customer", number)


def _use(request: StaffRequest, profile: Profile, policies: Policies) -> None:
    """Use it. Sent twice, it is used once."""
    code, key, now = request.POST.get("benefit", "")[:60], request.POST.get("key", "")[:40], timezone.now()
    receipt = use_benefits.use_benefit(
        customer_id=profile.customer_id, code=code, key=f"console:{request.member.id}:{key}:{code}",
        bill=_bill(request, policies, code), policies=policies, at=now, order=_order(request), store=store_of(request),
        actor=actors.key_of(request.actor),
    )  # fmt: skip
    _record(request, profile, "benefits.use", receipt.use.id)
    name, off = use_name(receipt.use, policies), receipt.use.off_minor
    if off:
        money = figures.money(off, business_of(request).currency)
        messages.success(request, _("“%(name)s” is used: %(money)s off.") % {"name": name, "money": money})
    else:
        messages.success(request, _("“%(name)s” is used.") % {"name": name})


def _bill(request: StaffRequest, policies: Policies, code: str) -> Bill:
    """The one amount that was asked for, as the part of a bill that the benefit is about."""
    found = benefit_of(policies.at(timezone.now()), code)
    if found is None:
        raise UnknownBenefit(f"There is no benefit {code}.")
    told = request.POST.get("amount", "").strip().replace(",", "").replace("，", "").lstrip("¥￥$€£")
    minor = to_minor(told, business_of(request).currency) if told else None
    if minor is not None and minor < 0:
        raise InvalidAmount("An amount is nothing less than zero.")
    part = found.effect.part
    fees = {found.effect.fee: minor} if isinstance(found.effect, FeeDiscount) and minor is not None else {}
    shipping = minor if part is Part.SHIPPING else None
    # Who asks for the freight is not asked for the order: the person at the till sees whether it is large enough.
    least = getattr(found.effect, "min_spend_minor", 0)
    total = minor if part is Part.ORDER else least or None
    return Bill(total, shipping, fees)


def _order(request: StaffRequest) -> tuple[str, str] | None:
    number = " ".join(request.POST.get("order", "").split())[:LONGEST_NUMBER]
    systems = sources.names() if number else []
    return (systems[0] if systems else "till", number) if number else None


def _undo(request: StaffRequest, profile: Profile, policies: Policies) -> None:
    use_id, now = whole_number(request.POST.get("use", "")) or 0, timezone.now()
    found = queries.use(use_id)
    if found is None or found.canonical_id != profile.customer_id or not may_undo(found, request, now):
        messages.error(request, _("This use cannot be taken back here."))
        return
    use_benefits.undo_use(use_id=use_id, policies=policies, at=now, actor=actors.key_of(request.actor))
    _record(request, profile, "benefits.undo", use_id)
    messages.success(request, _("“%(name)s” was given back.") % {"name": use_name(found, policies)})


def _record(request: StaffRequest, profile: Profile, action: str, use_id: int) -> None:
    staff.record(
        by=request.actor, action=action, at=timezone.now(), subject_kind="customer", subject_id=profile.customer_id,
        detail={"use": use_id},
    )  # fmt: skip


def _refusal(request: StaffRequest, policies: Policies, error: DomainError) -> str:
    told = refusal_said(error, names_of(policies.at(timezone.now()), business_of(request).currency))
    return said(told) if told else explained(error)


urlpatterns = [path("customers/<str:number>/benefits/", benefit, name="customer_benefits")]

"""Coupons: what the shop offers on which terms, how many are out and used, and what they gave away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.campaigns.words import offer_problem, terms
from regulars.console.changes import carry_out
from regulars.console.context import business_of
from regulars.console.coupons import offer_form
from regulars.console.coupons.guesses import alarm
from regulars.console.coupons.offer_form import Typed
from regulars.console.coupons.words import code_for, undone_said
from regulars.console.lines import customer_url
from regulars.console.reader import said
from regulars.console.sayings import explained
from regulars.console.typed import Mistakes, whole_number
from regulars.core.bilingual import Text
from regulars.customers import queries as customers
from regulars.flows import write_offers
from regulars.loyalty.coupons import offers as offer_queries
from regulars.loyalty.coupons import queries
from regulars.loyalty.coupons.actions import OfferChanged
from regulars.loyalty.coupons.offers import NoOffer, OfferView
from regulars.loyalty.coupons.queries import Tally, UseView
from regulars.loyalty.coupons.rules import LONGEST_NAME, InvalidOffer, Terms
from regulars.loyalty.coupons.tallies import tallies_of_offers
from regulars.loyalty.coupons.words import named

PAGE: Final = "offers"
PER_PAGE: Final = 50
NOTHING: Final = Tally(0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """An offer in the list, with what came of its coupons."""

    offer: OfferView
    name: str
    terms: str
    tally: Tally
    given_minor: int


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a coupon in the list; `undone` says why it does not count, '' if it does."""

    view: UseView
    code: str
    name: str
    url: str
    who: str
    undone: str


@requires("campaigns.view")
@never_cache
def offers(request: StaffRequest) -> HttpResponse:
    """All coupons in use, or those put away."""
    archived = request.GET.get("archived") == "1"
    known = offer_queries.offers(archived=True)
    tallies = tallies_of_offers()
    shown = [one for one in reversed(known) if (one.archived_at is not None) == archived]
    context = {
        "lines": [_line(request, one, tallies.get(one.id, NOTHING)) for one in shown],
        "archived": archived,
        "put_away": sum(one.archived_at is not None for one in known),
        "guess_alarm": alarm(request),
    }
    return render(request, "offers/list.html", context)


def _line(request: StaffRequest, one: OfferView, tally: Tally) -> Line:
    currency = business_of(request).currency
    return Line(one, said(one.name), terms(one.terms, currency), tally, tally.discount_minor + tally.gift_cost_minor)


@requires("campaigns.view")
@never_cache
def offer(request: StaffRequest, offer_id: int) -> HttpResponse:
    """One coupon: its terms, what came of it, and every use."""
    one = _offer_or_404(offer_id)
    before = whole_number(request.GET.get("before", ""))
    found = queries.uses(offer_id, most=PER_PAGE + 1, before=before)
    tally = queries.tally_of_offer(offer_id)
    context = {
        "line": _line(request, one, tally),
        "uses": _uses(request, found[:PER_PAGE]),
        "more": found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        "is_first": before is None,
        "who": actors.names_of([one.created_by])[one.created_by],
    }
    return render(request, "offers/page.html", context)


def _uses(request: StaffRequest, found: list[UseView]) -> list[Use]:
    names = customers.names({who for one in found if (who := one.customer_id or one.issued_to) is not None})
    people = actors.names_of({one.actor for one in found if one.actor})
    lines = []
    for one in found:
        who = one.customer_id or one.issued_to
        canonical, name = names.get(who or 0, (who, ""))
        lines.append(
            Use(
                one, code_for(request, one.code), name or (_("No name yet") if canonical else ""),
                customer_url(canonical) if canonical else "", people.get(one.actor, one.source),
                undone_said(one.undone_by) if one.undone_at else "",
            )
        )  # fmt: skip
    return lines


def _offer_or_404(offer_id: int) -> OfferView:
    try:
        return offer_queries.offer(offer_id)
    except NoOffer as error:
        raise Http404(_("There is no such coupon any more.")) from error


@requires("coupons.edit")
@never_cache
def new(request: StaffRequest) -> HttpResponse:
    """A new coupon."""
    if request.method == "POST":
        return _save(request, None)
    return _form(request, offer_form.suggested(business_of(request).currency), None)


@requires("coupons.edit")
@never_cache
def edit(request: StaffRequest, offer_id: int) -> HttpResponse:
    """Other terms or another name; coupons that are out keep the terms that they were issued on."""
    one = _offer_or_404(offer_id)
    if request.method == "POST":
        return _save(request, one)
    return _form(request, offer_form.of_offer(one, business_of(request).currency), one)


def _form(
    request: StaffRequest, typed: Typed, one: OfferView | None, *, failure: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "typed": typed,
        "problems": typed.problems,
        "offer": one,
        "failure": failure,
        "longest_name": LONGEST_NAME,
        "title": said(one.name) if one else _("New coupon"),
        "back": reverse("offer", args=[one.id]) if one else reverse(PAGE),
    }
    return render(request, "offers/edit.html", context, status=status)


def _save(request: StaffRequest, one: OfferView | None) -> HttpResponse:
    typed, currency = offer_form.read(request.POST), business_of(request).currency
    failure = ""
    try:
        wanted = offer_form.terms_of(typed, currency)
        saved = _saved(request, one, named(Text(typed.zh, typed.en), wanted, currency), wanted, typed)
    except Mistakes as error:
        typed.problems = error.problems
        failure = _("Nearly there: have a look at what is marked below.")
    except OfferChanged as error:
        typed.after = str(offer_queries.offer(one.id).version) if one else "0"
        failure = explained(error)
    except InvalidOffer as error:
        field = str(error.context.get("field", "value"))
        typed.problems = {"zh" if field == "name" else field: offer_problem(field)}
        failure = _("Nearly there: have a look at what is marked below.")
    else:
        messages.success(request, _("The coupon is saved."))
        return redirect("offer", saved)
    return _form(request, typed, one, failure=failure, status=422)


def _saved(request: StaffRequest, one: OfferView | None, name: Text, wanted: Terms, typed: Typed) -> int:
    now, actor = timezone.now(), actors.key_of(request.actor)
    if one is None:
        return write_offers.create_offer(name=name, terms=wanted, by=request.actor, actor=actor, at=now)
    write_offers.change_offer(
        offer_id=one.id, name=name, terms=wanted, after=whole_number(typed.after) or 0, by=request.actor, actor=actor,
        at=now,
    )  # fmt: skip
    return one.id


@requires("coupons.edit")
@require_POST
def archive(request: StaffRequest, offer_id: int) -> HttpResponse:
    """Put it away: nothing is issued on it any more, and what is out stays good."""
    return _do(
        request, offer_id, lambda: write_offers.end_offer(offer_id=offer_id, by=request.actor, at=timezone.now()),
        _("The coupon is put away. Those that are out stay good."),
    )  # fmt: skip


@requires("coupons.edit")
@require_POST
def bring_back(request: StaffRequest, offer_id: int) -> HttpResponse:
    """Issue it again."""
    return _do(
        request, offer_id, lambda: write_offers.resume_offer(offer_id=offer_id, by=request.actor, at=timezone.now()),
        _("The coupon is in use again."),
    )  # fmt: skip


def _do(request: StaffRequest, offer_id: int, change: Callable[[], None], told: str) -> HttpResponse:
    return redirect(PAGE) if carry_out(request, change, told) else redirect("offer", offer_id)


urlpatterns = [
    path("coupons/", offers, name=PAGE),
    path("coupons/new/", new, name="offer_new"),
    path("coupons/<int:offer_id>/", offer, name="offer"),
    path("coupons/<int:offer_id>/edit/", edit, name="offer_edit"),
    path("coupons/<int:offer_id>/archive/", archive, name="offer_archive"),
    path("coupons/<int:offer_id>/bring-back/", bring_back, name="offer_bring_back"),
]

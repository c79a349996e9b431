"""The till: one field finds the guest, one press serves them, and the last step can be undone."""

from dataclasses import replace
from datetime import datetime
from secrets import token_urlsafe

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.till import finding, joined, undone
from regulars.console.till.done import done_of
from regulars.console.till.finding import Guest
from regulars.console.till.quoted import quoted
from regulars.console.till.shown import screen
from regulars.console.till.told import guesser_of, managers_of, refused, serve_of, shop_of
from regulars.console.till_store import keep_store, store_of, stores_of
from regulars.console.typed import whole_number
from regulars.core.errors import DomainError
from regulars.flows import serve_till
from regulars.loyalty.rules import InvalidPolicy
from regulars.loyalty.till import actions
from regulars.loyalty.till.rules import Serve, Shop
from regulars.staff import actions as staff

PAGE = "till"


@requires("till.use")
@never_cache
@require_safe
def till(request: StaffRequest) -> HttpResponse:
    """The field, ready for a scanner."""
    return render(request, "till/page.html", _ready(request))


@requires("till.use")
@never_cache
@require_POST
def find(request: StaffRequest) -> HttpResponse:
    """Who was meant: their screen, a list to choose from, or somebody to enrol."""
    keep_store(request, request.POST.get("store"))
    typed = request.POST.get("who", "").replace("\x00", "")
    found = finding.find(request, typed, request.POST.get("scan", "")[:40] or token_urlsafe(12))
    if len(found.guests) == 1:
        return _guest(request, found.guests[0])
    shown = "" if finding.CARD.match(typed) else typed
    status = 422 if found.problem else 200
    return _shown(request, {"found": found, "typed": shown, "refusal": found.problem}, status=status)


@requires("till.use")
@never_cache
@require_POST
def guest(request: StaffRequest) -> HttpResponse:
    """The screen of somebody who was chosen from a list."""
    keep_store(request, request.POST.get("store"))
    who = finding.guest_of(request, request.POST.get("number", ""))
    if who is None:
        return _shown(request, {"refusal": _("Nobody has this member number.")}, status=422)
    return _guest(request, who)


@requires("till.use")
@never_cache
@require_POST
def join(request: StaffRequest) -> HttpResponse:
    """Enrol somebody whose phone nobody has yet, and go on to their screen."""
    try:
        number = joined.join(request)
    except DomainError as error:
        return _shown(request, {"refusal": joined.refused(error)}, status=422)
    who = finding.guest_of(request, number)
    assert who is not None
    return _guest(request, who, {"welcome": True})


@requires("till.use")
@never_cache
@require_POST
def quote(request: StaffRequest) -> HttpResponse:
    """What is typed would earn, and what could be taken off; nothing is written."""
    who, now = finding.guest_of(request, request.POST.get("number", "")), timezone.now()
    if who is None:
        return HttpResponse(status=204)
    try:
        shop = shop_of(request)
        serve = serve_of(request, who.customer_id, now)
        context = {"quoted": quoted(request, serve, shop, guesser_of(request), now)}
    except DomainError as error:
        return render(request, "till/quote.html", {"quote_refusal": refused(request, error)})
    return render(request, "till/quote.html", context)


@requires("till.use")
@never_cache
@require_POST
def serve(request: StaffRequest) -> HttpResponse:
    """Do it, once for the screen's key, or say why not and let it be corrected."""
    who, now = finding.guest_of(request, request.POST.get("number", "")), timezone.now()
    if who is None:
        return _shown(request, {"refusal": _("Nobody has this member number.")}, status=422)
    wanted: Serve | None = None
    try:
        shop = shop_of(request)
        wanted = serve_of(request, who.customer_id, now)
        wanted = _allowed(request, wanted, now)
        step = serve_till.serve_guest(serve=wanted, shop=shop, guesser=guesser_of(request), at=now)
    except DomainError as error:
        return _again(request, who, wanted, error)
    if wanted.allowed_by:
        record(request, "till.allow", step.id, {"by": wanted.allowed_by, "points": step.given.get("points", 0)})
    return _shown(request, {"done": done_of(request, who, step, shop)})


@requires("till.use")
@never_cache
@require_POST
def undo(request: StaffRequest, step_id: int) -> HttpResponse:
    """Undo the last step, as if it had not been."""
    now = timezone.now()
    try:
        allowed_by = _manager(request, now)
        step = undone.undo(request, step_id, shop_of(request), allowed_by, now)
    except DomainError as error:
        context: dict[str, object] = {"refusal": refused(request, error)}
        if error.code in ("manager_needed", "wrong_pin"):
            context |= {"undo_id": step_id, "managers": managers_of(request)}
        return _shown(request, context, status=422)
    record(request, "till.undo", step.id, {"by": allowed_by} if allowed_by else {})
    return _shown(request, {"undone": True})


def record(request: StaffRequest, action: str, step_id: int, detail: dict[str, object]) -> None:
    """A line of the audit trail about a step."""
    staff.record(
        by=request.actor, action=action, at=timezone.now(), subject_kind="till_step", subject_id=step_id, detail=detail
    )


def _allowed(request: StaffRequest, wanted: Serve, now: datetime) -> Serve:
    manager = _manager(request, now)
    return replace(wanted, allowed_by=manager) if manager else wanted


def _manager(request: StaffRequest, now: datetime) -> str:
    """Who allowed it with their PIN; '' if nobody was asked.

    Raises:
        WrongPin, TooManyGuesses: As they say.
    """
    pin = request.POST.get("pin", "").strip()
    if not pin:
        return ""
    manager_id = whole_number(request.POST.get("manager", "")) or 0
    store = store_of(request)
    try:
        actions.allow(manager_id=manager_id, pin=pin[:20], asked_by=request.member.id, store=store, at=now)
    except actions.WrongPin:
        record(request, "till.wrong_pin", 0, {"manager": manager_id})
        raise
    return f"{actors.PREFIX}{manager_id}"


def _guest(request: StaffRequest, who: Guest, more: dict[str, object] | None = None) -> HttpResponse:
    try:
        shop = shop_of(request)
    except InvalidPolicy:
        return _shown(request, {"refusal": _("There is no programme yet.")}, status=422)
    shown = screen(request, who, shop.policies)
    empty = Serve(shown.key, who.customer_id, "", timezone.now(), store=store_of(request))
    first = quoted(request, empty, shop, guesser_of(request), empty.at)
    return _shown(request, {"screen": shown, "quoted": first, "values": {}, **(more or {})})


def _again(request: StaffRequest, who: Guest, wanted: Serve | None, error: DomainError) -> HttpResponse:
    """The guest's screen with what stands in the way; the same key, since it is still the same step."""
    shop: Shop = shop_of(request)
    shown = screen(request, who, shop.policies, key=request.POST.get("key", "")[:40])
    values = {name: request.POST.get(name, "") for name in request.POST}
    context: dict[str, object] = {"screen": shown, "refusal": refused(request, error), "values": values}
    if wanted is not None:
        try:
            context["quoted"] = quoted(request, wanted, shop, guesser_of(request), timezone.now())
        except DomainError:
            context["quoted"] = None
    if error.code in ("manager_needed", "wrong_pin"):
        context |= {"managers": managers_of(request), "needs_manager": True, "reward": request.POST.get("reward", "")}
    return _shown(request, context, status=422)


def _shown(request: StaffRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    template = "till/till.html" if request.headers.get("HX-Request") else "till/page.html"
    return render(request, template, _ready(request) | context, status=status)


def _ready(request: StaffRequest) -> dict[str, object]:
    stores = stores_of(request)
    return {
        "stores": [(code, name, code == store_of(request)) for code, name in stores.items()] if len(stores) > 1 else [],
        "store": stores.get(store_of(request), ""),
        "scan": token_urlsafe(12),
        "last": undone.last_of(request),
    }


urlpatterns = [
    path("till/", till, name=PAGE),
    path("till/find/", find, name="till_find"),
    path("till/guest/", guest, name="till_guest"),
    path("till/join/", join, name="till_join"),
    path("till/quote/", quote, name="till_quote"),
    path("till/serve/", serve, name="till_serve"),
    path("till/undo/<int:step_id>/", undo, name="till_undo"),
]

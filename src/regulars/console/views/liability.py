"""Points liability: what the programme owes, how many points lapse, and what of the revenue is put aside for them."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from regulars.console import downloads
from regulars.console.access import StaffRequest, requires
from regulars.console.changes import carry_out
from regulars.console.context import business_of
from regulars.console.kept import is_kept, kept
from regulars.console.programme import liability as figures
from regulars.console.reader import said
from regulars.console.sight import policies_of, zone_of
from regulars.console.typed import whole_number
from regulars.core.money import InvalidAmount, to_major, to_minor
from regulars.ledger.movements import By
from regulars.loyalty.liability import queries
from regulars.loyalty.liability.rules import Statement
from regulars.staff import actions as staff

PAGE = "liability"


@requires("finance.view")
@never_cache
@require_safe
def liability(request: StaffRequest) -> HttpResponse:
    """The page. Adding everything up takes a while in large books, so its body may come by itself."""
    day, by = _asked(request)
    context: dict[str, object] = {"by": by, "bases": figures.BASES.items(), "day": day, "today": timezone.localdate()}
    if is_kept(PAGE, *_parts(day, by)):
        context |= _body(request, day, by)
    context["query"] = urlencode({"by": by, "day": f"{day or ''}"})
    return render(request, "liability/page.html", context)


@requires("finance.view")
@never_cache
@require_safe
def body(request: StaffRequest) -> HttpResponse:
    """What the page says, added up now."""
    return render(request, "liability/body.html", _body(request, *_asked(request)))


@requires("finance.view")
@require_POST
def export(request: StaffRequest, what: str, form: str) -> HttpResponseBase:
    """One of the page's tables whole, as CSV or XLSX. The export is recorded."""
    if form not in downloads.FORMS or what not in figures.TABLES:
        raise Http404
    day, by = _asked(request)
    found = _statement(request, day, by)
    heading, rows = figures.TABLES[what](found, business_of(request).currency)
    detail = {"rows": len(rows), "format": form, "table": what, "to": f"{found.day}"}
    staff.record(by=request.actor, action="finance.export", at=timezone.now(), subject_kind="liability", detail=detail)
    return downloads.sent(f"{what}-{found.day}", form, heading, rows)


@requires("settings.edit")
@require_POST
def worth(request: StaffRequest) -> HttpResponse:
    """Say what points are worth."""
    points = whole_number(request.POST.get("points", ""), 9)
    try:
        minor = to_minor(request.POST.get("money", "").strip(), business_of(request).currency)
    except InvalidAmount:
        minor = -1
    if not points or minor < 0:
        messages.error(request, _("Write a number of points above zero and what they are worth, such as 100 and 1."))
        return redirect(PAGE)

    def change() -> None:
        staff.change_business(by=request.actor, at=timezone.now(), worth_points=points, worth_minor=minor)

    carry_out(request, change, _("Saved."))
    return redirect(PAGE)


def _asked(request: StaffRequest) -> tuple[date | None, By]:
    """The day that is asked for, None for now, and by which time things count."""
    sent = request.POST if request.method == "POST" else request.GET
    try:
        day = date.fromisoformat(sent.get("day", ""))
    except ValueError:
        day = None
    is_past = day is not None and day < timezone.localdate()
    return day if is_past else None, "booked" if sent.get("by") == "booked" else "happened"


def _parts(day: date | None, by: By) -> tuple[object, ...]:
    """What the figures depend on besides the books: due points turn with the day, money with what points are worth."""
    return timezone.localdate(), day, by, queries.worth()


def _statement(request: StaffRequest, day: date | None, by: By) -> Statement:
    def make() -> Statement:
        return queries.statement(zone=zone_of(request), at=timezone.now(), day=day, by=by)

    return kept(PAGE, *_parts(day, by), make=make)


def _body(request: StaffRequest, day: date | None, by: By) -> dict[str, object]:
    found, currency = _statement(request, day, by), business_of(request).currency
    policies = policies_of(request)
    others = [said(one.name) for one in policies.currencies.values()] if policies is not None else []
    context = {"by": by, "day": day, "worth_money": to_major(found.worth.minor, currency), "others": others}
    return context | figures.shown(found, currency)


urlpatterns = [
    path("liability/", liability, name=PAGE),
    path("liability/body/", body, name="liability_body"),
    path("liability/worth/", worth, name="liability_worth"),
    path("liability/export/<str:what>/<str:form>/", export, name="liability_export"),
]

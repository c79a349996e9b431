"""The list of imports, the upload of a new file, and the template to fill in."""

from typing import Any

from django import forms
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from regulars.console import actors, figures
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.imports import words as import_words
from regulars.console.pages import Counted
from regulars.console.sayings import explained
from regulars.core.errors import DomainError
from regulars.facts import imports_view
from regulars.facts.connectors.orders_file import region_of
from regulars.facts.connectors.template import order_template
from regulars.facts.imports_view import ImportView
from regulars.flows.check_import import receive_file
from regulars.loyalty import programme_view
from regulars.staff import actions as staff
from regulars.staff.trades import trade_of

PAGE = 30
MEGABYTE = 2**20
MOST_MEGABYTES = 300
MOST_BYTES = MOST_MEGABYTES * MEGABYTE


class SizeLimit(FileUploadHandler):
    """Stops keeping a file that is larger than an import takes, and reads the rest away so that the browser listens."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass on what fits."""
        if start + len(raw_data) > MOST_BYTES:
            if self.request is not None:
                self.request.META["regulars.too_large"] = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler has the file."""


class UploadForm(forms.Form):
    """A file of orders."""

    file = forms.FileField(
        label=_("File of orders"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.parquet"}),
        error_messages={"required": _("Choose a file first."), "empty": _("There is nothing in this file.")},
    )


@requires("imports.view")
@require_safe
def imports(request: StaffRequest) -> HttpResponse:
    """Every import, newest first."""
    shown = Paginator(Counted(imports_view.count()), PAGE).get_page(request.GET.get("page"))
    found = imports_view.newest(offset=(shown.number - 1) * PAGE, most=PAGE)
    names = actors.names_of(one.created_by for one in found)
    lines = [_line(one, names[one.created_by]) for one in found]
    return render(request, "imports/list.html", {"lines": lines, "page": shown})


def _line(view: ImportView, by: str) -> dict[str, Any]:
    label, tone = import_words.STATES[view.status]
    orders = view.counts.get("orders")
    words = ngettext("%(n)s order", "%(n)s orders", orders or 0) % {"n": figures.count(orders or 0)}
    if contracts := view.counts.get("contracts", 0):
        words = ngettext("%(n)s contract", "%(n)s contracts", contracts) % {"n": figures.count(contracts)}
    if members := view.counts.get("balances", 0):
        words = ngettext("%(n)s member", "%(n)s members", members) % {"n": figures.count(members)}
    return {
        "view": view,
        "url": reverse("import", args=[view.id]),
        "state": label,
        "tone": tone,
        "orders": words if orders is not None else "",
        "refused": view.counts.get("rows_refused", 0),
        "by": by,
        "percent": str(100 * view.posted // view.staged) if view.status == "posting" and view.staged else "",
    }


@requires("imports.run")
@csrf_exempt  # the check comes below, once the limit on the size is in place
def new_import(request: StaffRequest) -> HttpResponse:
    """Ask for a file, and keep it."""
    request.upload_handlers.insert(0, SizeLimit(request))
    return _new_import(request)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _new_import(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if request.META.get("regulars.too_large"):
        form.errors.clear()
        form.add_error("file", _too_large())
    elif form.is_valid():
        business, actor, at = business_of(request), request.actor, timezone.now()  # type: ignore[attr-defined]
        file = form.cleaned_data["file"]
        settings = {
            "currency": business.currency,
            "region": region_of(business.currency),
            "day_first": None,
            "paid_per": "",
            "channel": trade_of(business.trade).channel,
        }
        try:
            import_id = receive_file(
                file=file, file_name=file.name, time_zone=business.time_zone, settings=settings,
                actor=actors.key_of(actor), at=at,
            )  # fmt: skip
        except DomainError as error:
            form.add_error("file", explained(error))
        else:
            staff.record(by=actor, action="imports.upload", at=at, subject_kind="import", subject_id=import_id)
            return _go(request, reverse("import_columns", args=[import_id]))
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    part = "imports/drop_form.html" if request.POST.get("drop") else "imports/upload_form.html"
    template = part if request.headers.get("HX-Request") else "imports/new.html"
    context = {"form": form, "most": str(MOST_MEGABYTES), "has_programme": programme_view.current() is not None}
    return render(request, template, context, status=status)


def _go(request: HttpRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _too_large() -> str:
    text = gettext("This file is larger than %(most)s MB. Split it, for instance by year, or save it as Parquet.")
    return text % {"most": MOST_MEGABYTES}


def _fills_in_few(request: StaffRequest) -> bool:
    """Whether the trade is one whose orders have few columns; nobody was asked: all of them."""
    trade = business_of(request).trade
    return bool(trade) and trade_of(trade).few_columns


@requires("imports.run")
@require_safe
def template(request: StaffRequest) -> HttpResponse:
    """The empty table that people fill in, in their language."""
    name = "orders-template.xlsx" if request.language.startswith("en") else "订单模板.xlsx"
    response = HttpResponse(
        order_template(request.language, few=_fills_in_few(request)),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


urlpatterns = [
    path("imports/", imports, name="imports"),
    path("imports/new/", new_import, name="import_new"),
    path("imports/template.xlsx", template, name="import_template"),
]

"""Taking over another programme: a table of what members have is read at once, then confirmed, posted and undone."""

from datetime import date, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.sayings import explained
from regulars.console.views.imports.upload import SizeLimit, UploadForm
from regulars.core.errors import DomainError
from regulars.facts import imports_view
from regulars.facts.connectors.balances_file import BalanceSettings
from regulars.facts.connectors.balances_file.template import balance_template
from regulars.facts.connectors.orders_file import region_of
from regulars.flows.check_balances import receive_balances
from regulars.flows.settings import programme
from regulars.loyalty import programme_view
from regulars.staff import actions as staff

MOST_MEGABYTES = 20
"""The page waits while the file is read; larger ones come by the command line."""


class BalancesForm(UploadForm):
    """A table of balances, the system that kept them, and the day at whose end they stood so."""

    source = forms.CharField(
        label=_("Old system"), max_length=100, error_messages={"required": _("Name the old system.")}
    )
    as_of = forms.DateField(label=_("As of the end of"))
    on_top = forms.BooleanField(required=False)

    def clean_as_of(self) -> date:
        """A day that is over."""
        day: date = self.cleaned_data["as_of"]
        if day >= timezone.localdate():
            raise forms.ValidationError(gettext("Balances stand at the end of a day: choose one that is over."))
        return day

    def clean_file(self) -> object:
        """A file that can be read while somebody waits."""
        file = self.cleaned_data["file"]
        if file.size > MOST_MEGABYTES * 2**20:
            raise forms.ValidationError(too_large())
        return file

    def settings(self, request: HttpRequest) -> BalanceSettings:
        """What the file is read with, once the form is valid."""
        business, told = business_of(request), self.cleaned_data
        return BalanceSettings(
            told["source"], business.time_zone, told["as_of"], region_of(business.currency),
            replaces=not told["on_top"],
        )  # fmt: skip

    @classmethod
    def empty(cls) -> "BalancesForm":
        """With what is usual: the system of the last import, and yesterday."""
        sources = imports_view.source_names()
        yesterday = timezone.localdate() - timedelta(days=1)
        return cls(initial={"source": sources[0] if sources else "", "as_of": yesterday})


def read_form(request: HttpRequest) -> BalancesForm:
    """What was sent; a file that is too large is told so."""
    form = BalancesForm(request.POST, request.FILES)
    if request.META.get("regulars.too_large"):
        form.errors.clear()
        form.add_error("file", too_large())
    return form


def too_large() -> str:
    """A larger file comes by the command line."""
    text = gettext("This file is larger than %(most)s MB. Import it with “regulars import balances”.")
    return text % {"most": MOST_MEGABYTES}


@requires("imports.run")
@csrf_exempt  # the check comes below, once the limit on the size is in place
def new_balances(request: StaffRequest) -> HttpResponse:
    """Ask for a table, and read it."""
    request.upload_handlers.insert(0, SizeLimit(request))
    return _new_balances(request)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _new_balances(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, BalancesForm.empty())
    form = read_form(request)
    if programme_view.current() is None:
        form.add_error(None, gettext("Set up the programme first: tiers are looked up in it."))
    if form.is_valid():
        actor, at, file = request.actor, timezone.now(), form.cleaned_data["file"]  # type: ignore[attr-defined]
        policies, _zone = programme()
        try:
            import_id = receive_balances(
                file=file, file_name=file.name, settings=form.settings(request), policies=policies,
                today=timezone.localdate(), actor=actors.key_of(actor), at=at,
            )  # fmt: skip
        except DomainError as error:
            form.add_error("file", explained(error))
        else:
            staff.record(by=actor, action="imports.upload", at=at, subject_kind="import", subject_id=import_id)
            return redirect("import", import_id)
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: BalancesForm, status: int = 200) -> HttpResponse:
    return render(request, "imports/balances.html", {"form": form, "most": MOST_MEGABYTES}, status=status)


@requires("imports.run")
@require_safe
def template(request: StaffRequest) -> HttpResponse:
    """The empty table that people fill in, in their language."""
    name = "balances-template.xlsx" if request.language.startswith("en") else "会员余额模板.xlsx"
    response = HttpResponse(
        balance_template(request.language),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


urlpatterns = [
    path("imports/balances/", new_balances, name="import_balances"),
    path("imports/balances/template.xlsx", template, name="balances_template"),
]

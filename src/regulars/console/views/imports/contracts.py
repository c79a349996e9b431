"""The upload of a table of contracts: read at once, then confirmed, posted and undone like every import."""

from datetime import date, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.sayings import explained
from regulars.console.views.imports.upload import SizeLimit, UploadForm
from regulars.core.errors import DomainError
from regulars.facts import imports_view
from regulars.facts.connectors.contracts_file import ContractSettings
from regulars.facts.connectors.orders_file import region_of
from regulars.flows.check_contracts import receive_contracts
from regulars.staff import actions as staff

MOST_MEGABYTES = 20
"""The page waits while the file is read; larger ones come by the command line."""


class ContractsForm(UploadForm):
    """A table of contracts, who numbered them, and when it stood so."""

    source = forms.CharField(
        label=_("System that numbered the contracts"), max_length=100,
        error_messages={"required": _("Name the system that numbered the contracts.")},
    )  # fmt: skip
    as_of = forms.DateField(label=_("How contracts stood at the start of"))

    def clean_as_of(self) -> date:
        """A day that has begun."""
        day: date = self.cleaned_data["as_of"]
        if day > timezone.localdate():
            raise forms.ValidationError(gettext("This day has not come yet."))
        return day

    def clean_file(self) -> object:
        """A file that can be read while somebody waits."""
        file = self.cleaned_data["file"]
        if file.size > MOST_MEGABYTES * 2**20:
            raise forms.ValidationError(_too_large())
        return file


@requires("imports.run")
@csrf_exempt  # the check comes below, once the limit on the size is in place
def new_contracts(request: StaffRequest) -> HttpResponse:
    """Ask for a table, and read it."""
    request.upload_handlers.insert(0, SizeLimit(request))
    return _new_contracts(request)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _new_contracts(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        sources = imports_view.source_names()
        usual = {"source": sources[0] if sources else "", "as_of": timezone.localdate() - timedelta(days=1)}
        return render(request, "imports/contracts.html", {"form": ContractsForm(initial=usual), "most": MOST_MEGABYTES})
    form = ContractsForm(request.POST, request.FILES)
    if request.META.get("regulars.too_large"):
        form.errors.clear()
        form.add_error("file", _too_large())
    elif form.is_valid():
        business, actor, at = business_of(request), request.actor, timezone.now()  # type: ignore[attr-defined]
        told = form.cleaned_data
        settings = ContractSettings(
            told["source"], business.time_zone, told["as_of"], region_of(business.currency)
        )  # fmt: skip
        try:
            import_id = receive_contracts(
                file=told["file"], file_name=told["file"].name, settings=settings, actor=actors.key_of(actor), at=at
            )
        except DomainError as error:
            form.add_error("file", explained(error))
        else:
            staff.record(by=actor, action="imports.upload", at=at, subject_kind="import", subject_id=import_id)
            return redirect("import", import_id)
    return render(request, "imports/contracts.html", {"form": form, "most": MOST_MEGABYTES}, status=422)


def _too_large() -> str:
    text = gettext("This file is larger than %(most)s MB. Import it with “regulars import contracts”.")
    return text % {"most": MOST_MEGABYTES}


urlpatterns = [path("imports/contracts/", new_contracts, name="import_contracts")]

"""A customer's phone in a list: masked, until somebody who may asks to see it, which is recorded."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.lines import whole_phone
from regulars.console.views.customer.found import profile_or_404
from regulars.customers import queries as customers
from regulars.staff import actions


@requires("customers.reveal")
@require_POST
@never_cache
def phone(request: StaffRequest, number: str) -> HttpResponse:
    """The phone whole, to be called with one tap, and a line in the audit trail."""
    profile = profile_or_404(request, number)
    value = customers.phones([profile.customer_id]).get(profile.customer_id)
    if value is None:
        raise Http404
    actions.record(
        by=request.actor,
        action="customers.reveal",
        at=timezone.now(),
        subject_kind="customer",
        subject_id=profile.customer_id,
    )
    if not request.headers.get("HX-Request"):
        return redirect("customer", number)
    return render(request, "partials/phone.html", {"whole": whole_phone(value), "dial": value})


urlpatterns = [path("customers/<str:number>/phone/", phone, name="customer_phone")]

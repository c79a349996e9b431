"""What a customer allows, written down by staff: with a note of where and when it was said."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.customers.cards import consents_card
from regulars.console.toasts import carry
from regulars.console.views.customer.found import profile_or_404
from regulars.customers import actions as customers
from regulars.customers.actions import Word
from regulars.outreach.preferences import CHOICES
from regulars.staff import actions as staff

LONGEST_NOTE = 200


@requires("customers.edit")
@require_POST
def consent(request: StaffRequest, number: str) -> HttpResponse:
    """Write down that they agree, or say no. What they said before stays in the history."""
    profile, now = profile_or_404(request, number), timezone.now()
    known = {":".join(choice): choice for choice in CHOICES}
    choice, note = known.get(request.POST.get("what", "")), request.POST.get("note", "").strip()[:LONGEST_NOTE]
    if choice is None or request.POST.get("do") not in ("allow", "refuse"):
        messages.error(request, _("Choose what they agree to."))
    elif not note:
        messages.error(request, _("Write down where and when they said so."))
    else:
        granted = request.POST["do"] == "allow"
        word = Word(
            profile.customer_id, *choice, granted, now, "staff", actor=actors.key_of(request.actor), note=note
        )  # fmt: skip
        if customers.record_consents([word]):
            staff.record(
                by=request.actor, action="customers.consent", at=now, subject_kind="customer",
                subject_id=profile.customer_id, detail={"what": ":".join(choice), "to": "yes" if granted else "no"},
            )  # fmt: skip
        messages.success(request, _("Written down."))
    if request.headers.get("HX-Request"):
        context = {"number": number, "changed": True, **consents_card(profile.customer_id)}
        return carry(request, render(request, "customer/_consents.html", context))
    return redirect("customer", number)


urlpatterns = [path("customers/<str:number>/consents/", consent, name="customer_consents")]

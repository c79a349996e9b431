"""The QR with which a member signs in on their own phone: once, within five minutes, and written down."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.addresses import outside
from regulars.console.lines import shown_name
from regulars.console.views.customer.found import profile_or_404
from regulars.core import drawn_codes
from regulars.customers import queries as customers
from regulars.customers.enrolling import queries as members
from regulars.customers.queries import Profile
from regulars.customers.signing_in import actions as signing_in
from regulars.customers.signing_in.rules import LINK_LASTS
from regulars.loyalty.membership import id_of
from regulars.staff import actions as staff


@requires("till.use")
@never_cache
@require_POST
def sign_in(request: StaffRequest, number: str) -> HttpResponse:
    """Show it. Another one makes this one void."""
    profile, now = _member_or_404(request, number), timezone.now()
    token = signing_in.make_link(customer_id=profile.customer_id, by=actors.key_of(request.actor), at=now)
    staff.record(
        by=request.actor, action="customers.sign_in", at=now, subject_kind="customer", subject_id=profile.customer_id
    )  # fmt: skip
    drawn = drawn_codes.qr(outside(request, "member_link", token), name=_("Sign-in QR"))
    context = {
        "number": number,
        "name": shown_name(profile.name, whole="customers.view" in request.capabilities) or _("No name yet"),
        "drawn": drawn,
        "minutes": LINK_LASTS.seconds // 60,
    }
    return render(request, "customer/sign_in.html", context)


def _member_or_404(request: StaffRequest, number: str) -> Profile:
    """A customer of this person's stores: who ordered there, or who has just joined there."""
    try:
        return profile_or_404(request, number)
    except Http404:
        known = customers.profile(id_of(number) or 0)
        joined = members.joined(known.customer_id) if known is not None else None
        if known is None or joined is None or joined.store not in (request.member.store_codes or ()):
            raise
        return known


urlpatterns = [path("customers/<str:number>/sign-in/", sign_in, name="customer_sign_in")]

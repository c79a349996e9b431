"""Hanging a tag on one customer by hand, and taking it off."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.customers.tags import words_of
from regulars.console.sayings import explained
from regulars.console.typed import whole_number
from regulars.console.views.customer.found import profile_or_404
from regulars.core.errors import DomainError
from regulars.insight.tags import actions
from regulars.staff import actions as staff


@requires("customers.tag")
@require_POST
def tag(request: StaffRequest, number: str) -> HttpResponse:
    """Do it; a page that sent a fragment gets the card as it is then."""
    profile = profile_or_404(request, number)
    try:
        _change(request, profile.customer_id)
    except DomainError as error:
        messages.error(request, explained(error))
    if request.headers.get("HX-Request"):
        context = {"number": number, "words": words_of(request, profile.customer_id), "changed": True}
        return render(request, "customer/tags.html", context)
    return redirect("customer", number)


@transaction.atomic
def _change(request: StaffRequest, customer_id: int) -> None:
    tag_id, now = whole_number(request.POST.get("tag", ""), most_digits=9), timezone.now()
    if tag_id is None:
        raise actions.NoTag("There is no such tag.")
    takes = request.POST.get("do") == "take"
    change = actions.take if takes else actions.give
    if change(tag_id=tag_id, customer_ids=[customer_id], actor=actors.key_of(request.actor), at=now):
        staff.record(
            by=request.actor,
            action="tags.take" if takes else "tags.give",
            at=now,
            subject_kind="customer",
            subject_id=customer_id,
            detail={"tag": tag_id},
        )


urlpatterns = [path("customers/<str:number>/tags/", tag, name="customer_tags")]

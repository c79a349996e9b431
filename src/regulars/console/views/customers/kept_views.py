"""Views of the list that somebody keeps under a name."""

from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.customers.wanted import Wanted
from regulars.console.sayings import explained
from regulars.console.views.customers.listing import PAGE
from regulars.core.errors import DomainError
from regulars.staff import actions


@requires("customers.view")
@require_POST
def save(request: StaffRequest) -> HttpResponse:
    """Keep the filter that the list shows."""
    wanted = Wanted.read(dict(parse_qsl(request.POST.get("query", ""))))
    try:
        actions.save_view(
            user_id=request.member.id,
            page=PAGE,
            name=request.POST.get("name", ""),
            query=wanted.query,
            at=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, explained(error))
    else:
        messages.success(request, _("The view is kept above the list."))
    return redirect(f"{reverse(PAGE)}?{wanted.query}")


@requires("customers.view")
@require_POST
def delete(request: StaffRequest, view_id: int) -> HttpResponse:
    """Forget a view."""
    actions.delete_view(user_id=request.member.id, view_id=view_id)
    messages.success(request, _("The view is gone. Its members are untouched."))
    return redirect(PAGE)


urlpatterns = [
    path("customers/views/", save, name="customers_view_save"),
    path("customers/views/<int:view_id>/delete/", delete, name="customers_view_delete"),
]

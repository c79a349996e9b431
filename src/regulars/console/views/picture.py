"""Having the picture made again, and watching until it is there."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.picture.state import picture_state
from regulars.flows import jobs


@requires("insight.refresh")
@require_POST
def refresh(request: StaffRequest) -> HttpResponse:
    """Start making the picture; what it shows is there when it is done."""
    jobs.start(jobs.refresh_insight)
    if request.headers.get("HX-Request"):
        return render(request, "partials/picture_state.html", picture_state(request))
    return redirect("value")


@requires("insight.view")
@never_cache
def state(request: StaffRequest) -> HttpResponse:
    """How fresh the picture is, for a page that waits; once it is made, the page is loaded again."""
    found = picture_state(request)
    response = render(request, "partials/picture_state.html", found)
    if not found["picture"].is_making:  # type: ignore[attr-defined]
        response["HX-Refresh"] = "true"
    return response


urlpatterns = [
    path("picture/", state, name="picture_state"),
    path("picture/refresh/", refresh, name="refresh_picture"),
]

"""Today: what the owner of a small shop opens with. Who comes, who stopped, and the one button to bring them back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import sight
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.overview import first_steps
from regulars.console.overview.shop_groups import shop_groups
from regulars.console.overview.work import work
from regulars.console.picture.state import state_of
from regulars.core.bilingual import Text
from regulars.facts import imports_view
from regulars.facts.imports_view import ImportView
from regulars.flows import jobs
from regulars.insight import queries as insight
from regulars.outreach.campaigns import queries as campaigns
from regulars.outreach.campaigns.rules import State
from regulars.outreach.channels import CHANNELS
from regulars.outreach.deliveries import by_hand
from regulars.outreach.deliveries.by_hand import Progress
from regulars.staff import actions as staff

MENUS: Final = ("small", "whole")
FRESH: Final = timedelta(days=1)
"""So long a file that came in is news, and can be undone from here."""
MOST_RUNNING: Final = 3


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign under way; `progress` where a person sends it."""

    id: int
    segment_id: int | None
    name: Text
    is_paused: bool
    progress: Progress | None

    @property
    def left(self) -> int:
        """Notes that are still to be copied."""
        return self.progress.waiting + self.progress.shown if self.progress else 0

    @property
    def list_url(self) -> str:
        """Where they are copied."""
        return f"{reverse('copy_list')}?campaign={self.id}"


@requires("overview.view")
@never_cache
def today(request: StaffRequest) -> HttpResponse:
    """The page: without orders where to bring them from, then who they came from."""
    reach, picture = sight.reach(), insight.picture()
    is_new = reach.until is None and picture is None
    context: dict[str, object] = {
        "reach": reach,
        "is_new": is_new,
        "steps": _steps(request),
        "latest": _latest_import(request),
        "sees_all": "insight.view" in request.capabilities,
    }
    if context["sees_all"] and not is_new:
        context["picture"] = state_of(request)
        shop = shop_groups(request, picture) if picture is not None else None
        running = _running() if "campaigns.view" in request.capabilities else []
        under_way = {one.segment_id: one for one in running}
        groups = [(group, under_way.get(group.segment_id)) for group in shop.groups] if shop else []
        context |= {"shop": shop, "groups": groups, "running": running}
        # What is under way stands on this page already, with how far it has come.
        context |= {name: told for name, told in work(request).items() if name != "under_way"}
    return render(request, "today/page.html", context)


def _steps(request: StaffRequest) -> first_steps.Progress | None:
    """The checklist of somebody who can do what it says, until they put it away."""
    if "settings.edit" not in request.capabilities or request.member.steps_hidden:
        return None
    found = first_steps.steps(request.capabilities, business_of(request))
    return found if found.next is not None else None


def _latest_import(request: StaffRequest) -> ImportView | None:
    """The file that came in last, while that is news."""
    if "imports.view" not in request.capabilities:
        return None
    last = next(iter(imports_view.newest()), None)
    is_news = last is not None and last.created_at > timezone.now() - FRESH
    return last if is_news and last is not None and last.status in ("done", "posting") else None


def _running() -> list[Running]:
    found = campaigns.campaigns(states=(State.RUNNING, State.PAUSED), most=MOST_RUNNING)
    return [
        Running(
            one.id,
            one.plan.segment_id,
            one.plan.name,
            one.state is State.PAUSED,
            by_hand.progress(campaign_id=one.id) if CHANNELS[one.plan.channel].by_hand else None,
        )
        for one in found
    ]


@requires("insight.view")
@never_cache
def waiting(request: StaffRequest) -> HttpResponse:
    """Whether the picture is still being made; once it is there, the page is loaded again."""
    found = state_of(request)
    response = render(request, "today/waiting.html", {"picture": found})
    if not found.is_making:
        response["HX-Refresh"] = "true"
    return response


@requires("insight.refresh")
@require_POST
def look(request: StaffRequest) -> HttpResponse:
    """Have the picture made, when nobody did so far."""
    jobs.start(jobs.refresh_insight)
    return redirect("today")


@requires("profile.own")
@require_POST
def choose_menu(request: StaffRequest) -> HttpResponse:
    """Show everything, or only what a small shop needs; each person for themselves."""
    menu = request.POST.get("menu", "")
    if menu in MENUS:
        staff.choose_menu(user_id=request.member.id, menu=menu)
    if menu == "whole":
        messages.success(request, _("Here is everything. “Show less” under your name takes you back."))
    return _back(request)


@requires("profile.own")
@require_POST
def hide_steps(request: StaffRequest) -> HttpResponse:
    """Put the checklist away; the settings bring it back."""
    hidden = request.POST.get("hidden") == "yes"
    staff.hide_steps(user_id=request.member.id, hidden=hidden)
    if hidden:
        messages.success(request, _("The list is put away. The settings bring it back."))
    return _back(request)


def _back(request: StaffRequest) -> HttpResponse:
    """To the page that the button was on."""
    asked = request.POST.get("next", "")
    near = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return redirect(asked if near else "/")


urlpatterns = [
    path("today/", today, name="today"),
    path("today/waiting/", waiting, name="today_waiting"),
    path("today/look/", look, name="today_look"),
    path("today/steps/", hide_steps, name="hide_steps"),
    path("menu/", choose_menu, name="choose_menu"),
]

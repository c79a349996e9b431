"""Who may open which page. Nothing opens unless its view says which capability it takes."""

import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from regulars.staff import queries
from regulars.staff.rules import CAPABILITIES, Actor, StaffMember

log = logging.getLogger(__name__)

PUBLIC: Final = "public"
MEMBER: Final = "member"
"""A page of a member's own: the portal asks for the member itself, who is not staff and has no capability."""
HOME_OF_TILLS: Final = ("till.use", "till")
"""Who may not see the overview and may serve guests is at home at the till: (capability, page)."""
API_NAMESPACE: Final = "api"
SIGN_IN_VIEWS: Final = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "account_change_password",
        "account_signup",
    }
)
"""The pages of django-allauth that exist here; they ask for a sign-in themselves. Sign-up says that it is closed."""

View = TypeVar("View", bound=Callable[..., Any])


class StaffRequest(HttpRequest):
    """A request that got past the door: who makes it and what they may do."""

    member: StaffMember
    actor: Actor
    capabilities: frozenset[str]
    language: str


def requires(capability: str) -> Callable[[View], View]:
    """Declare the one capability that a view takes. Put it outermost, above every other decorator."""
    if capability not in CAPABILITIES:
        raise ValueError(f"{capability!r} is not a capability; add it to staff.rules.CAPABILITIES first.")

    def declare(view: View) -> View:
        view.required_capability = capability  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Declare that a view is open to everybody, signed in or not."""
    view.required_capability = PUBLIC  # type: ignore[attr-defined]
    return view


def required_capability(view: Callable[..., Any]) -> str | None:
    """What a view declared: a capability, `PUBLIC`, `MEMBER`, or None for nothing."""
    return getattr(view, "required_capability", None)


class RequireCapability:
    """Checks every view's declaration before it runs; also puts the page into its reader's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do here: the view is not known yet."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Let the request through, send it to sign in, or refuse it."""
        match = request.resolver_match
        if match is not None and API_NAMESPACE in match.namespaces:
            return None  # the API asks for a key on every route itself
        capability = required_capability(view)
        if capability in (PUBLIC, MEMBER):
            return None
        is_sign_in = capability is None and match is not None and _is_sign_in(match.url_name, view)
        if capability is None and not is_sign_in:
            log.error("The view %s.%s declares no capability.", view.__module__, getattr(view, "__name__", view))
            raise PermissionDenied
        member = queries.as_member(request.user)
        if member is not None:
            _admit(request, member)
        elif not queries.has_staff():
            return _set_up_first(request)
        elif not is_sign_in:
            return _sign_in_first(request)
        if not is_sign_in and (member is None or capability not in member.capabilities):
            if member is not None and request.path == "/" and HOME_OF_TILLS[0] in member.capabilities:
                return redirect(HOME_OF_TILLS[1])
            raise PermissionDenied
        return None


def _is_sign_in(url_name: str | None, view: Callable[..., Any]) -> bool:
    """Whether this is one of the pages of django-allauth that are in use; the others do not exist."""
    if not view.__module__.startswith("allauth."):
        return False
    if url_name is not None and (url_name in SIGN_IN_VIEWS or url_name.startswith("mfa_")):
        return True
    raise Http404


def _admit(request: HttpRequest, member: StaffMember) -> None:
    language = member.language or translation.get_language() or ""
    translation.activate(language)
    request.LANGUAGE_CODE = language
    for name, value in (
        ("member", member),
        ("actor", Actor(user_id=member.id)),
        ("capabilities", member.capabilities),
        ("language", language),
    ):
        setattr(request, name, value)


def _set_up_first(request: HttpRequest) -> HttpResponse:
    """Nobody works here yet: the first visitor says who the business is."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": resolve_url("setup")})
    return redirect("setup")


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """A page is redirected; a fragment tells htmx to go there whole, and to come back to the page it was on."""
    if not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    back = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    return HttpResponse(
        status=204, headers={"HX-Redirect": f"{resolve_url('account_login')}?{urlencode({'next': back})}"}
    )

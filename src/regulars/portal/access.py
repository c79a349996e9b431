"""Who may open which page of the portal. Each view says so: open to all, and why, or for signed-in members only.

Members are not staff: they have a cookie, sessions and a sign-in of their own, and see only what is theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import Any, Concatenate, Final, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone, translation

from regulars.core import calendar
from regulars.customers import consents
from regulars.customers.signing_in import actions as signing_in
from regulars.customers.signing_in import queries as sessions
from regulars.customers.signing_in.rules import SESSION_LASTS, Session
from regulars.loyalty import queries as loyalty
from regulars.loyalty.rules import InvalidPolicy, Policies
from regulars.staff import queries as staff
from regulars.staff.rules import BusinessProfile

MEMBER: Final = "member"
PUBLIC: Final = "public"
COOKIE: Final = "regulars_member"
LANGUAGES: Final = ("zh-hans", "en")
Rest = ParamSpec("Rest")


@dataclass(frozen=True, slots=True)
class Visit:
    """A member in front of a page: who stands for them, on which device, in which language, and when."""

    request: HttpRequest
    session: Session
    business: BusinessProfile
    zone: ZoneInfo
    now: datetime
    language: str

    @property
    def customer_id(self) -> int:
        """Who stands for the member's group: whatever is shown or done is theirs."""
        return self.session.canonical_id

    @property
    def words(self) -> str:
        """The language as rooms call it: 'zh' or 'en'."""
        return "en" if self.language.startswith("en") else "zh"

    def today(self, at: datetime | None = None) -> date:
        """The business's day, now or at an instant."""
        return calendar.business_date(at or self.now, self.zone)

    def policies(self) -> Policies | None:
        """The programme's versions, None before the first."""
        try:
            return loyalty.policies(self.zone)
        except InvalidPolicy:
            return None


View = Callable[Concatenate[Visit, Rest], HttpResponse]
Page = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


def member_reads(view: View[Rest]) -> Page[Rest]:
    """Declare that a page is for signed-in members, and give the view who it is. It changes nothing."""
    return _member_only(view, ("GET", "HEAD"))


def member_does(view: View[Rest]) -> Page[Rest]:
    """The same for what changes something, by a form with its token."""
    return _member_only(view, ("POST",))


def _member_only(view: View[Rest], methods: tuple[str, ...]) -> Page[Rest]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        now = timezone.now()
        found = sessions.session(request.COOKIES.get(COOKIE, ""), at=now)
        if found is None:
            return _sign_in_first(request)
        if request.method not in methods:
            return HttpResponseNotAllowed(methods)
        business = staff.business()
        zone, language = calendar.zone(business.time_zone), language_of(found.canonical_id)
        with translation.override(language), timezone.override(zone):
            response = view(Visit(request, found, business, zone, now, language), *args, **kwargs)
        if signing_in.note_seen(session=found, at=now) and COOKIE not in response.cookies:
            keep_cookie(response, request, request.COOKIES[COOKIE])
        return closed(response)

    marked: Any = guarded
    marked.required_capability = MEMBER
    return marked  # type: ignore[no-any-return]


def public_because(reason: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare that a page is open to everybody, and why that is right. Forms on it still carry a token."""

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def opened(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
            response = closed(view(request, *args, **kwargs))
            if (told := request.GET.get("lang", "")) in LANGUAGES:
                response.set_cookie(settings.LANGUAGE_COOKIE_NAME, told, samesite="Lax")
            return response

        marked: Any = opened
        marked.required_capability = PUBLIC
        marked.public_because = reason
        return marked  # type: ignore[no-any-return]

    return declare


def language_of(customer_id: int) -> str:
    """The language that a member chose, or that their phone asks for."""
    return consents.languages([customer_id]).get(customer_id) or asked_language()


def asked_language() -> str:
    """The language that the browser asks for, of those that pages are written in."""
    return "en" if (translation.get_language() or "").startswith("en") else "zh-hans"


def keep_cookie(response: HttpResponse, request: HttpRequest, token: str) -> None:
    """Let the browser keep the session: no script reads it, and no other site's form carries it."""
    response.set_cookie(
        COOKIE, token, max_age=int(SESSION_LASTS.total_seconds()), httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE or request.is_secure(), path="/",
    )  # fmt: skip


def network_of(request: HttpRequest) -> str:
    """Where a request comes from, for limits: an address, or an IPv6 network, of which a home has all addresses.

    Behind a proxy, the last address that was forwarded: the one that our own proxy saw.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        told = request.headers.get("X-Forwarded-For", told).rpartition(",")[2].strip() or told
    try:
        address = ip_address(told.strip("[]"))
    except ValueError:
        return "unknown"
    return str(address if address.version == 4 else ip_network(f"{address}/64", strict=False))


def closed(response: HttpResponse) -> HttpResponse:
    """Pages of a member are theirs alone: kept by no proxy and no browser, found by no search."""
    response.headers.setdefault("Cache-Control", "no-store, private")
    response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
    # Not "no-referrer": browsers would then send forms without their origin, and the check of its token asks for it.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """A page is redirected; a fragment tells htmx to go there whole."""
    if request.headers.get("HX-Request"):
        return closed(HttpResponse(status=204, headers={"HX-Redirect": resolve_url("member_sign_in")}))
    response = HttpResponseRedirect(resolve_url("member_sign_in"))
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE)
    return closed(response)

"""What a customer reaches from a message: the way out in one click, and what they want to get at all."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from regulars.customers.actions.consents import TooManyChanges
from regulars.outreach import preferences as outreach
from regulars.outreach.deliveries import tracking
from regulars.outreach.deliveries.letters import read_token
from regulars.outreach.preferences import CHOICES, Preferences
from regulars.portal.pages import gone, open_to_all, page

PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Choose purposes, channels and language."""
    found = _found(token)
    if found is None:
        return gone(request)
    language, problem = _language(request, found), ""
    if request.method == "POST":
        chosen = {choice for choice in CHOICES if request.POST.get("-".join(choice))}
        if "none" in request.POST:
            chosen = {choice for choice in chosen if choice[0] != "promotion"}
        try:
            outreach.choose(
                preferences=found, allowed=chosen, language=request.POST.get("language", ""), at=timezone.now()
            )
            return HttpResponseRedirect(f"{resolve_url('portal_preferences', token)}?saved=1", status=303)
        except TooManyChanges:
            problem = "often"
    context = {
        "token": token, "email": found.email, "language": language, "saved": "saved" in request.GET, "problem": problem,
        "allowed": ["-".join(choice) for choice in found.allowed],
    }  # fmt: skip
    return page(request, "preferences", context, language=language, status=429 if problem else 200)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe: a POST does it at once (RFC 8058); a GET only asks, since scanners follow every link."""
    found = _found(token)
    if found is None:
        return gone(request)
    done = request.method == "POST"
    if done:
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        outreach.unsubscribe(preferences=found, one_click=one_click, at=timezone.now())
    context = {"token": token, "done": done, "is_promotion": found.came_as.purpose == "promotion", "email": found.email}
    return page(request, "stop", context, language=_language(request, found))


@open_to_all
@require_http_methods(["GET", "HEAD"])
def go(request: HttpRequest, token: str, link: int) -> HttpResponse:
    """Count a click and lead on to what the campaign's own words say; nowhere else."""
    known = read_token(token)
    agent = request.headers.get("User-Agent", "")
    target = known and tracking.click(
        token=known, link=link, method=request.method or "", agent=agent, at=timezone.now()
    )
    if not target:
        return gone(request)
    response = HttpResponseRedirect(target)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response


@open_to_all
@require_http_methods(["GET", "HEAD"])
def seen(request: HttpRequest, token: str) -> HttpResponse:
    """The picture of one pixel; always the same, so that it tells nobody whether a message exists."""
    known = read_token(token)
    if known:
        tracking.open_(
            token=known, method=request.method or "", agent=request.headers.get("User-Agent", ""), at=timezone.now()
        )
    response = HttpResponse(PIXEL, content_type="image/gif")
    response["Cache-Control"] = "no-store"
    return response


def _found(token: str) -> Preferences | None:
    known = read_token(token)
    return outreach.of_token(known) if known else None


def _language(request: HttpRequest, found: Preferences) -> str:
    """As the page's switch says, as they chose, or as the message was written."""
    asked = request.GET.get("lang", "")
    if asked in ("zh-hans", "en"):
        return asked
    return found.language or ("en" if found.came_as.language == "en" else "zh-hans")

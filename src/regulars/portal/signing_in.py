"""Signing in and out: by the QR that staff show, or by six digits sent to a known mailbox."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from regulars.customers.rules import mask_email, normalise_email
from regulars.customers.signing_in import actions, queries
from regulars.customers.signing_in.actions import LinkOver
from regulars.customers.signing_in.rules import BY_CODE, BY_QR, CODE_LASTS, JOIN, SIGN_IN, device_name, read_code
from regulars.flows import sign_in as flow
from regulars.limits.actions import NoRoomLeft
from regulars.outreach import notices
from regulars.portal import access
from regulars.portal.access import Visit, member_does, public_because
from regulars.portal.proven import keep_proof
from regulars.portal.shown import open_page
from regulars.staff import queries as staff

ATTEMPT = "regulars_attempt"
LONGEST = 254


@public_because("who signs in is not signed in yet")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a code, or read how a QR signs one in. Whoever is signed in already goes to their card."""
    language = asked(request)
    with translation.override(language):
        if request.method == "POST":
            return ask(request, purpose=SIGN_IN, page="sign_in", language=language)
        if queries.session(request.COOKIES.get(access.COOKIE, ""), at=timezone.now()):
            return HttpResponseRedirect(resolve_url("member_card"))
        return open_page(request, "sign_in", {"sends": sends()})


def ask(request: HttpRequest, *, purpose: str, page: str, language: str) -> HttpResponse:
    """Ask for a code for the address in the form; the answer is the same whether anybody is known there."""
    address = normalise_email(request.POST.get("email", "")[:LONGEST]).value
    context = {"sends": sends(), "email": request.POST.get("email", "")[:LONGEST]}
    if not address or not context["sends"]:
        return open_page(request, page, {**context, "problem": "address"}, status=400)
    try:
        attempt = flow.ask_for_code(
            address=address, purpose=purpose, language=language, network=access.network_of(request), at=timezone.now()
        )
    except NoRoomLeft as error:
        return open_page(request, page, {**context, "problem": "often", "wait": minutes(error)}, status=429)
    response = HttpResponseRedirect(resolve_url("member_code"), status=303)
    response.set_cookie(
        ATTEMPT, attempt, max_age=int(CODE_LASTS.total_seconds()), httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE or request.is_secure(),
    )  # fmt: skip
    return response


@public_because("the six digits come from who is not signed in yet")
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Type the six digits."""
    attempt = request.COOKIES.get(ATTEMPT, "")
    with translation.override(asked(request)):
        address = queries.address_of(attempt)
        if not address:
            return HttpResponseRedirect(resolve_url("member_sign_in"))
        context: dict[str, object] = {"email": mask_email(address)}
        if request.method != "POST":
            return open_page(request, "code", context)
        return _proven(request, attempt, context)


def _proven(request: HttpRequest, attempt: str, context: dict[str, object]) -> HttpResponse:
    now, digits = timezone.now(), read_code(request.POST.get("code", ""))
    if not digits:
        return open_page(request, "code", {**context, "problem": "digits"}, status=400)
    try:
        proven = flow.prove(attempt=attempt, code=digits, network=access.network_of(request), at=now)
    except NoRoomLeft as error:
        return open_page(request, "code", {**context, "problem": "often", "wait": minutes(error)}, status=429)
    customer_id = queries.owner_of(proven.address) if proven is not None else None
    if proven is None or (customer_id is None and proven.purpose != JOIN):
        return open_page(request, "code", {**context, "problem": "wrong"}, status=400)
    if proven.purpose == JOIN:
        response: HttpResponse = HttpResponseRedirect(resolve_url("join_details"), status=303)
        keep_proof(response, request, proven.address)
    else:
        response = HttpResponseRedirect(resolve_url("member_card"), status=303)
        sign_in_here(response, request, customer_id or 0, BY_CODE)
    response.delete_cookie(ATTEMPT)
    return response


def sign_in_here(response: HttpResponse, request: HttpRequest, customer_id: int, way: str) -> None:
    """Sign a customer in on the device that asks. A session that was there before ends: the phone changed hands."""
    now = timezone.now()
    if before := queries.session(request.COOKIES.get(access.COOKIE, ""), at=now):
        actions.end_session(customer_id=before.canonical_id, session_id=before.id, at=now)
    device = device_name(request.headers.get("User-Agent", ""))
    token = actions.open_session(customer_id=customer_id, device=device, way=way, at=now)
    access.keep_cookie(response, request, token)


@public_because("a QR signs in who is not signed in yet; it counts once, for five minutes")
@never_cache
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """What the QR leads to: a page that asks first, since cameras and messengers look at every address."""
    with translation.override(asked(request)):
        if request.method != "POST":
            return open_page(request, "link", {})
        try:
            customer_id = flow.by_link(token=token, at=timezone.now())
        except LinkOver:
            return open_page(request, "link", {"problem": "over"}, status=410)
        response = HttpResponseRedirect(resolve_url("member_card"), status=303)
        sign_in_here(response, request, customer_id, BY_QR)
        return response


@member_does
def sign_out(visit: Visit) -> HttpResponse:
    """Sign out here. The browser forgets what it kept, the last card included."""
    actions.end_session(customer_id=visit.customer_id, session_id=visit.session.id, at=visit.now)
    response = HttpResponseRedirect(f"{resolve_url('member_sign_in')}?out=1", status=303)
    response.delete_cookie(access.COOKIE)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def asked(request: HttpRequest) -> str:
    """The language of a page that nobody is signed in to: as its switch says, or as the browser asks."""
    told = request.GET.get("lang", "")
    return told if told in access.LANGUAGES else access.asked_language()


def sends() -> bool:
    """Whether codes can be sent from here at all."""
    return notices.can_send(is_demo=staff.business().is_demo)


def minutes(error: NoRoomLeft) -> int:
    """How many minutes until there is room again, at least one."""
    seconds = error.context.get("retry_after")
    return -(-int(seconds) // 60) if isinstance(seconds, int) and seconds else 1

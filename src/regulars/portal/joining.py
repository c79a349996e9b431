"""Joining on the web: first a code to one's own mailbox, then who one is and what one agrees to.

An address proves itself before anything is shown or kept, so nobody joins as somebody else.
"""

from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from regulars.core.errors import DomainError
from regulars.customers import queries as customers
from regulars.customers.enrolling import queries as members
from regulars.customers.enrolling.queries import Entrance
from regulars.customers.enrolling.rules import GuardianNeeded, Joining, TextsChanged
from regulars.customers.identities import Identity, IdentityKind
from regulars.customers.rules import mask_email, normalise_name
from regulars.customers.signing_in import queries as sessions
from regulars.customers.signing_in.queries import owner_of
from regulars.customers.signing_in.rules import BY_JOINING, JOIN
from regulars.flows.enrol import enrol
from regulars.flows.settings import programme, today
from regulars.loyalty.rules import InvalidPolicy
from regulars.portal.access import COOKIE, public_because
from regulars.portal.me import read_day
from regulars.portal.proven import forget_proof, proven_address
from regulars.portal.shown import open_page
from regulars.portal.signing_in import ask, asked, sends, sign_in_here

FROM = "regulars_from"
FROM_LASTS_S = 86_400
CHANNELS = ("email",)


@public_because("whoever joins is no member yet")
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """What one gets, and where the code goes. `?from=` says by which QR one came."""
    language = asked(request)
    with translation.override(language):
        if request.method == "POST":
            return ask(request, purpose=JOIN, page="join", language=language)
        response = open_page(request, "join", {"sends": sends(), "entrance": _entrance(request)})
    if (told := request.GET.get("from", "")[:12]) and members.entrance(told):
        response.set_cookie(FROM, told, max_age=FROM_LASTS_S, httponly=True, samesite="Lax")
    return response


@public_because("whoever joins has shown that the mailbox is theirs, and is no member yet")
@never_cache
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Name, birthday if one likes, the texts, and offers only if one asks for them."""
    language = asked(request)
    with translation.override(language):
        address, owner, identities = _who(request)
        if not identities:
            return HttpResponseRedirect(resolve_url("join"))
        if owner is not None and members.joined(owner) is not None:
            return _inside(request, owner)
        charter, privacy = members.current_versions()
        told = request.POST
        context: dict[str, object] = {
            "email": mask_email(address) if address else "", "charter": charter, "privacy": privacy, "told": told,
            "latest": today(timezone.now()), "is_draft": not (charter and privacy),
        }  # fmt: skip
        if request.method != "POST":
            return open_page(request, "details", context)
        birthday = read_day(told.get("birthday", ""))
        if not told.get("agrees") or not normalise_name(told.get("name", "")) or birthday == date.max:
            return open_page(request, "details", {**context, "problem": "incomplete"}, status=400)
        joining = Joining(
            identities=identities, charter=_number(told.get("charter", "")),
            privacy=_number(told.get("privacy", "")), place="web", name=normalise_name(told.get("name", "")),
            birthday=birthday, language=language, guardian=told.get("guardian", ""),
            marketing=frozenset(channel for channel in CHANNELS if told.get(f"promotion-{channel}")),
        )  # fmt: skip
        return _enrolled(request, joining, context)


def _enrolled(request: HttpRequest, joining: Joining, context: dict[str, object]) -> HttpResponse:
    now = timezone.now()
    if joining.birthday is not None and joining.birthday > today(now):
        return open_page(request, "details", {**context, "problem": "incomplete"}, status=400)
    try:
        policies, zone = programme()
        done = enrol(joining=_credited(joining, _entrance(request)), policies=policies, zone=zone, at=now)
    except GuardianNeeded:
        return open_page(request, "details", {**context, "problem": "guardian"}, status=400)
    except TextsChanged:
        return open_page(request, "details", {**context, "problem": "texts"}, status=409)
    except (InvalidPolicy, DomainError):
        return open_page(request, "details", {**context, "problem": "closed"}, status=409)
    return _inside(request, done.customer_id)


def _who(request: HttpRequest) -> tuple[str, int | None, tuple[Identity, ...]]:
    """The address that was proven, whose it is if anybody's, and their names; or of who is signed in already."""
    if address := proven_address(request):
        return address, owner_of(address), (Identity(IdentityKind.EMAIL, "", address),)
    session = sessions.session(request.COOKIES.get(COOKIE, ""), at=timezone.now())
    who = customers.profile(session.canonical_id) if session is not None else None
    return ("", who.customer_id, who.identities[:1]) if who is not None else ("", None, ())


def _inside(request: HttpRequest, customer_id: int) -> HttpResponse:
    response: HttpResponse = HttpResponseRedirect(resolve_url("member_card"), status=303)
    sign_in_here(response, request, customer_id, BY_JOINING)
    forget_proof(response)
    response.delete_cookie(FROM)
    return response


def _credited(joining: Joining, entrance: Entrance | None) -> Joining:
    """With the QR by which they came: its store, and whoever showed it."""
    if entrance is None:
        return joining
    actor = f"user:{entrance.user_id}" if entrance.user_id is not None else ""
    return replace(joining, place=entrance.place, join_code_id=entrance.id, store=entrance.store, actor=actor)


def _entrance(request: HttpRequest) -> Entrance | None:
    told = request.GET.get("from", "") or request.COOKIES.get(FROM, "")
    return members.entrance(told) if told else None


def _number(told: str) -> int:
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 9 else -1

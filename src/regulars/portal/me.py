"""Me: name and birthday, language, what one wants to hear of, the devices, and all that is kept, to take along."""

from datetime import date

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from regulars.customers import actions as customers_do
from regulars.customers import queries as customers
from regulars.customers.actions.consents import TooManyChanges
from regulars.customers.actions.telling import BadBirthday, BirthdayKnown
from regulars.customers.enrolling import queries as members
from regulars.customers.identities import IdentityKind
from regulars.customers.rules import mask_email, mask_phone
from regulars.customers.signing_in import actions as signing_in
from regulars.customers.signing_in import queries as sessions
from regulars.loyalty.membership import number_of
from regulars.outreach import preferences
from regulars.outreach.preferences import CHOICES
from regulars.portal.access import LANGUAGES, Visit, member_does, member_reads
from regulars.portal.shown import shown

OFTEN, BIRTHDAY = "often", "birthday"


@member_reads
def me(visit: Visit) -> HttpResponse:
    """Everything that a member sets."""
    return _page(visit)


@member_does
def profile(visit: Visit) -> HttpResponse:
    """Keep the name and, once, the birthday."""
    told = visit.request.POST
    birthday = read_day(told.get("birthday", ""))
    try:
        customers_do.tell(
            customer_id=visit.customer_id, name=told.get("name", ""), birthday=birthday, today=visit.today()
        )
    except (BirthdayKnown, BadBirthday):
        return _page(visit, problem=BIRTHDAY, status=400)
    return _saved("profile")


@member_does
def language(visit: Visit) -> HttpResponse:
    """Pages and messages come in this language from now on."""
    wanted = visit.request.POST.get("language", "")
    if wanted in LANGUAGES:
        customers_do.choose_language(customer_id=visit.customer_id, language=wanted)
    return _saved("language")


@member_does
def wishes(visit: Visit) -> HttpResponse:
    """Keep what they want to hear of."""
    chosen = {choice for choice in CHOICES if visit.request.POST.get("-".join(choice))}
    found = preferences.of_customer(visit.customer_id)
    try:
        preferences.choose(preferences=found, allowed=chosen, language="", at=visit.now)
    except TooManyChanges:
        return _page(visit, problem=OFTEN, status=429)
    return _saved("wishes")


@member_does
def end_device(visit: Visit, session_id: int) -> HttpResponse:
    """Sign another device out. A device of somebody else is not touched."""
    if session_id == visit.session.id:
        return HttpResponseRedirect(resolve_url("member_me"), status=303)
    signing_in.end_session(customer_id=visit.customer_id, session_id=session_id, at=visit.now)
    return _saved("device")


@member_does
def end_others(visit: Visit) -> HttpResponse:
    """Sign out everywhere but here."""
    signing_in.end_sessions(customer_id=visit.customer_id, at=visit.now, but=visit.session.id)
    return _saved("device")


def read_day(told: str) -> date | None:
    """A day from a form; None if nobody said one."""
    try:
        return date.fromisoformat(told[:10]) if told else None
    except ValueError:
        return date.max


def _saved(what: str) -> HttpResponse:
    return HttpResponseRedirect(f"{resolve_url('member_me')}?saved={what}#{what}", status=303)


def _page(visit: Visit, *, problem: str = "", status: int = 200) -> HttpResponse:
    who, wanted = customers.profile(visit.customer_id), preferences.of_customer(visit.customer_id)
    contacts = [
        (_("Phone") if one.kind == IdentityKind.PHONE else _("E-mail"), _masked(one.kind, one.value))
        for one in (who.identities if who else ())
        if one.kind in (IdentityKind.PHONE, IdentityKind.EMAIL)
    ]
    context = {
        "who": who,
        "number": number_of(visit.customer_id),
        "contacts": contacts,
        "language": visit.language,
        "email": wanted.email,
        "allowed": ["-".join(choice) for choice in wanted.allowed],
        "devices": [(one, one.id == visit.session.id) for one in sessions.devices(visit.customer_id, at=visit.now)],
        "joined": members.joined(visit.customer_id),
        "saved": visit.request.GET.get("saved", ""),
        "problem": problem,
    }
    return shown(visit, "me", context, tab="me", status=status)


def _masked(kind: int, value: str) -> str:
    return mask_phone(value) if kind == IdentityKind.PHONE else mask_email(value)

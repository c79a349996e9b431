"""Finding the guest: what a scanner typed, a phone, a member number, or the last four digits of a phone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.console import actors
from regulars.console.access import StaffRequest
from regulars.console.lines import shown_name, shown_phone
from regulars.core.errors import DomainError
from regulars.customers import lookup
from regulars.customers import queries as customers
from regulars.customers.cards.actions import who_shows
from regulars.customers.identities import Identity, IdentityKind
from regulars.customers.rules import normalise_phone
from regulars.loyalty import membership
from regulars.loyalty.membership import Filter

CARD: Final = re.compile(r"\s*R\s*1\s*-", re.IGNORECASE)
SHORTEST_PHONE: Final = 7
MOST: Final = 8
"""More people whose phones end alike than a cashier reads through: another way is quicker then."""
LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody as a cashier sees them: named as far as their role allows, the phone masked."""

    customer_id: int
    number: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Found:
    """Who was found; `phone` is one that nobody has yet, as it is kept; `problem` what to say instead."""

    guests: tuple[Guest, ...] = ()
    phone: str = ""
    problem: str = ""


def find(request: StaffRequest, typed: str, scan: str) -> Found:
    """Who is meant by what was typed or scanned.

    Args:
        scan: This screen's own key, so that a scan that is sent again is the same scan.
    """
    told = "".join(typed.split())[:120]
    if not told:
        return Found(problem=_("Scan the member's code, or type the phone or its last four digits."))
    if CARD.match(told):
        return _card(request, told, scan)
    if (customer_id := membership.id_of(told)) is not None and told[:1] in "Mm":
        return _known([customer_id], request) or Found(problem=_("Nobody has this member number."))
    digits = re.sub(r"\D", "", told)
    if len(digits) >= SHORTEST_PHONE and not re.search(r"[^\d+()\-]", told):
        return _phone(request, told)
    if len(digits) == len(told) == 4:
        return _ending(request, digits)
    if found := _known(_named(told), request):
        return found
    return Found(problem=_("Nobody was found. Type the whole phone to enrol them."))


def guest_of(request: StaffRequest, number: str) -> Guest | None:
    """The guest with this member number; None if there is nobody."""
    found = _known([customer_id], request) if (customer_id := membership.id_of(number)) is not None else None
    return found.guests[0] if found else None


def _card(request: StaffRequest, told: str, scan: str) -> Found:
    try:
        shown = who_shows(told, at=timezone.now(), key=scan, by=actors.key_of(request.actor))
    except DomainError as error:
        return Found(problem=card_said(error.code))
    return _known([shown.customer_id], request) or Found(problem=card_said(""))


def card_said(code: str) -> str:
    """Why a card is refused."""
    if code == "card_token_old":
        return _("This code is over: a photograph, perhaps. Ask for the one that the phone shows now.")
    if code == "card_token_used":
        return _("This code was scanned before. Wait for the next one; it comes within half a minute.")
    return _("This is no member's card of this shop.")


def _phone(request: StaffRequest, told: str) -> Found:
    read = normalise_phone(told)
    if not read.value:
        return Found(problem=_("This is not a phone that can be used."))
    owner = lookup.owner([Identity(IdentityKind.PHONE, "", read.value)])
    found = _known([owner], request) if owner is not None else None
    if found is None and not read.joins:
        return Found(problem=_("A number like this one is lent out or shared, so it stands for nobody."))
    return found or Found(phone=read.value)


def _ending(request: StaffRequest, digits: str) -> Found:
    now = timezone.now()
    wanted = Filter(words=digits)
    members = membership.find(wanted, today=timezone.localdate(), at=now, sort="recent", offset=0, most=LOOKED_AT)
    names = lookup.names_of(one.customer_id for one in members)
    ends = {
        who for who, known in names.items() if any(_is_phone(name) and name.value.endswith(digits) for name in known)
    }
    found = _known([one.customer_id for one in members if one.customer_id in ends], request)
    if found is None:
        return Found(problem=_("No phone ends in %(digits)s. Type the whole phone to enrol them.") % {"digits": digits})
    if len(found.guests) > MOST:
        return Found(problem=_("Many phones end in %(digits)s. Type the whole one.") % {"digits": digits})
    return found


def _is_phone(name: Identity) -> bool:
    """A member number may end alike, and is not what was asked for."""
    return name.kind == IdentityKind.PHONE


def _named(told: str) -> list[int]:
    """Somebody by a number that another system gave them."""
    owner = lookup.owner([Identity(IdentityKind.MEMBER_NUMBER, "", told)])
    return [owner] if owner is not None else []


def _known(customer_ids: Sequence[int], request: StaffRequest) -> Found | None:
    groups = customers.canonicals(customer_ids)
    ids = list(dict.fromkeys(groups[one] for one in customer_ids if one in groups))
    if not ids:
        return None
    names, phones = customers.names(ids), customers.phones(ids)
    whole = "customers.view" in request.capabilities
    return Found(tuple(_guest(one, names[one][1], phones.get(one, ""), whole) for one in ids))


def _guest(customer_id: int, name: str, phone: str, whole: bool) -> Guest:
    shown = shown_name(name, whole=whole) or _("No name yet")
    return Guest(customer_id, membership.number_of(customer_id), shown, shown_phone(phone))

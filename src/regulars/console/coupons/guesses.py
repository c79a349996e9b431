"""Wrong codes as staff read them: the alarm on the pages that they open with, and who tried them."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.catalogue import queries as catalogue
from regulars.console.access import StaffRequest
from regulars.loyalty.coupons.guesses import WrongBy, WrongGuesses, wrong_guesses
from regulars.loyalty.coupons.rules import Guesser, GuesserKind
from regulars.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Line:
    """One who tried: what they are called, where they stand, what can be done about them."""

    name: str
    kind: str
    icon: str
    where: str
    url: str
    codes: int
    first_at: datetime
    last_at: datetime


def alarm(request: StaffRequest) -> WrongGuesses | None:
    """The wrong codes of the last day, if they are more than typing errors and this person has to do with coupons."""
    if "campaigns.view" not in request.capabilities:
        return None
    found = wrong_guesses(at=timezone.now())
    return found if found.alarms else None


def lines(request: StaffRequest, found: WrongGuesses) -> list[Line]:
    """Everybody who tried, the busiest first."""
    people = {one.id: one for one in staff.staff()}
    keys = {one.id: one.name for one in staff.api_keys()}
    stores = catalogue.store_codes()
    told = []
    for one in found.by:
        who = one.guesser
        person = people.get(who.id) if who.kind is GuesserKind.STAFF else None
        name = keys.get(who.id, "") if who.kind is GuesserKind.API_KEY else ""
        if person is not None:
            name = person.name or person.email
        where = [stores.get(code, code) for code in person.store_codes or ()] if person is not None else []
        told.append(_line(request, one, name or _("No name yet"), " · ".join(where)))
    return told


def _line(request: StaffRequest, one: WrongBy, name: str, where: str) -> Line:
    kind, icon = {
        GuesserKind.STAFF: (_("Staff, at a till of the console"), "user"),
        GuesserKind.API_KEY: (_("Program with an API key"), "key-round"),
        GuesserKind.MEMBER: (_("Member"), "users"),
    }[one.guesser.kind]
    return Line(name, kind, icon, where, _url(request, one.guesser), one.codes, one.first_at, one.last_at)


def _url(request: StaffRequest, who: Guesser) -> str:
    """Where such a person or key is stopped, for those who may."""
    if who.kind is GuesserKind.STAFF and "staff.manage" in request.capabilities:
        return reverse("settings_person", args=[who.id])
    if who.kind is GuesserKind.API_KEY and "apikeys.manage" in request.capabilities:
        return reverse("settings_keys")
    return ""

"""Requests of a till: who asks, about whom, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from regulars.api.access import caller_of
from regulars.api.bodies import Json, holds_null_character, read_object
from regulars.api.people import read_person
from regulars.api.situation import Situation, situation
from regulars.core.calendar import business_date
from regulars.core.money import minor_digits, to_major
from regulars.customers import lookup
from regulars.facts.kinds import fields
from regulars.facts.rules import MalformedFact
from regulars.loyalty.checkout.rules import Worth
from regulars.loyalty.coupons.rules import Guesser, GuesserKind
from regulars.staff.rules import ApiCaller

LONGEST_SOURCE: Final = 100
LONGEST_STORE: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was read: what it says, who says it, and when."""

    members: Json
    caller: ApiCaller
    source: str
    situation: Situation
    at: datetime

    @property
    def guesser(self) -> Guesser:
        """Wrong codes count against the key."""
        return Guesser(GuesserKind.API_KEY, self.caller.api_key_id)

    @property
    def actor(self) -> str:
        """The key as the doer of something."""
        return f"api:{self.caller.name}"

    @property
    def also(self) -> tuple[str, ...]:
        """As whose hand it counts besides: that of the person who made the key."""
        return () if self.caller.made_by is None else (f"user:{self.caller.made_by}",)

    @property
    def worth(self) -> Worth:
        """What points are worth in money."""
        return Worth(self.situation.worth_points, self.situation.worth_minor)

    @property
    def names_somebody(self) -> bool:
        """Whether the request says who is at the till, known or not."""
        today = business_date(self.at, self.situation.zone)
        return bool(read_person(self.members, source=self.source, today=today).identities)

    def money(self, minor: int) -> str:
        """An amount in major units, with the currency's decimals."""
        currency = self.situation.currency
        return f"{to_major(minor, currency):.{minor_digits(currency)}f}"

    def customer(self) -> int | None:
        """Who is at the till, if somebody is named who is known here; a customer nobody knows yet is nobody else."""
        today = business_date(self.at, self.situation.zone)
        person = read_person(self.members, source=self.source, today=today)
        return lookup.owner(person.identities) if person.identities else None

    def store(self) -> str:
        """Code of the shop, '' if nobody says."""
        return short(self.members, "store", LONGEST_STORE)


def read(request: HttpRequest) -> Asked:
    """The request as an object.

    Raises:
        MalformedFact: A text holds a null character, or the source is too long; and what `read_object` raises.
    """
    body, caller = read_object(request), caller_of(request)
    if body.may_hold_null and holds_null_character(body.members):
        raise MalformedFact("A text holds a null character, which cannot be kept.")
    source = short(body.members, "source", LONGEST_SOURCE) or f"api:{caller.name}"[:LONGEST_SOURCE]
    return Asked(body.members, caller, source, situation(), timezone.now())


def short(members: Json, name: str, most: int) -> str:
    """A text of so many characters at most, '' if absent."""
    found = fields.text(members, name)
    if len(found) > most:
        raise MalformedFact(f"{name} is longer than {most} characters.", field=name)
    return found


def answer(value: Any) -> HttpResponse:
    """The answer as JSON, which nobody keeps."""
    response = HttpResponse(orjson.dumps(value), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response

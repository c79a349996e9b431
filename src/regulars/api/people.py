"""Who a message is about: identities and profile out of Segment's ids and traits.

A contact that is masked, lent by a platform or nobody's is left out with a warning; it never refuses the message.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from regulars.api.bodies import Json
from regulars.customers.rules import Reason, normalise_email, normalise_name, normalise_number, normalise_phone
from regulars.facts.rules import Identity, IdentityKind, MalformedFact

LONGEST_RAW = 300
"""Longer texts than this are no contact, and are not worth looking at."""
LONGEST_SPACE = 100
LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,6})?")
OLDEST_BIRTHDAY = date(1900, 1, 1)

WHY = {
    Reason.PLACEHOLDER: "stands for nobody",
    Reason.MASKED: "is masked",
    Reason.PRIVACY: "is a number that a platform lends for some days",
    Reason.VIRTUAL: "is from a range that platforms lend from, so it does not tell who somebody is",
    Reason.LANDLINE: "is a landline, which several people share",
    Reason.SHORTENED: "has lost digits in a spreadsheet",
    Reason.INVALID: "is not valid",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was left out, and why."""

    field: str
    code: str
    detail: str


@dataclass(slots=True)
class Person:
    """Identities, strongest first; name, birthday and language as far as they are told; what was left out."""

    identities: tuple[Identity, ...] = ()
    profile: dict[str, Any] = field(default_factory=dict)
    warnings: list[Notice] = field(default_factory=list)

    def warn(self, where: str, code: str, why: str) -> None:
        """Note that a field was left out."""
        self.warnings.append(Notice(where, code, f"{where} {why}; it was left out."))


def read_person(message: Json, *, source: str, today: date) -> Person:
    """Who the message is about.

    Raises:
        MalformedFact: userId, anonymousId, context or traits have the wrong type.
    """
    person = Person()
    found = [
        _number(person, "userId", _id(message, "userId"), IdentityKind.EXTERNAL_ID, source),
        _number(person, "anonymousId", _id(message, "anonymousId"), IdentityKind.ANONYMOUS, source),
    ]
    context = child(message, "context")
    for where, traits in (("traits", child(message, "traits")), ("context.traits", child(context, "traits"))):
        if traits:
            found += _contacts(person, where, traits)
            _profile(person, where, traits, today)
    if "language" not in person.profile and isinstance(context.get("locale"), str):
        _language(person, "context.locale", context["locale"])
    person.identities = tuple(sorted({identity for identity in found if identity is not None}))
    return person


def child(message: Mapping[str, Any], name: str) -> Json:
    """An object inside a message; empty if absent.

    Raises:
        MalformedFact: It is something else than an object.
    """
    value = message.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedFact(f"{name} must be an object.", field=name)
    return value


def _id(message: Json, name: str) -> str | int | None:
    value = message.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise MalformedFact(f"{name} must be a text.", field=name)
    return value


def _number(person: Person, where: str, raw: Any, kind: IdentityKind, space: str = "") -> Identity | None:
    if isinstance(raw, bool | float | list | dict) or (isinstance(raw, str) and len(raw) > LONGEST_RAW):
        person.warn(where, Reason.INVALID, WHY[Reason.INVALID])
        return None
    value, reason = normalise_number(raw)
    if reason in WHY:
        person.warn(where, reason, WHY[reason])
    return Identity(kind, space, value) if value else None


def _contacts(person: Person, where: str, traits: Json) -> list[Identity | None]:
    found: list[Identity | None] = []
    if (phone := _text(person, f"{where}.phone", traits.get("phone"))) is not None:
        result = normalise_phone(phone)
        if result.joins:
            found.append(Identity(IdentityKind.PHONE, "", result.value))
        elif result.reason in WHY:
            person.warn(f"{where}.phone", result.reason, WHY[result.reason])
    if (email := _text(person, f"{where}.email", traits.get("email"))) is not None:
        value, reason = normalise_email(email)
        if value:
            found.append(Identity(IdentityKind.EMAIL, "", value))
        elif reason in WHY:
            person.warn(f"{where}.email", reason, WHY[reason])
    found.append(_number(person, f"{where}.memberNumber", traits.get("memberNumber"), IdentityKind.MEMBER_NUMBER))
    found.append(_number(person, f"{where}.unionid", traits.get("unionid"), IdentityKind.UNIONID))
    if traits.get("openid") is not None:
        appid, _ = normalise_number(_text(person, f"{where}.appid", traits.get("appid")))
        if not appid or len(appid) > LONGEST_SPACE:
            person.warn(f"{where}.openid", Reason.INVALID, "means somebody only together with its appid")
        else:
            found.append(_number(person, f"{where}.openid", traits["openid"], IdentityKind.OPENID, appid))
    return found


def _profile(person: Person, where: str, traits: Json, today: date) -> None:
    """Keep what is told first; `traits` come before `context.traits`."""
    if "name" not in person.profile and (name := normalise_name(_whole_name(person, where, traits))):
        person.profile["name"] = name
    birthday = _text(person, f"{where}.birthday", traits.get("birthday"))
    if birthday and "birthday" not in person.profile:
        try:
            day = date.fromisoformat(birthday[:10])
        except ValueError:
            day = None
        if day is None or not OLDEST_BIRTHDAY <= day <= today:
            person.warn(f"{where}.birthday", Reason.INVALID, "is not a day such as 1990-05-17")
        else:
            person.profile["birthday"] = day
    if language := _text(person, f"{where}.language", traits.get("language")):
        _language(person, f"{where}.language", language)


def _whole_name(person: Person, where: str, traits: Json) -> str:
    if name := _text(person, f"{where}.name", traits.get("name")):
        return name
    first = _text(person, f"{where}.firstName", traits.get("firstName")) or ""
    last = _text(person, f"{where}.lastName", traits.get("lastName")) or ""
    return f"{first} {last}" if (first + last).isascii() else f"{last}{first}"


def _language(person: Person, where: str, raw: str) -> None:
    if "language" in person.profile:
        return
    if LANGUAGE.fullmatch(raw):
        person.profile["language"] = raw.replace("_", "-").lower()
    else:
        person.warn(where, Reason.INVALID, "is not a language such as zh-hans or en")


def _text(person: Person, where: str, raw: Any) -> str | None:
    """A text of bearable length (numbers are taken as text), or None with a warning."""
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, str | int) or (isinstance(raw, str) and len(raw) > LONGEST_RAW):
        person.warn(where, Reason.INVALID, WHY[Reason.INVALID])
        return None
    return str(raw)

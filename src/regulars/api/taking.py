"""Taking single members out of a request, checked: whole numbers, days, yes and no, lists of texts, words."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from regulars.api.asked import Asked, short
from regulars.core.bilingual import Text
from regulars.core.money import InvalidAmount, to_minor
from regulars.facts.rules import MalformedFact

LARGEST_ID: Final = 2**63 - 1
LAST_YEAR: Final = 9000


def whole(asked: Asked, name: str, *, least: int = 1, most: int = LARGEST_ID) -> int:
    """A whole number within bounds.

    Raises:
        MalformedFact: It is missing, no whole number, or outside.
    """
    found = asked.members.get(name)
    if type(found) is not int or not least <= found <= most:
        raise MalformedFact(f"{name} must be a whole number from {least} to {most}.", field=name)
    return found


def maybe_whole(asked: Asked, name: str, *, least: int = 1, most: int = LARGEST_ID) -> int | None:
    """The same where it may be absent or null."""
    return None if asked.members.get(name) is None else whole(asked, name, least=least, most=most)


def day(asked: Asked, name: str) -> date | None:
    """A day such as 2026-03-31; None if it is absent."""
    told = short(asked.members, name, 10) if asked.members.get(name) is not None else ""
    try:
        found = date.fromisoformat(told) if told else None
    except ValueError as error:
        raise MalformedFact(f"{name} must be a day such as 2026-03-31.", field=name) from error
    if found is not None and not 1900 <= found.year <= LAST_YEAR:
        raise MalformedFact(f"{name} lies too far away.", field=name)
    return found


def moment_ahead(asked: Asked, name: str, *, days: int) -> datetime | None:
    """A time to come with an offset, at most so many days ahead; None if it is absent.

    Raises:
        MalformedFact: It is no such time.
    """
    if asked.members.get(name) is None:
        return None
    told = short(asked.members, name, 40)
    try:
        found: datetime | None = datetime.fromisoformat(told)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise MalformedFact(f"{name} is a time with an offset, such as 2027-01-01T00:00:00+08:00.", field=name)
    if not asked.at < found <= asked.at + timedelta(days=days):
        raise MalformedFact(f"{name} lies ahead, by {days} days at most.", field=name)
    return found


def one_of(asked: Asked, name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """One of these words; '' if it is absent."""
    found = short(asked.members, name, 40) if asked.members.get(name) is not None else ""
    if found and found not in known:
        raise MalformedFact(f"{name} is one of {', '.join(known)}.", field=name)
    return found


def texts(asked: Asked, name: str, *, most: int, longest: int = 100) -> tuple[str, ...]:
    """A list of texts; empty if it is absent."""
    found = asked.members.get(name, [])
    if not isinstance(found, list) or len(found) > most:
        raise MalformedFact(f"{name} must be a list of at most {most}.", field=name)
    if not all(isinstance(one, str) and 0 < len(one) <= longest for one in found):
        raise MalformedFact(f"{name} holds texts of 1 to {longest} characters.", field=name)
    return tuple(found)


def words(asked: Asked, name: str, *, longest: int = 1000) -> Text:
    """Words in both languages, one of which may be missing; empty if they are absent."""
    found = asked.members.get(name)
    told = {} if found is None else found
    if not isinstance(told, dict) or not set(told) <= {"zh", "en"}:
        raise MalformedFact(f"{name} holds words in zh and en.", field=name)
    if not all(isinstance(one, str) and len(one) <= longest for one in told.values()):
        raise MalformedFact(f"{name} holds texts of at most {longest} characters.", field=name)
    return Text(told.get("zh", ""), told.get("en", ""))


def money(asked: Asked, name: str) -> int:
    """An amount in major units as whole minor units.

    Raises:
        MalformedFact: It is no amount of the business's money.
    """
    try:
        return to_minor(asked.members.get(name, ""), asked.situation.currency)
    except InvalidAmount as error:
        raise MalformedFact(f"{name} is an amount in major units, such as 10.00.", field=name) from error

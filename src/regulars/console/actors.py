"""Who did something, as rooms keep it in a text, and as people read it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from regulars.staff import queries
from regulars.staff.rules import Actor

PREFIX = "user:"
PROGRAM = "api:"
COMMAND_LINE = "command line"


def key_of(actor: Actor) -> str:
    """What is kept of somebody: an id, since names may change or have to be forgotten."""
    return f"{PREFIX}{actor.user_id}" if actor.user_id is not None else ""


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """How to call these people on a page."""
    wanted = set(keys)
    ids = {key: int(key[len(PREFIX) :]) for key in wanted if key.startswith(PREFIX) and key[len(PREFIX) :].isdecimal()}
    people = queries.names(ids.values())
    return {key: _name(key, people.get(ids.get(key, 0), "")) for key in wanted}


def _name(key: str, person: str) -> str:
    if person:
        return person
    if key.startswith(PROGRAM):
        return _("API key %(name)s") % {"name": key[len(PROGRAM) :]}
    return _("Command line") if key == COMMAND_LINE else _("The system")

"""The customers behind a number: one address for every choice of customers, and what it means to whoever opens it.

A choice is a condition (`where`), a named choice that no condition can say (`NAMED`, such as the cell of a cohort), or
both at once.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY, InvalidCondition, Tree, as_json, read
from regulars.core.conditions.fields import Field
from regulars.core.errors import DomainError

PAGE = "people"
WHERE = "where"
LONGEST_WHERE = 20_000


class Unreadable(DomainError):
    """The address names no customers: it was cut off or changed, or what it asks about is there no longer."""

    code = "unreadable_selection"


@dataclass(frozen=True, slots=True)
class Named:
    """Customers whom no condition can tell, and what to call them.

    Attributes:
        customers: Gives their ids; asked only when they are looked at.
    """

    title: Text
    customers: Callable[[], Sequence[int]]


Maker: TypeAlias = Callable[[Mapping[str, str]], Named]
NAMED: dict[str, Maker] = {}
"""Named choices by the parameter that asks for them. The maker gets all parameters, and raises `Unreadable`.

A page that has some puts them in where it is defined: `behind.NAMED["cohort"] = cell`, and links to them with
`people_url(cohort="2026-01", after=3)`.
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom an address means. `parameters` are those of the address that say so, for links and forms."""

    tree: Tree
    named: tuple[Named, ...]
    parameters: dict[str, str]

    @property
    def query(self) -> str:
        """The parameters as they stand in an address."""
        return urlencode(self.parameters)


def people_url(tree: Tree | Mapping[str, Any] | None = None, **extra: object) -> str:
    """Where the customers whom a condition means are listed.

    Args:
        tree: The condition, or its JSON; None where only `extra` says who is meant.
        extra: Further parameters: those of a named choice, or `sort`.
    """
    told = {} if tree is None else {WHERE: encoded(tree)}
    return f"{reverse(PAGE)}?{urlencode({**told, **{name: str(value) for name, value in extra.items()}})}"


def encoded(tree: Tree | Mapping[str, Any]) -> str:
    """A condition in the letters that an address may have."""
    plain = tree if isinstance(tree, Mapping) else as_json(tree)
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(text: str, fields: Mapping[str, Field]) -> Tree:
    """The condition that an address names.

    Raises:
        Unreadable: It is none, or asks about something that is not there.
    """
    if not text.isascii() or len(text) > LONGEST_WHERE:
        raise Unreadable("This address cannot be read.")
    try:
        return read(json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))), fields)
    except (ValueError, RecursionError, binascii.Error, InvalidCondition) as error:
        raise Unreadable("This address cannot be read.") from error


def read_selection(request: HttpRequest, fields: Mapping[str, Field]) -> Selection:
    """Whom a request means: by its address, or by the `query` of a form, which is what stood in the address.

    Raises:
        Unreadable: Nobody can tell.
    """
    if request.method == "POST":
        return selection(dict(parse_qsl(request.POST.get("query", ""))), fields)
    return selection(request.GET, fields)


def selection(told: Mapping[str, str], fields: Mapping[str, Field]) -> Selection:
    """Whom parameters mean; everybody if they say nothing.

    Raises:
        Unreadable: Nobody can tell.
    """
    where = told.get(WHERE, "")
    tree = decoded(where, fields) if where else EVERYBODY
    makers = [NAMED[name] for name in NAMED if told.get(name)]
    named = tuple(make(told) for make in makers)
    own = {name: value for name, value in told.items() if name not in OF_THE_PAGE and value} if named else {}
    return Selection(tree, named, {**own, **({WHERE: where} if where else {})})


OF_THE_PAGE = frozenset({WHERE, "sort", "page"})
"""Parameters that say nothing about who is meant, or have been read."""

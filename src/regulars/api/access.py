"""Who may call what: every route names one scope, and a route without one does not even load."""

import base64
import binascii
import time
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from regulars.api.limits import limits
from regulars.core.errors import DomainError
from regulars.staff.actions import verify_api_key
from regulars.staff.actions.api_keys import BadApiKey
from regulars.staff.rules import SCOPES, ApiCaller, key_hash

FRESH_SECONDS = 1.0
MOST_KNOWN = 1000


class ScopeMissing(DomainError):
    """The key is good, but not for this."""

    code = "scope_missing"


class Scope:
    """Asks for an API key that has this scope: `Authorization: Bearer KEY`, or Basic with the key as user name."""

    def __init__(self, name: str) -> None:
        if name not in SCOPES:
            raise ValueError(f"{name!r} is not a scope; add it to staff.rules.SCOPES first.")
        self.name = name

    def __call__(self, request: HttpRequest) -> ApiCaller:
        """Who calls.

        Raises:
            BadApiKey: No key, or none that lives.
            TooManyRequests: The key is over its rate.
            ScopeMissing: The key was not given this scope.
        """
        caller = _verified(_secret(request))
        limits.admit(caller.api_key_id)
        if self.name not in caller.scopes:
            raise ScopeMissing(f"This API key needs the scope {self.name}. Make a key that has it in the settings.")
        return caller


class ScopedRouter(Router):
    """A router whose every route says `auth=Scope(…)`."""

    def add_api_operation(
        self, path: str, methods: list[str], view_func: Callable[..., Any], *, auth: Any = None, **options: Any
    ) -> None:
        """Add a route.

        Raises:
            TypeError: It names no scope.
        """
        if not isinstance(auth, Scope):
            raise TypeError(f"{view_func.__name__} at {path} names no scope: give it auth=Scope(…).")
        super().add_api_operation(path, methods, view_func, auth=auth, **options)


def caller_of(request: HttpRequest) -> ApiCaller:
    """Who calls, once `Scope` let them in."""
    return cast(ApiCaller, request.auth)  # type: ignore[attr-defined]


_known: dict[str, tuple[float, ApiCaller]] = {}


def _verified(secret: str) -> ApiCaller:
    """Who calls. A good key is believed for a second: a till's orders come faster than anybody revokes a key."""
    hashed, now = key_hash(secret), time.monotonic()
    seen = _known.get(hashed)
    if seen is not None and now - seen[0] <= FRESH_SECONDS:
        return seen[1]
    caller = verify_api_key(secret=secret, at=timezone.now())
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[hashed] = (now, caller)
    return caller


def forget() -> None:
    """Ask the database about every key again."""
    _known.clear()


def _secret(request: HttpRequest) -> str:
    """The key in the header, wherever Segment's libraries or a person with curl put it."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, ValueError) as error:
            raise BadApiKey("The Basic credentials cannot be read: send base64 of the key and a colon.") from error
    raise BadApiKey("Send an API key: `Authorization: Bearer KEY`, or Basic with the key as user name.")

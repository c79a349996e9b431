"""That somebody has a mailbox, for the quarter of an hour in which they fill in a form: sealed, in their own cookie."""

import json
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from regulars.staff.sealing import SecretUnreadable, seal, unseal

COOKIE: Final = "regulars_joining"
LASTS: Final = timedelta(minutes=15)


def keep_proof(response: HttpResponse, request: HttpRequest, address: str) -> None:
    """Let the browser keep it; nobody can read or change it there."""
    until = (timezone.now() + LASTS).timestamp()
    response.set_cookie(
        COOKIE, seal(json.dumps([address, until])), max_age=int(LASTS.total_seconds()), httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE or request.is_secure(),
    )  # fmt: skip


def proven_address(request: HttpRequest) -> str:
    """The address whose mailbox they have; '' if that was not shown, or too long ago."""
    try:
        address, until = json.loads(unseal(request.COOKIES.get(COOKIE, "")))
    except (SecretUnreadable, ValueError, TypeError):
        return ""
    return str(address) if timezone.now().timestamp() < until else ""


def forget_proof(response: HttpResponse) -> None:
    """It was used."""
    response.delete_cookie(COOKIE)

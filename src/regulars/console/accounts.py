"""Signing in: by e-mail, for people whom an owner has added; five wrong passwords close the door for a while."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.ratelimit import respond_429
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as remember_language

from regulars.console.access import public
from regulars.staff import actions, queries
from regulars.staff.rules import Actor


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """What django-allauth asks about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: an owner adds people."""
        return False

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Ask for the password again, by the person's own e-mail: no other addresses are kept for staff."""
        found = self.authenticate(self.request, email=user.get_username(), password=password)
        return found is not None and found.pk == user.pk


def login_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name under which wrong passwords are counted: one however it is spelt."""
    given = credentials or request.POST
    return str(given.get("email") or given.get("username") or given.get("login") or "").strip().lower()


def locked_out(request: HttpRequest, credentials: dict[str, Any] | None = None) -> HttpResponse:
    """The answer after too many wrong passwords: the same page (429.html) as for any other limit."""
    response: HttpResponse = respond_429(request)
    return response


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Change the language: in the browser, and for good in the person's profile when signed in."""
    member = queries.as_member(request.user)
    language = request.POST.get("language", "")
    if member is not None and language in actions.LANGUAGES:
        actions.change_profile(user_id=member.id, language=language, by=Actor(user_id=member.id), at=timezone.now())
    return remember_language(request)

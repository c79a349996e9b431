"""People who sign in: added, changed, shut out, let in again."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from regulars.core.errors import DomainError
from regulars.staff import rules
from regulars.staff.actions.audit import record
from regulars.staff.actions.business import LANGUAGES, UnknownLanguage
from regulars.staff.models import User
from regulars.staff.rules import Actor


class BadEmail(DomainError):
    """Not an e-mail address."""

    code = "bad_email"


class EmailTaken(DomainError):
    """Somebody signs in with this e-mail already."""

    code = "email_taken"


class WeakPassword(DomainError):
    """The password is too easy to guess."""

    code = "weak_password"


class LastOwner(DomainError):
    """Nobody would be left who may manage the staff."""

    code = "last_owner"


class UnknownMember(DomainError):
    """No such person."""

    code = "unknown_member"


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody who was just added, with the password to hand over."""

    id: int
    email: str
    password: str = field(repr=False)


def create_user(
    *,
    email: str,
    role: str,
    by: Actor,
    at: datetime,
    name: str = "",
    language: str = "",
    store_codes: Iterable[str] | None = None,
    password: str | None = None,
) -> NewMember:
    """Add somebody; without a password a random one is made and returned to be handed over.

    Raises:
        BadEmail, EmailTaken, UnknownRole, UnknownLanguage, WeakPassword: What the name says.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadEmail(f"{email!r} is not an e-mail address.") from error
    rules.capabilities_of(role)
    _check_language(language)
    user = User(
        email=email,
        name=name.strip(),
        role=role,
        language=language,
        store_codes=None if store_codes is None else sorted(set(store_codes)),
        created_at=at,
    )
    if password is None:
        password = secrets.token_urlsafe(12)
    else:
        _check_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            record(by=by, action="staff.add", at=at, subject_kind="user", subject_id=user.pk, detail={"role": role})
    except IntegrityError as error:
        if "email" not in str(error):
            raise
        raise EmailTaken(f"{email} signs in here already.") from error
    return NewMember(id=user.pk, email=email, password=password)


@transaction.atomic
def change_role(*, user_id: int, role: str, by: Actor, at: datetime) -> None:
    """Give somebody another role.

    Raises:
        LastOwner: They are the only owner left.
    """
    rules.capabilities_of(role)
    user = _locked(user_id)
    if user.role == role:
        return
    _keep_an_owner(user)
    before, user.role = user.role, role
    user.save(update_fields=["role"])
    _note("staff.role", user, by=by, at=at, detail={"from": before, "to": role})


@transaction.atomic
def change_stores(*, user_id: int, store_codes: Iterable[str] | None, by: Actor, at: datetime) -> None:
    """Say which stores somebody sees; None is every store."""
    user = _locked(user_id)
    user.store_codes = None if store_codes is None else sorted(set(store_codes))
    user.save(update_fields=["store_codes"])
    _note("staff.stores", user, by=by, at=at, detail={"stores": user.store_codes})


@transaction.atomic
def change_profile(
    *, user_id: int, by: Actor, at: datetime, name: str | None = None, language: str | None = None
) -> None:
    """Change how somebody is called or which language they read."""
    user = _locked(user_id)
    if language is not None:
        _check_language(language)
        user.language = language
    if name is not None:
        user.name = name.strip()[:100]
    user.save(update_fields=["name", "language"])
    _note("staff.profile", user, by=by, at=at)


def choose_menu(*, user_id: int, menu: str) -> None:
    """Which menu somebody wants: 'small', 'whole', or '' for whatever suits the business. A matter of taste: no audit.

    Raises:
        UnknownMember: There is no such person.
    """
    if not User.objects.filter(pk=user_id).update(menu=menu):
        raise UnknownMember("There is no such person.")


def hide_steps(*, user_id: int, hidden: bool) -> None:
    """Put the checklist of first steps away for somebody, or bring it back.

    Raises:
        UnknownMember: There is no such person.
    """
    if not User.objects.filter(pk=user_id).update(steps_hidden=hidden):
        raise UnknownMember("There is no such person.")


@transaction.atomic
def set_password(*, user_id: int, by: Actor, at: datetime, password: str | None = None) -> str:
    """Set a password, a random one unless given; every session of this person ends."""
    user = _locked(user_id)
    if password is None:
        password = secrets.token_urlsafe(12)
    else:
        _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    _note("staff.password", user, by=by, at=at)
    return password


@transaction.atomic
def deactivate(*, user_id: int, by: Actor, at: datetime) -> None:
    """Shut somebody out at once; what they did stays under their name.

    Raises:
        LastOwner: They are the only owner left.
    """
    user = _locked(user_id)
    if not user.is_active:
        return
    _keep_an_owner(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _note("staff.deactivate", user, by=by, at=at)


@transaction.atomic
def reactivate(*, user_id: int, by: Actor, at: datetime) -> None:
    """Let somebody in again."""
    user = _locked(user_id)
    if user.is_active:
        return
    user.is_active = True
    user.save(update_fields=["is_active"])
    _note("staff.reactivate", user, by=by, at=at)


def _locked(user_id: int) -> User:
    """The person, after every active owner is locked: two owners cannot remove each other at the same moment."""
    owners = User.objects.filter(role="owner", is_active=True).order_by("pk")
    list(owners.select_for_update(no_key=True).values_list("pk"))
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise UnknownMember("There is no such person.")
    return user


def _keep_an_owner(user: User) -> None:
    others = User.objects.filter(role="owner", is_active=True).exclude(pk=user.pk)
    if user.role == "owner" and user.is_active and not others.exists():
        raise LastOwner("This is the only owner: make somebody else an owner first.")


def _check_language(language: str) -> None:
    if language and language not in LANGUAGES:
        raise UnknownLanguage(f"The language is one of {', '.join(LANGUAGES)}.")


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages)) from error


def _note(action: str, user: User, *, by: Actor, at: datetime, detail: dict[str, object] | None = None) -> None:
    record(by=by, action=action, at=at, subject_kind="user", subject_id=user.pk, detail=detail)

"""API keys: made, checked, revoked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.staff import rules
from regulars.staff.actions.audit import record
from regulars.staff.models import ApiKey
from regulars.staff.rules import Actor, ApiCaller

# Asked on every call of the API, so it is a prepared statement.
FIND = """SELECT id, name, sha256, scopes, last_used_at, created_by_id FROM staff_apikey
          WHERE prefix = %s AND revoked_at IS NULL"""


class BadApiKey(DomainError):
    """Not a key, not a live one, or not its secret."""

    code = "bad_api_key"


class UnknownApiKey(DomainError):
    """No key with this id."""

    code = "unknown_api_key"


class NameMissing(DomainError):
    """A key without a name cannot be told from the others."""

    code = "name_missing"


class NameTaken(DomainError):
    """Another key that lives has this name, and the books tell keys apart by their names."""

    code = "name_taken"


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key that was just made: the only moment at which its secret can be read."""

    id: int
    prefix: str
    secret: str = field(repr=False)


@transaction.atomic
def create_api_key(*, name: str, scopes: Iterable[str], by: Actor, at: datetime) -> NewApiKey:
    """Make a key and return it with its secret, which is shown once.

    Raises:
        UnknownScope, NameMissing: As they say.
        NameTaken: A key of this name lives; once that is revoked the name is free.
    """
    allowed = sorted(rules.checked_scopes(frozenset(scopes)))
    if not (name := " ".join(name.split())[:100].strip()):
        raise NameMissing("Give the key a name that says who uses it.")
    prefix, secret = rules.new_key()
    taken = NameTaken(f"A key is called {name} already. Give this one another name, or revoke that one first.")
    if ApiKey.objects.filter(name=name, revoked_at=None).exists():
        raise taken
    try:
        with transaction.atomic():
            row = ApiKey.objects.create(
                name=name,
                prefix=prefix,
                sha256=rules.key_hash(secret),
                scopes=allowed,
                created_by_id=by.user_id,
                created_at=at,
            )
    except IntegrityError as error:
        raise taken from error
    record(by=by, action="apikeys.create", at=at, subject_kind="api_key", subject_id=row.pk, detail={"scopes": allowed})
    return NewApiKey(id=row.pk, prefix=prefix, secret=secret)


@transaction.atomic
def revoke_api_key(*, api_key_id: int, by: Actor, at: datetime) -> None:
    """End a key; web processes believe it for one more second. Ending it twice changes nothing."""
    if not ApiKey.objects.filter(pk=api_key_id).exists():
        raise UnknownApiKey("There is no such API key.")
    if ApiKey.objects.filter(pk=api_key_id, revoked_at=None).update(revoked_at=at):
        record(by=by, action="apikeys.revoke", at=at, subject_kind="api_key", subject_id=api_key_id)


def verify_api_key(*, secret: str, at: datetime) -> ApiCaller:
    """Who calls with this secret.

    Raises:
        BadApiKey: Unknown, revoked or wrong; the message does not say which.
    """
    prefix = rules.prefix_of(secret)
    rows = bulk.run(connection, FIND, [prefix]) if prefix else []
    if not rows or not rules.key_matches(secret, rows[0][2]):
        raise BadApiKey("This API key does not exist or was revoked.")
    [(key_id, name, _, scopes, last_used_at, made_by)] = rows
    if rules.is_use_worth_noting(last_used_at, at):
        # Of many calls at the same moment one writes and the rest go on without waiting for it.
        held = ApiKey.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=key_id)
        with transaction.atomic():
            if held.exists():
                ApiKey.objects.filter(pk=key_id).update(last_used_at=at)
    return ApiCaller(api_key_id=key_id, name=name, scopes=frozenset(scopes), made_by=made_by)

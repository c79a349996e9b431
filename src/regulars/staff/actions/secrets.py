"""Secrets that the business uses elsewhere, such as the key of an e-mail provider: set, replaced, forgotten."""

import re
from datetime import datetime

from django.db import transaction

from regulars.core.errors import DomainError
from regulars.staff.actions.audit import record
from regulars.staff.models import Secret
from regulars.staff.rules import Actor
from regulars.staff.sealing import seal

LONGEST = 4_000


class BadSecret(DomainError):
    """A secret has a name such as email.password, and is neither empty nor endless."""

    code = "bad_secret"


@transaction.atomic
def set_secret(*, name: str, value: str, by: Actor, at: datetime) -> None:
    """Keep a secret, sealed; nobody is shown it again. The audit line has its name only.

    Raises:
        BadSecret: No such name is possible, or the value is empty or too long.
    """
    if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", name) or len(name) > 60 or not value or len(value) > LONGEST:
        raise BadSecret("A secret needs a name in small letters and a value.")
    Secret.objects.update_or_create(name=name, defaults={"sealed": seal(value), "set_at": at})
    record(by=by, action="secrets.set", at=at, subject_kind="secret", subject_id=name)


@transaction.atomic
def forget_secret(*, name: str, by: Actor, at: datetime) -> None:
    """Delete a secret; one that is not there is fine."""
    if Secret.objects.filter(name=name).delete()[0]:
        record(by=by, action="secrets.forget", at=at, subject_kind="secret", subject_id=name)

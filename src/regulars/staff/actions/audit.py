"""The audit trail: one line for everything that somebody may have to answer for."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.staff.models import AuditEntry
from regulars.staff.rules import Actor, Once

LOCK_SPACE = 0x4F6E6365  # "Once"


class OtherRequest(DomainError):
    """A caller's key was used for something else."""

    code = "key_reused"


def record(
    *,
    by: Actor,
    action: str,
    at: datetime,
    subject_kind: str = "",
    subject_id: object = "",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add a line, in the caller's transaction.

    `detail` is kept for ever and outlives an erasure, so it carries ids, counts and setting names, never personal data.
    """
    AuditEntry.objects.create(
        at=at,
        user_id=by.user_id,
        api_key_id=by.api_key_id,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        detail=dict(detail or {}),
    )


def done_before(*, by: Actor, action: str, once: Once) -> str | None:
    """Id of what an API key's step was done to under the same key of its own; None if it is to be done now.

    To be called first thing in the transaction that does it and records it with `once.detail`: whoever asks the same at
    the same moment waits here until the first is through.

    Raises:
        OtherRequest: The key was used for another request.
    """
    _hold(by, once)
    found = AuditEntry.objects.filter(api_key_id=by.api_key_id, action=action, detail__key=once.key).first()
    if found is None:
        return None
    if found.detail.get("body") != once.body:
        raise OtherRequest("This key was used for another request; nothing was changed.")
    return found.subject_id


def _hold(by: Actor, once: Once) -> None:
    """One after the other, to the end of the transaction."""
    bulk.run(connection, "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_SPACE, f"{by.api_key_id}:{once.key}"])

"""The audit trail: one line for everything that somebody may have to answer for."""

from collections.abc import Mapping
from datetime import datetime

from regulars.staff.models import AuditEntry
from regulars.staff.rules import Actor


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

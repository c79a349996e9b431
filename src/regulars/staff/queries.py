"""Reading people, API keys, the audit trail and the business."""

from collections.abc import Iterable
from datetime import datetime

from regulars.staff.models import ApiKey, AuditEntry, Business, SavedView, Secret, User
from regulars.staff.rules import Actor, ApiKeyInfo, AuditLine, BusinessProfile, SavedFilter, StaffMember
from regulars.staff.sealing import unseal


def business() -> BusinessProfile:
    """The business as it is now.

    It is read afresh each time, by primary key: a kept copy would let one process file today's orders under
    yesterday's time zone.
    """
    row = Business.objects.filter(pk=1).first()
    if row is None:
        return BusinessProfile()
    return BusinessProfile(
        name=row.name,
        time_zone=row.time_zone,
        currency=row.currency,
        language=row.language,
        is_demo=row.is_demo,
        notice_zh=row.notice_zh,
        notice_en=row.notice_en,
        trade=row.trade,
        programme_by_another=row.programme_by_another,
        worth_points=row.worth_points,
        worth_minor=row.worth_minor,
        risk_review_score=row.risk_review_score,
        risk_freeze_score=row.risk_freeze_score,
        second_person_points=row.second_person_points,
        till_points=row.till_points,
        till_undo_minutes=row.till_undo_minutes,
    )


def has_business() -> bool:
    """Whether somebody has said who this business is."""
    return Business.objects.filter(pk=1).exists()


def has_staff() -> bool:
    """Whether anybody works here yet, or did."""
    return User.objects.exists()


def staff() -> list[StaffMember]:
    """Everybody who works here, those who can sign in first."""
    return [_member(user) for user in User.objects.order_by("-is_active", "email")]


def has_colleagues() -> bool:
    """Whether more than one person works here."""
    return User.objects.all()[1:2].exists()


def member(user_id: int) -> StaffMember | None:
    """One person."""
    user = User.objects.filter(pk=user_id).first()
    return _member(user) if user else None


def as_member(user: object) -> StaffMember | None:
    """The signed-in person behind a request's `user`; None for a visitor or somebody who was shut out."""
    return _member(user) if isinstance(user, User) and user.is_active else None


def member_by_email(email: str) -> StaffMember | None:
    """The person who signs in with this e-mail."""
    user = User.objects.filter(email=email.strip().lower()).first()
    return _member(user) if user else None


def names(user_ids: Iterable[int]) -> dict[int, str]:
    """How to call these people: their name, or their e-mail where they have none."""
    rows = User.objects.filter(pk__in=set(user_ids)).values_list("pk", "name", "email")
    return {pk: name or email for pk, name, email in rows}


def api_keys() -> list[ApiKeyInfo]:
    """Every API key, live ones first, newest first."""
    rows = ApiKey.objects.order_by("-id")
    return sorted((_key(row) for row in rows), key=lambda key: key.revoked_at is not None)


def living_key(api_key_id: int, *, scope: str) -> ApiKeyInfo | None:
    """A key that was not revoked and has this scope; None if there is none."""
    row = ApiKey.objects.filter(pk=api_key_id, revoked_at=None, scopes__contains=[scope]).first()
    return None if row is None else _key(row)


def audit_trail(
    *,
    before_id: int | None = None,
    subject: tuple[str, str] | None = None,
    user_id: int | None = None,
    area: str = "",
    limit: int = 50,
) -> list[AuditLine]:
    """The newest lines first; `before_id` continues where a page ended.

    Args:
        subject: Only what was done to this (kind, id).
        user_id: Only what this person did.
        area: Only actions of this kind: 'staff' for staff.add, staff.role, ….
    """
    rows = AuditEntry.objects.select_related("user", "api_key").order_by("-id")
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    if subject is not None:
        rows = rows.filter(subject_kind=subject[0], subject_id=subject[1])
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    if area:
        rows = rows.filter(action__startswith=f"{area}.")
    return [_line(row) for row in rows[:limit]]


def saved_views(user_id: int, page: str) -> list[SavedFilter]:
    """What this person keeps for a page, oldest first."""
    rows = SavedView.objects.filter(owner_id=user_id, page=page).order_by("id").values_list("id", "name", "query")
    return [SavedFilter(*row) for row in rows]


def secret(name: str) -> str | None:
    """A secret in plain text, for the code that uses it and for nobody's eyes; None if it was not set.

    Raises:
        SecretUnreadable: The instance's secret key is another one by now.
    """
    sealed = Secret.objects.filter(pk=name).values_list("sealed", flat=True).first()
    return None if sealed is None else unseal(sealed)


def secrets_set() -> dict[str, datetime]:
    """name → when it was last set, for every secret that is kept."""
    return dict(Secret.objects.order_by("name").values_list("name", "set_at"))


def _member(user: User) -> StaffMember:
    return StaffMember(
        id=user.pk,
        email=user.email,
        name=user.name,
        role=user.role,
        language=user.language,
        store_codes=None if user.store_codes is None else tuple(user.store_codes),
        is_active=user.is_active,
        created_at=user.created_at,
        last_login_at=user.last_login,
        menu=user.menu,
        steps_hidden=user.steps_hidden,
        has_pin=bool(user.till_pin),
    )


def _key(row: ApiKey) -> ApiKeyInfo:
    return ApiKeyInfo(
        id=row.pk,
        name=row.name,
        prefix=row.prefix,
        scopes=frozenset(row.scopes),
        created_by_id=row.created_by_id,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def _line(row: AuditEntry) -> AuditLine:
    if row.user is not None:
        name = row.user.name or row.user.email
    else:
        name = row.api_key.name if row.api_key is not None else ""
    return AuditLine(
        id=row.pk,
        at=row.at,
        actor=Actor(user_id=row.user_id, api_key_id=row.api_key_id),
        actor_name=name,
        action=row.action,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        detail=row.detail,
    )

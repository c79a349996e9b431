"""Verbs of signing in: links and codes that count once, sessions that end."""

import hashlib
import hmac
from datetime import datetime
from secrets import randbelow, token_urlsafe

from django.db import transaction
from django.db.models import Q

from regulars.core.errors import DomainError
from regulars.customers import consents
from regulars.customers.models import MemberSession, SignInCode, SignInLink
from regulars.customers.signing_in.queries import hashed, owner_of
from regulars.customers.signing_in.rules import (
    CODE_LASTS,
    DIGITS,
    JOIN,
    LINK_LASTS,
    SEEN_EVERY,
    SESSION_LASTS,
    TRIES,
    Asked,
    Issued,
    Proven,
    Session,
)
from regulars.staff.sealing import seal, token_for, unseal


class LinkOver(DomainError):
    """A sign-in QR was used already, or its five minutes are over."""

    code = "link_over"


def make_link(*, customer_id: int, by: str, at: datetime) -> str:
    """The token of a QR that signs a customer in once, within five minutes. What was made for them before is over."""
    group = consents.group(customer_id)
    SignInLink.objects.filter(customer_id__in=group, used_at=None, expires_at__gt=at).update(expires_at=at)
    token = token_urlsafe(24)
    SignInLink.objects.create(
        customer_id=customer_id, token_hash=hashed(token), made_at=at, made_by=by, expires_at=at + LINK_LASTS
    )
    return token


def use_link(*, token: str, at: datetime) -> int:
    """Whom a QR signs in. Of two who use it at once, one does.

    Raises:
        LinkOver: It does not count, or no more.
    """
    found = SignInLink.objects.filter(token_hash=hashed(token), used_at=None, expires_at__gt=at)
    customer_id = found.values_list("customer_id", flat=True).first()
    if customer_id is None or not found.update(used_at=at):
        raise LinkOver("This QR was used already, or is over; ask for a new one.")
    return int(customer_id)


def ask(*, address: str, purpose: str, language: str, at: datetime) -> Asked:
    """Write down that a code is wanted, whoever it is; whether one leaves is found out later, by `issue`."""
    attempt = token_urlsafe(24)
    row = SignInCode.objects.create(
        attempt_hash=hashed(attempt), contact=seal(address), purpose=purpose, language=language, asked_at=at,
        expires_at=at + CODE_LASTS,
    )  # fmt: skip
    return Asked(row.pk, attempt)


@transaction.atomic
def issue(*, code_id: int, at: datetime) -> Issued | None:
    """Make the code that was asked for, once; None where none is to leave, since nobody is known there."""
    row = SignInCode.objects.select_for_update().filter(pk=code_id, code_hash="", expires_at__gt=at).first()
    if row is None:
        return None
    address = unseal(row.contact)
    if row.purpose != JOIN and owner_of(address) is None:
        return None
    code = f"{randbelow(10**DIGITS):0{DIGITS}d}"
    row.code_hash = _code_hash(row.pk, code)
    row.save(update_fields=["code_hash"])
    return Issued(address, code, row.language, row.purpose)


def prove(*, attempt: str, code: str, at: datetime) -> Proven | None:
    """Whether this is the code that was sent; then it counts no more. A wrong one is counted, after five all are wrong.

    To be called inside a transaction that commits also when the answer is None.
    """
    row = SignInCode.objects.select_for_update().filter(attempt_hash=hashed(attempt)).first()
    if row is None or row.used_at is not None or row.expires_at <= at or row.wrong >= TRIES:
        return None
    if not row.code_hash or not hmac.compare_digest(row.code_hash, _code_hash(row.pk, code)):
        row.wrong += 1
        row.save(update_fields=["wrong"])
        return None
    row.used_at = at
    row.save(update_fields=["used_at"])
    return Proven(unseal(row.contact), row.purpose)


def open_session(*, customer_id: int, device: str, way: str, at: datetime) -> str:
    """Sign a customer in on a device; returns the token for its cookie."""
    token = token_urlsafe(32)
    MemberSession.objects.create(
        customer_id=customer_id, token_hash=hashed(token), device=device, way=way, opened_at=at, seen_at=at,
        expires_at=at + SESSION_LASTS,
    )  # fmt: skip
    return token


def note_seen(*, session: Session, at: datetime) -> bool:
    """Keep that a device was used, an hour's worth at a time; it stays signed in from then on."""
    if at - session.seen_at < SEEN_EVERY:
        return False
    MemberSession.objects.filter(pk=session.id, ended_at=None).update(seen_at=at, expires_at=at + SESSION_LASTS)
    return True


def end_session(*, customer_id: int, session_id: int, at: datetime) -> bool:
    """Sign one device of a customer out; another member's is not touched."""
    mine = MemberSession.objects.filter(customer_id__in=consents.group(customer_id), ended_at=None)
    return mine.filter(pk=session_id).update(ended_at=at) > 0


def end_sessions(*, customer_id: int, at: datetime, but: int | None = None) -> int:
    """Sign a customer out everywhere, or everywhere but here; returns on how many devices."""
    mine = MemberSession.objects.filter(customer_id__in=consents.group(customer_id), ended_at=None)
    return mine.filter(~Q(pk=but)).update(ended_at=at)


def forget(*, before: datetime) -> int:
    """Forget codes, links and sessions that are over since then; returns how many."""
    gone = SignInCode.objects.filter(expires_at__lt=before).delete()[0]
    gone += SignInLink.objects.filter(expires_at__lt=before).delete()[0]
    return gone + MemberSession.objects.filter(Q(ended_at__lt=before) | Q(expires_at__lt=before)).delete()[0]


def _code_hash(row_id: int, code: str) -> str:
    """A hash that says nothing to who reads the table: a million codes would be tried in a second without the key."""
    return hmac.new(token_for("sign-in code").encode(), f"{row_id} {code}".encode(), hashlib.sha256).hexdigest()

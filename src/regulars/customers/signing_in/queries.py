"""Reading who is signed in where, and which address is whose."""

import hashlib
import hmac
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.customers import consents
from regulars.customers.identities import IdentityKind
from regulars.customers.models import MemberSession, SignInCode
from regulars.customers.signing_in.rules import Session
from regulars.staff.sealing import token_for, unseal

WHO = """
SELECT s.id, s.customer_id, coalesce(c.canonical_id, c.id), s.device, s.way, s.opened_at, s.seen_at
FROM customers_membersession s JOIN customers_customer c ON c.id = s.customer_id
WHERE s.token_hash = %s AND s.ended_at IS NULL AND s.expires_at > %s
"""
OWNER = """
SELECT coalesce(c.canonical_id, c.id) FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
WHERE (i.kind, i.space, i.value) = (%s, '', %s)
"""


def session(token: str, *, at: datetime) -> Session | None:
    """Whose cookie this is; None if nobody is signed in with it."""
    rows = bulk.run(connection, WHO, [hashed(token), at]) if token else []
    return Session(*rows[0]) if rows else None


def devices(customer_id: int, *, at: datetime) -> list[Session]:
    """Where a customer's group is signed in, the last used first."""
    rows = MemberSession.objects.filter(
        customer_id__in=consents.group(customer_id), ended_at=None, expires_at__gt=at
    ).order_by("-seen_at", "-id")
    return [
        Session(row.pk, row.customer_id, customer_id, row.device, row.way, row.opened_at, row.seen_at) for row in rows
    ]


def owner_of(address: str) -> int | None:
    """Who stands for the group that has this e-mail address."""
    rows = bulk.run(connection, OWNER, [IdentityKind.EMAIL, address])
    return int(rows[0][0]) if rows else None


def address_of(attempt: str) -> str:
    """The address for which somebody asked for a code; '' if nobody did."""
    row = SignInCode.objects.filter(attempt_hash=hashed(attempt)).only("contact").first()
    return unseal(row.contact) if row is not None and row.contact else ""


def subject_of(what: str, value: str) -> int:
    """A number for an address or a network, for `limits`: nobody can tell from it whose it is."""
    key = token_for("sign-in limits").encode()
    return int.from_bytes(hmac.new(key, f"{what} {value}".encode(), hashlib.sha256).digest()[:8], "big") >> 1


def hashed(token: str) -> str:
    """What is kept of a token: it is long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()

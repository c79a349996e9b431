"""Reading memberships: who joined, by which texts, and through which QR."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.customers import consents
from regulars.customers.enrolling.rules import CHARTER, DRAFT, PRIVACY
from regulars.customers.enrolling.texts import DRAFTS
from regulars.customers.models import Enrolment, JoinCode, MemberText


@dataclass(frozen=True, slots=True)
class MemberTextView:
    """A version of a text; version 0 is the draft that comes along."""

    kind: str
    version: int
    words: Text
    made_at: datetime | None = None
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """When and where somebody joined, and what they agreed to."""

    customer_id: int
    at: datetime
    place: str
    store: str
    actor: str
    charter: int
    privacy: int
    guardian: str


@dataclass(frozen=True, slots=True)
class Entrance:
    """A QR through which people join. `user_id` is whose it is, None for a store's or a table's."""

    id: int
    code: str
    place: str
    store: str
    label: str
    user_id: int | None
    made_at: datetime


def current_versions() -> tuple[int, int]:
    """The versions of the charter and of the privacy text that hold now; 0 is the draft."""
    rows = dict(bulk.run(connection, "SELECT kind, max(version) FROM customers_membertext GROUP BY kind"))
    return rows.get(CHARTER, DRAFT), rows.get(PRIVACY, DRAFT)


def text(kind: str, version: int | None = None) -> MemberTextView | None:
    """A text as it was in a version, or as it is now."""
    found = MemberText.objects.filter(kind=kind).order_by("-version")
    row = (found if version is None else found.filter(version=version)).first()
    if row is not None:
        return MemberTextView(kind, row.version, Text(row.zh, row.en), row.made_at, row.made_by)
    return MemberTextView(kind, DRAFT, DRAFTS[kind]) if kind in DRAFTS and version in (None, DRAFT) else None


def versions(kind: str) -> list[MemberTextView]:
    """Every version that was kept, the newest first."""
    rows = MemberText.objects.filter(kind=kind).order_by("-version")
    return [MemberTextView(kind, row.version, Text(row.zh, row.en), row.made_at, row.made_by) for row in rows]


def joined(customer_id: int) -> Joined | None:
    """When a customer's group joined first; None if nobody of it did."""
    fields = ("customer_id", "at", "place", "store", "actor", "charter", "privacy", "guardian")
    row = (
        Enrolment.objects.filter(customer_id__in=consents.group(customer_id)).order_by("at").values_list(*fields)
    ).first()
    return Joined(*row) if row else None


def entrances() -> list[Entrance]:
    """The QRs in use, the newest first."""
    return [_entrance(row) for row in JoinCode.objects.filter(retired_at=None).order_by("-id")]


def entrance(code: str) -> Entrance | None:
    """The QR with this code, if it is in use."""
    row = JoinCode.objects.filter(code=code.strip().upper()[:12], retired_at=None).first()
    return _entrance(row) if row else None


def counts(entrance_ids: Iterable[int]) -> dict[int, int]:
    """How many joined through each of these."""
    rows = bulk.run(
        connection,
        """SELECT join_code_id, count(*) FROM customers_enrolment WHERE join_code_id = ANY(%b::bigint[])
           GROUP BY 1""",
        [bulk.Column("bigint", sorted(entrance_ids))],
    )
    return dict(rows)


def _entrance(row: JoinCode) -> Entrance:
    return Entrance(row.pk, row.code, row.place, row.store, row.label, row.user_id, row.made_at)

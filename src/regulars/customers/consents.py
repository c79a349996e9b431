"""Reading who may be written to: what they allowed, what they took back, and at which address they can be reached.

Everything is read of the whole group of a customer, and for thousands of them at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import connection

from regulars.core import bulk
from regulars.customers.identities import IdentityKind

PROMOTION: Final = "promotion"
SERVICE: Final = "service"
GRANTED: Final = "granted"
WITHDRAWN: Final = "withdrawn"


class Needs(StrEnum):
    """What a channel asks for before it may be used."""

    GRANTED = "granted"
    NOT_WITHDRAWN = "not_withdrawn"


NEEDS: Final[Mapping[tuple[str, str], Needs]] = {
    (PROMOTION, "email"): Needs.GRANTED,
    (PROMOTION, "copy_list"): Needs.NOT_WITHDRAWN,
}
"""By (purpose, channel); what is not named needs 'not withdrawn'. A promotion by e-mail must have been asked for, while
the personal note of somebody who knows the guest, and notices about one's own points, may come until they are refused.
"""

MEMBERS = f"""
SELECT w.id AS asked, c.id AS member FROM {bulk.unnest("bigint")} AS w (id)
JOIN customers_customer k ON k.id = w.id JOIN customers_customer c ON c.canonical_id = k.canonical_id
"""
STATES = f"""
SELECT DISTINCT ON (g.asked) g.asked, s.granted FROM ({MEMBERS}) g
JOIN customers_consent s ON s.customer_id = g.member AND s.purpose = %s AND s.channel = %s
WHERE s.at <= coalesce(%s::timestamptz, 'infinity')
ORDER BY g.asked, s.at DESC, s.id DESC
"""
EMAILS = f"""
SELECT DISTINCT ON (g.asked) g.asked, i.id, i.value FROM ({MEMBERS}) g
JOIN customers_identity i ON i.customer_id = g.member AND i.kind = {IdentityKind.EMAIL.value}
WHERE NOT EXISTS (SELECT FROM customers_unreachable u WHERE u.identity_id = i.id AND u.cleared_at IS NULL)
ORDER BY g.asked, i.created_at DESC, i.id DESC
"""
# Whoever copies a message by hand has to find the guest among their contacts: by name, or by phone.
KNOWN = f"""
SELECT DISTINCT ON (g.asked) g.asked, coalesce(i.id, 0), coalesce(nullif(c.name, ''), i.value) FROM ({MEMBERS}) g
JOIN customers_customer c ON c.id = g.member
LEFT JOIN customers_identity i ON i.customer_id = g.member AND i.kind = {IdentityKind.PHONE.value}
WHERE c.name <> '' OR i.id IS NOT NULL
ORDER BY g.asked, c.name = '', i.id DESC NULLS LAST
"""

GROUPS = """
SELECT canonical_id, id, language, listed FROM customers_customer WHERE canonical_id = ANY(%b::bigint[])
ORDER BY id DESC
"""
HAS_EMAIL = f"""
SELECT i.customer_id FROM customers_identity i
WHERE i.customer_id = ANY(%b::bigint[]) AND i.kind = {IdentityKind.EMAIL.value}
  AND NOT EXISTS (SELECT FROM customers_unreachable u WHERE u.identity_id = i.id AND u.cleared_at IS NULL)
"""
HAS_NAME = f"""
SELECT c.id FROM customers_customer c WHERE c.id = ANY(%b::bigint[]) AND (c.name <> '' OR EXISTS (
  SELECT FROM customers_identity i WHERE i.customer_id = c.id AND i.kind = {IdentityKind.PHONE.value}))
"""
SAID_LAST = """
SELECT DISTINCT ON (s.customer_id) s.customer_id, s.at, s.id, s.granted FROM customers_consent s
WHERE s.customer_id = ANY(%b::bigint[]) AND s.purpose = %s AND s.channel = %s
  AND s.at <= coalesce(%s::timestamptz, 'infinity')
ORDER BY s.customer_id, s.at DESC, s.id DESC
"""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a customer can be reached on a channel; `identity_id` is 0 for somebody known by name only."""

    identity_id: int
    value: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a customer may be written to.

    Attributes:
        refused: '' if so, else 'no_address', 'unsubscribed' or 'no_consent', the first that holds.
        language: 'zh-hans' or 'en' as they chose it, '' if they did not.
    """

    refused: str
    language: str


@dataclass(frozen=True, slots=True)
class Said:
    """One entry of the history: what a customer allowed or took back, when, where, and by whom it was written down."""

    customer_id: int
    purpose: str
    channel: str
    granted: bool
    at: datetime
    source: str
    actor: str
    note: str
    wording: str


@dataclass(frozen=True, slots=True)
class AddressTrouble:
    """An address of a customer that takes no messages, and why."""

    identity_id: int
    value: str
    why: str
    detail: str
    at: datetime
    source: str


def states(customer_ids: Iterable[int], purpose: str, channel: str, *, at: datetime | None = None) -> dict[int, str]:
    """customer id → 'granted' or 'withdrawn', the group's latest word (until `at`); who said none is left out."""
    rows = bulk.run(connection, STATES, [bulk.Column("bigint", sorted(set(customer_ids))), purpose, channel, at])
    return {row[0]: GRANTED if row[1] else WITHDRAWN for row in rows}


def needed(purpose: str, channel: str) -> Needs:
    """What a purpose needs on a channel."""
    return NEEDS.get((purpose, channel), Needs.NOT_WITHDRAWN)


def refusals(customer_ids: Iterable[int], purpose: str, channel: str, *, at: datetime | None = None) -> dict[int, str]:
    """customer id → 'unsubscribed' or 'no_consent' for those who may not be written to; the others are left out."""
    wanted = set(customer_ids)
    said = states(wanted, purpose, channel, at=at)
    refused = {who: "unsubscribed" for who, state in said.items() if state == WITHDRAWN}
    if needed(purpose, channel) is Needs.GRANTED:
        refused |= dict.fromkeys(wanted - said.keys(), "no_consent")
    return refused


def present(customer_ids: Iterable[int]) -> set[int]:
    """Those of these customers who stand for their group and of whom something is left."""
    rows = bulk.run(
        connection,
        "SELECT id FROM customers_customer WHERE id = ANY(%b::bigint[]) AND listed",
        [bulk.Column("bigint", sorted(set(customer_ids)))],
    )
    return {row[0] for row in rows}


def reach(
    customer_ids: Iterable[int], *, channel: str, at: datetime | None = None, purpose: str = PROMOTION
) -> dict[int, Reach]:
    """customer id → whether they may be written to on a channel, and in which language; for a million, some at a time.

    Who does not stand for their group, and of whom nothing is left, is left out. It says what `addresses`, `refusals`
    and `languages` say, in a fifth of their time: each table is asked once by key, and groups are put together here.

    Args:
        at: Nothing that was said later counts.
    """
    groups = bulk.run(connection, GROUPS, [bulk.Column("bigint", sorted(set(customer_ids)))])
    head_of = {member: head for head, member, *_ in groups}
    members = bulk.Column("bigint", sorted(head_of))
    spoken = {head: language for head, member, language, _ in groups if language and head != member}
    spoken |= {head: language for head, member, language, _ in groups if language and head == member}
    found = bulk.run(connection, HAS_EMAIL if channel == "email" else HAS_NAME, [members])
    reachable = {head_of[row[0]] for row in found}
    latest: dict[int, tuple[datetime, int, bool]] = {}
    for member, *said in bulk.run(connection, SAID_LAST, [members, purpose, channel, at]):
        head, told = head_of[member], (said[0], said[1], said[2])
        latest[head] = max(latest.get(head, told), told)
    silent = "no_consent" if needed(purpose, channel) is Needs.GRANTED else ""

    def refused(one: int) -> str:
        if one not in reachable:
            return "no_address"
        return silent if one not in latest else "" if latest[one][2] else "unsubscribed"

    return {
        head: Reach(refused(head), spoken.get(head, ""))
        for head, member, _, present in groups
        if present and head == member
    }


def addresses(customer_ids: Iterable[int], channel: str) -> dict[int, Address]:
    """customer id → where the group can be reached; who cannot is left out.

    For 'email' the newest address that takes messages. For any other channel, which a person works by hand, the name or
    the phone to find them by.
    """
    statement = EMAILS if channel == "email" else KNOWN
    rows = bulk.run(connection, statement, [bulk.Column("bigint", sorted(set(customer_ids)))])
    return {row[0]: Address(row[1], row[2]) for row in rows}


def history(customer_id: int, *, most: int = 200) -> list[Said]:
    """What a customer's group said, the latest first."""
    rows = bulk.run(
        connection,
        f"""SELECT s.customer_id, s.purpose, s.channel, s.granted, s.at, s.source, s.actor, s.note, s.wording
            FROM ({MEMBERS}) g JOIN customers_consent s ON s.customer_id = g.member
            ORDER BY s.at DESC, s.id DESC LIMIT %s""",
        [bulk.Column("bigint", [customer_id]), most],
    )
    return [Said(*row) for row in rows]


def troubles(customer_id: int) -> list[AddressTrouble]:
    """Addresses of a customer's group that take no messages."""
    rows = bulk.run(
        connection,
        f"""SELECT i.id, i.value, u.why, u.detail, u.at, u.source FROM ({MEMBERS}) g
            JOIN customers_identity i ON i.customer_id = g.member
            JOIN customers_unreachable u ON u.identity_id = i.id AND u.cleared_at IS NULL ORDER BY u.at DESC, i.id""",
        [bulk.Column("bigint", [customer_id])],
    )
    return [AddressTrouble(*row) for row in rows]


def group(customer_id: int) -> list[int]:
    """Everybody of a customer's group, by id."""
    return groups([customer_id]).get(customer_id, [])


def groups(customer_ids: Iterable[int]) -> dict[int, list[int]]:
    """customer id → everybody of the customer's group, by id; an unknown customer has none."""
    asked = bulk.Column("bigint", sorted(set(customer_ids)))
    found: dict[int, list[int]] = {}
    for who, member in bulk.run(connection, f"SELECT asked, member FROM ({MEMBERS}) g ORDER BY 1, 2", [asked]):
        found.setdefault(who, []).append(member)
    return found


def languages(customer_ids: Iterable[int]) -> dict[int, str]:
    """customer id → the language that somebody of the group chose ('zh-hans', 'en'); who chose none is left out."""
    rows = bulk.run(
        connection,
        f"""SELECT DISTINCT ON (g.asked) g.asked, c.language FROM ({MEMBERS}) g
            JOIN customers_customer c ON c.id = g.member WHERE c.language <> ''
            ORDER BY g.asked, c.id <> c.canonical_id, c.id""",
        [bulk.Column("bigint", sorted(set(customer_ids)))],
    )
    return {row[0]: row[1] for row in rows}

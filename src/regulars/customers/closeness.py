"""Whose an identity is, since when a group is known, and whose phones lie close to one another."""

from collections.abc import Sequence
from datetime import date

from django.db import connection

from regulars.core import bulk
from regulars.customers.identities import IdentityKind

NEIGHBOURS = 5
"""Phones are close to one another up to so many numbers apart."""


def owners(identity_ids: Sequence[int]) -> dict[int, int]:
    """identity id → who stands for the group that it belongs to."""
    rows = bulk.run(
        connection,
        """SELECT i.id, c.canonical_id FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
           WHERE i.id = ANY(%b::bigint[])""",
        [bulk.Column("bigint", sorted(set(identity_ids)))],
    )
    return {row[0]: row[1] for row in rows}


def joined(canonical_ids: Sequence[int]) -> dict[int, date]:
    """Who stands for a group → the day on which the first of it joined."""
    rows = bulk.run(
        connection,
        """SELECT canonical_id, min(joined_on) FROM customers_customer
           WHERE canonical_id = ANY(%b::bigint[]) GROUP BY 1""",
        [bulk.Column("bigint", sorted(set(canonical_ids)))],
    )
    return {row[0]: row[1] for row in rows}


def phone_neighbours(canonical_ids: Sequence[int]) -> dict[int, list[int]]:
    """Who stands for a group → who stands for others whose phones are at most `NEIGHBOURS` numbers apart.

    Who has none is left out. Each number beside a phone is looked up by itself, so that no index has to sort texts.
    """
    beside: dict[str, set[int]] = {}
    for canonical_id, phone in _phones(canonical_ids):
        number = int(phone[1:])
        for near in range(number - NEIGHBOURS, number + NEIGHBOURS + 1):
            beside.setdefault(f"+{near}", set()).add(canonical_id)
    if not beside:
        return {}
    rows = bulk.run(
        connection,
        f"""SELECT w.value, c.canonical_id FROM {bulk.unnest("text")} AS w (value)
            JOIN customers_identity i ON (i.kind, i.space, i.value) = ({int(IdentityKind.PHONE)}, '', w.value)
            JOIN customers_customer c ON c.id = i.customer_id""",
        [bulk.Column("text", sorted(beside))],
    )
    found: dict[int, set[int]] = {}
    for phone, other in rows:
        for one in beside[phone] - {other}:
            found.setdefault(one, set()).add(other)
    return {one: sorted(others) for one, others in found.items()}


def _phones(canonical_ids: Sequence[int]) -> list[tuple[int, str]]:
    rows = bulk.run(
        connection,
        f"""SELECT c.canonical_id, i.value FROM customers_customer c
            JOIN customers_identity i ON i.customer_id = c.id AND i.kind = {int(IdentityKind.PHONE)}
            WHERE c.canonical_id = ANY(%b::bigint[])""",
        [bulk.Column("bigint", sorted(set(canonical_ids)))],
    )
    return [(row[0], row[1]) for row in rows if row[1][:1] == "+" and row[1][1:].isdecimal()]


def with_emails(emails: Sequence[str]) -> dict[int, str]:
    """Who stands for the groups that have these e-mails → the e-mail."""
    rows = bulk.run(
        connection,
        f"""SELECT c.canonical_id, i.value FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
            WHERE i.kind = {IdentityKind.EMAIL} AND i.space = '' AND i.value = ANY(%b::text[])""",
        [bulk.Column("text", sorted(set(emails)))],
    )
    return {row[0]: row[1] for row in rows}

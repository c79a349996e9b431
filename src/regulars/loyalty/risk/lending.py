"""Whose personal coupons others presented: orders that told a code which was issued to somebody else."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import connection

from regulars.core import bulk
from regulars.customers import queries as customers
from regulars.facts import orders
from regulars.loyalty.coupons import codes, presented
from regulars.loyalty.coupons.rules import SomebodyElsesCoupon
from regulars.loyalty.risk.rules import Lent

MOST: Final = 20_000
"""Of very many only the newest are read: then it is one shop's mistake, and not one member's doing."""


def lent(groups: dict[int, int], *, since: datetime, until: datetime) -> dict[int, list[Lent]]:
    """Who stands for a group → when others presented coupons of the group, in the order of time.

    Args:
        groups: Every member of the groups → who stands for it.
    """
    rows = bulk.run(
        connection,
        """SELECT source_id, order_key, code, at FROM loyalty_unmatchedcode
           WHERE reason = %s AND at > %s AND at <= %s ORDER BY at DESC LIMIT %s""",
        [SomebodyElsesCoupon.code, since, until, MOST],
    )
    if not rows:
        return {}
    owner = owners({row[2] for row in rows})
    mine = [(row, groups[owner[row[2]]]) for row in rows if owner.get(row[2]) in groups]
    buyer = orders.buyers([(row[0], row[1]) for row, _ in mine]) if mine else {}
    standing = customers.canonicals(set(buyer.values())) if buyer else {}
    found: defaultdict[int, list[Lent]] = defaultdict(list)
    for (source, key, _, at), group in reversed(mine):
        by = standing.get(buyer.get((source, key), 0))
        if by is not None and by != group:
            found[group].append(Lent(at, by))
    return found


def owners(told: Iterable[str]) -> dict[str, int]:
    """Code as it was told → the customer to whom the coupon was issued; nobody for what is no personal coupon."""
    letters: dict[str, str] = {}
    for code in told:
        try:
            letters[code] = presented.read(code)
        except codes.MalformedCode:
            continue
    if not letters:
        return {}
    rows = bulk.run(
        connection,
        "SELECT code, customer_id FROM loyalty_coupon WHERE code = ANY(%b::text[]) AND customer_id IS NOT NULL",
        [bulk.Column("text", sorted(set(letters.values())))],
    )
    by = {row[0]: row[1] for row in rows}
    return {code: by[kept] for code, kept in letters.items() if kept in by}

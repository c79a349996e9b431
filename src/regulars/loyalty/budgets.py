"""Reading what rules with a budget for all members together have given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from regulars.core import bulk
from regulars.limits import queries as limits
from regulars.limits.rules import Kind


@dataclass(frozen=True, slots=True)
class Share:
    """What a fact was given of a budget: the rule's code, how much, and whether it went back."""

    id: int
    fact_id: int
    budget_id: int
    code: str
    amount: int
    returned: bool


SHARES = """
SELECT s.id, s.fact_id, s.budget_id, b.code, s.amount, s.returned
FROM loyalty_budgetshare s JOIN loyalty_rulebudget b ON b.id = s.budget_id
"""


def shares_of(customer_ids: Sequence[int]) -> list[Share]:
    """What facts that were recorded for these customers were given."""
    column = bulk.Column("bigint", list(customer_ids))
    rows = bulk.run(connection, f"{SHARES} WHERE s.customer_id = ANY(%b::bigint[])", [column])
    return [Share(*row) for row in rows]


def shares_between(after: int, upto: int) -> list[Share]:
    """What facts of everybody were given who belongs to a group that stands at an id in (after, upto]."""
    rows = bulk.run(
        connection,
        f"""{SHARES} JOIN customers_customer c ON c.id = s.customer_id
            WHERE c.canonical_id > %s AND c.canonical_id <= %s""",
        [after, upto],
    )
    return [Share(*row) for row in rows]


def by_fact(shares: Sequence[Share]) -> dict[int, dict[str, int]]:
    """Fact → rule code → amount, as items of the fold carry it."""
    found: dict[int, dict[str, int]] = {}
    for share in shares:
        found.setdefault(share.fact_id, {})[share.code] = share.amount
    return found


def used() -> Mapping[str, int]:
    """Rule code → what stands of its budget's use."""
    ids = {row[0]: row[1] for row in bulk.run(connection, "SELECT id, code FROM loyalty_rulebudget")}
    return {ids[one]: amount for one, amount in limits.kept(Kind.RULE_BUDGET).items() if one in ids}


def differences() -> tuple[list[str], Mapping[str, int]]:
    """Where shares and their count disagree, in words, and how many shares were checked."""
    rows = bulk.run(
        connection,
        """SELECT b.id, b.code, count(*), coalesce(sum(s.amount) FILTER (WHERE NOT s.returned), 0)::bigint
           FROM loyalty_rulebudget b LEFT JOIN loyalty_budgetshare s ON s.budget_id = b.id GROUP BY 1, 2 ORDER BY 1""",
    )
    counted = limits.kept(Kind.RULE_BUDGET)
    found = [
        f"budget of rule {code}: {stand} stand, and {counted.get(one, 0)} are counted"
        for one, code, _, stand in rows
        if counted.get(one, 0) != stand
    ]
    return found, {"budget_shares": sum(row[2] for row in rows)}

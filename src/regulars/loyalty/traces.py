"""The trace of what was earned, said again by the fold: which rule gave what, and what a limit cut.

Nothing of it is kept (ADR 7): facts, commands and live versions never change, so neither does what the fold says.
"""

from collections.abc import Iterable
from datetime import datetime

from regulars.customers import queries as customers
from regulars.loyalty import queries
from regulars.loyalty.earning.rules import Earning
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Policies


def earnings(customer_ids: Iterable[int], policies: Policies, times: Iterable[datetime]) -> dict[int, Earning]:
    """What these customers' facts earned under versions with rules, by fact id.

    Args:
        times: When the facts happened that somebody asks about; where no version of these times has rules, nothing
            needs to be folded.
    """
    asked = [policies.at(at) for at in times]
    if not any(policy.is_traced for policy in asked):
        return {}
    found: dict[int, Earning] = {}
    canonical = set(customers.canonicals(customer_ids).values())
    _, histories = queries.histories(sorted(canonical), policies)
    for items in histories.values():
        fold = Fold(policies)
        for item in items:
            fold.apply(item)
        found.update(fold.earnings)
    return found

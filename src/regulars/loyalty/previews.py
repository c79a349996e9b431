"""What something would come to, asked before anything is written; the answer is the fold's own."""

from datetime import date, datetime

from regulars.facts.rules import Body
from regulars.loyalty.queries import order_item
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Policies


def points_of_order(*, at: datetime, day: date, paid: int, body: Body, policies: Policies) -> int:
    """Points that an order of a new customer would earn; `paid` in minor units."""
    fold = Fold(policies)
    fold.apply(order_item(1, 1, at, day, 1, "1", paid, body))
    return sum(lot.issued for lot in fold.lots.values())

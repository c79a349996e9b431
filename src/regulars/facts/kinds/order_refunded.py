"""Order Refunded: money went back for an order, whole or line by line.

Body: currency and lines [[line id, amount in minor units], …]; no lines means the fact's amount over the whole order,
and no amount either means everything that is left. The order's own key is the fact's subject.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.facts.kinds import fields
from regulars.facts.rules import Body, MalformedFact

CODE = 2
NAME = "Order Refunded"
MOST_LINES = 2000


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """The body of Segment's Order Refunded properties: order_id, and products with line_id and `total` for a part.

    Raises:
        MalformedFact: A field is missing or wrong.
    """
    fields.check_currency(properties, currency)
    fields.text(properties, "order_id", required=True)
    products = properties.get("products") or []
    if not isinstance(products, list) or len(products) > MOST_LINES:
        raise MalformedFact(f"products must be a list of at most {MOST_LINES}.", field="products")
    lines = []
    for position, product in enumerate(products):
        if not isinstance(product, Mapping):
            raise MalformedFact(f"products[{position}] must be an object.", field="products")
        amount = fields.money(product, "total", currency)
        if amount is None:
            raise MalformedFact(
                f"products[{position}].total is missing: how much of the line went back?", field="products"
            )
        lines.append([fields.text(product, "line_id", required=True), amount])
    return {"currency": currency, "lines": lines}


def is_whole(
    paid: int, bought: Sequence[tuple[str, int]], refunds: Sequence[tuple[int | None, Sequence[tuple[str, int]]]]
) -> bool:
    """Whether refunds, in one or in several, gave all of an order back, as the fold counts them.

    Args:
        paid: What was paid for it, minor units; `bought` its lines, (line id, amount).
        refunds: (amount, [(line id, amount), …]) of each: with lines the amount says nothing, without either it is all.
    """
    left = dict(bought)
    returned = 0
    for amount, lines in refunds:
        if amount is None and not lines:
            return True
        if not lines:
            returned += amount or 0
        for line_id, back in lines:
            part = min(back, left[line_id]) if line_id in left else back
            if line_id in left:
                left[line_id] -= part
            returned += part
    return bool(refunds) and (returned >= paid or not any(left.values()))

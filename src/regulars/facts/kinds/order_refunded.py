"""Order Refunded: money went back for an order, whole or line by line.

Body: currency and lines [[line id, amount in minor units], …]; no lines means the fact's amount over the whole order,
and no amount either means everything that is left. The order's own key is the fact's subject.
"""

from collections.abc import Mapping
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
    told = fields.text(properties, "currency") or currency
    if told != currency:
        raise MalformedFact(
            f"currency {told} is not the programme's {currency}; convert the amounts.", field="currency"
        )
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

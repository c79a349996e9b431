"""Order Cancelled: the order counts as never made. Body: empty; the order's own key is the fact's subject."""

from collections.abc import Mapping
from typing import Any

from regulars.facts.kinds import fields
from regulars.facts.rules import Body

CODE = 3
NAME = "Order Cancelled"


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """An empty body; order_id must be there.

    Raises:
        MalformedFact: order_id is missing.
    """
    fields.text(properties, "order_id", required=True)
    return {}
